"""The KPIs over the API: who may ask what, and how a figure is shown. The engine computes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import MoneyHidden, invalid
from app.features.kpis.errors import UnknownKpi
from app.features.kpis.schemas import Include, NumberForm, ValuesQuery
from app.measures.catalogue import CATALOGUE, KPIS
from app.measures.definition import Conventions, Definition
from app.measures.engine import Answer, Question, evaluate
from app.measures.figures import Figure, lower_bound_text, part_text, sample_size, value_text
from app.measures.sources.base import DIMENSIONS

Values = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """An answer as it is shown: `columns` are the fields of a row, in order."""

    columns: tuple[str, ...]
    content: Values


def list_kpis() -> list[Values]:
    return [_shown(definition) for definition in CATALOGUE]


def get_kpi(name: str) -> Values:
    return _shown(definition_of(name))


def definition_of(name: str) -> Definition:
    if name not in KPIS:
        raise UnknownKpi(f"There is no KPI {name!r}: GET /v1/kpis lists them.")
    return KPIS[name]


def kpi_values(conn: sa.Connection, caller: Caller, name: str, query: ValuesQuery, conventions: Conventions) -> Table:
    definition = definition_of(name)
    _check_question(definition, query)
    _check_money(caller, definition, query)
    question = Question(
        definition,
        query.start,
        query.until,
        query.grain,
        tuple(dict.fromkeys(dimension.value for dimension in query.group_by or ())),
        tuple(query.filters.items()),
        query.currency,
    )
    answer = evaluate(conn, question, conventions)
    show = _Show(question, answer, query, clock.today())
    content: Values = {
        "meta": _meta(question, answer, conventions),
        "rows": [show.row(figure) for figure in answer.figures],
    }
    if Include.TOTALS in (query.include or ()):
        content["totals"] = [show.row(figure) for figure in answer.totals]
    return Table(show.columns, content)


def _shown(definition: Definition) -> Values:
    return {
        "name": definition.name,
        "label": definition.label,
        "description": definition.description,
        "type": definition.type,
        **_formula(definition),
        "time_dimension": definition.time_dimension,
        "dimensions": list(definition.dimensions),
        "unit": definition.unit,
        "scale": definition.scale,
        "direction": definition.direction,
        "additivity": definition.additivity,
        "money": definition.money,
        "reasons": list(definition.reasons),
        "drill_members": {source: list(columns) for source, columns in definition.drill_members.items()},
        "owner": definition.owner,
        "version": definition.version,
        "source": definition.source,
        "etag": f'"{definition.version}"',
    }


def _formula(definition: Definition) -> Values:
    if (derivation := definition.derivation) is None:
        above, below = ([m.expression for m in part] for part in (definition.numerator, definition.denominator))
        return {"numerator": above, "denominator": below, "inputs": {}}
    inputs = {name: measure.expression for name, measure in derivation.inputs.items()}
    return {"numerator": [derivation.numerator], "denominator": [derivation.denominator], "inputs": inputs}


def _check_question(definition: Definition, query: ValuesQuery) -> None:
    """422 where the KPI can't be asked so, naming how it can."""
    if query.start is not None and query.until is not None and query.start >= query.until:
        raise invalid("?until", "must lie after `from`; it is the day after the last")
    for dimension in query.group_by or ():
        if dimension not in definition.dimensions:
            raise invalid("?group_by", f"{definition.name} is grouped by: {', '.join(definition.dimensions)}")
    for name in query.filters:
        if name not in definition.dimensions:
            allowed = ", ".join(DIMENSIONS[dimension].key for dimension in definition.dimensions)
            raise invalid(f"?{DIMENSIONS[name].key}", f"{definition.name} is filtered by: {allowed}")
    if query.currency is not None and not definition.in_currency:
        raise invalid("?currency", f"{definition.name} is not an amount of money")


def _check_money(caller: Caller, definition: Definition, query: ValuesQuery) -> None:
    """Who may see the money of some projects only asks for those, or would learn of the others."""
    if not definition.money or caller.sees_all_money:
        return
    asked = query.project_id or ()
    if not asked or not all(caller.sees_money_of(project_id) for project_id in asked):
        raise MoneyHidden(
            "Filter by project_id, by projects on which you hold a seat today; all money needs the right `see_money`."
        )


def _meta(question: Question, answer: Answer, conventions: Conventions) -> Values:
    definition = question.definition
    complete_through = None
    if answer.start is not None and answer.end is not None:
        last = min(answer.end, clock.today()) - timedelta(1)
        complete_through = last if last >= answer.start else None
    return {
        "kpi": definition.name,
        "label": definition.label,
        "unit": definition.unit,
        "scale": definition.scale,
        "version": definition.version,
        "currency": question.currency,
        "time_zone": conventions.time_zone,
        "week_start": "monday",
        "fiscal_start_month": conventions.fiscal_start_month,
        "from": answer.start,
        "until": answer.end,
        "grain": question.grain,
        "complete_through": complete_through,
        "generated_at": clock.now(),
    }


class _Show:
    """Turns figures into flat rows."""

    def __init__(self, question: Question, answer: Answer, query: ValuesQuery, today: date) -> None:
        self._question = question
        self._answer = answer
        self._today = today
        self._as_float = query.number is NumberForm.FLOAT
        self._coverage = Include.COVERAGE in (query.include or ())
        self._fields = [
            field for name in question.group_by for field in (DIMENSIONS[name].key, *DIMENSIONS[name].labels)
        ]

    @property
    def columns(self) -> tuple[str, ...]:
        return (
            "period",
            "from",
            "until",
            *self._fields,
            *(("currency",) if self._question.definition.in_currency else ()),
            "numerator",
            "denominator",
            "value",
            *(("n", "lower_bound") if self._question.definition.interval is not None else ()),
            "reason",
            "is_partial",
            *(("basis",) if self._question.definition.has_basis else ()),
            *(("coverage",) if self._coverage else ()),
        )

    def row(self, figure: Figure) -> Values:
        definition, period = self._question.definition, figure.period
        row: Values = {
            "period": period.label if period else None,
            "from": period.start if period else self._answer.start,
            "until": period.end if period else self._answer.end,
            **figure.group,
        }
        if definition.in_currency:
            row["currency"] = figure.currency
        row |= {
            "numerator": self._number(part_text(figure.numerator, definition.numerator or definition.inputs)),
            "denominator": self._number(part_text(figure.denominator, definition.denominator or definition.inputs)),
            "value": self._number(value_text(figure, definition)),
            "reason": figure.reason,
            "is_partial": self._is_partial(figure),
        }
        if definition.interval is not None:
            row |= {"n": sample_size(figure), "lower_bound": self._number(lower_bound_text(figure, definition))}
        if definition.has_basis:
            row["basis"] = figure.basis
        if self._coverage:
            row["coverage"] = _coverage(figure.rows_used, figure.rows_excluded)
        return row

    def _number(self, text: str | None) -> str | float | None:
        return float(text) if text is not None and self._as_float else text

    def _is_partial(self, figure: Figure) -> bool:
        asked, period = self._question, figure.period
        if period is None:
            return self._answer.end is not None and self._answer.end > self._today
        return (
            (asked.start is not None and period.start < asked.start)
            or (asked.end is not None and period.end > asked.end)
            or period.end > self._today
        )


def _coverage(used: int, excluded: Mapping[str, int]) -> Values:
    return {"rows_used": used, "rows_excluded": sum(excluded.values()), "reasons": dict(excluded)}
