"""The catalogue as a page of Markdown: `docs/kpis.md` is this text, and a test compares."""

from collections.abc import Iterable

from app.measures.catalogue import CATALOGUE
from app.measures.definition import Definition, KpiType
from app.measures.figures import PERCENT
from app.measures.measure import Measure, Unit

INTRODUCTION = """\
# KPIs

Generated from `app/measures/catalogue.py`; `python -m app.measures.document` prints it.

`GET /v1/kpis` lists them, `GET /v1/kpis/{name}/values` computes one: as a figure, as a series (`grain=`), grouped
(`group_by=`), filtered. What holds for all of them:

- A ratio's total is the ratio of the sums, never a sum or mean of ratios.
- Where there is nothing to divide by, or to add up, the value is null and `reason` says why.
- `include=coverage` says how many rows a figure is made of, and how many were left out and why.
- Sums are exact; the value is rounded once, half-up, to its scale.
- A derived figure comes of a function of sums: of the cell's own, or by person and month for instance. Of several
  people or months the numerators and the denominators are added up, and divided then.
- `basis` says how a figure came about: hours logged or declared, what remains by estimates or by performance so far.
- A semi-additive figure, and any ratio of such, says how things stand on a status date: the last day of each period of
  the question, or today in the one that runs. Those of several projects are added up (a portfolio's CPI is the ratio of
  the sums); of several periods the total is that of the last status date, never their sum. Money converts at the rate
  of the status date.
- Projects count in earned value from their first baseline on, against the baseline of the day. One that is closed,
  cancelled or lost counts up to the period in which it ended, and its time stands still there.
- A share with an interval comes with `n`, of how many it is, and `lower_bound`, what it is at least.
- Money is never added across currencies: without `currency=` each has a row of its own. With it, amounts are converted
  at the latest exchange rate on or before their day; where there is none, the value is null (`missing_rate`).
- A time entry over several days counts on its first day, or spread over their working days, by the setting
  `TANDEM_KPI_WEEK_LINE_RULE`.
- `is_partial` marks a period that is not wholly in the window, or has not ended.
"""


def catalogue_page() -> str:
    """The whole page."""
    rows = [f"| [`{kpi.name}`](#{kpi.name}) | {kpi.label} | {kpi.unit} | {kpi.direction} |" for kpi in CATALOGUE]
    index = "\n".join(["| KPI | | Unit | Better |", "|---|---|---|---|", *rows])
    return "\n".join([INTRODUCTION, index, "", *(section(kpi) for kpi in CATALOGUE)])


def section(kpi: Definition) -> str:
    """What the page says of one KPI."""
    facts = [
        ("Formula", formula(kpi)),
        ("Unit, scale", f"{kpi.unit}, {kpi.scale} places"),
        ("Better", str(kpi.direction)),
        ("Falls into periods by", f"`{kpi.time_dimension}`"),
        ("Grouped and filtered by", _codes(kpi.dimensions)),
        ("Additivity", f"{kpi.additivity}"),
        ("Null, or rows left out, because", _codes(kpi.reasons)),
        ("Needs the right to see money", "yes" if kpi.money else "no"),
        ("Source", kpi.source),
        ("Owner, version", f"{kpi.owner}, {kpi.version}"),
    ]
    lines = [f"## {kpi.name}", "", f"**{kpi.label}.** {kpi.description}", ""]
    lines += [f"- {name}: {value}" for name, value in facts]
    return "\n".join([*lines, ""])


def formula(kpi: Definition) -> str:
    """The formula in words of the sources: sums, and what they are divided by."""
    if (derivation := kpi.derivation) is not None:
        inputs = "; ".join(f"{name} = {measure.expression}" for name, measure in derivation.inputs.items())
        of = "of the sums" if derivation.per is None else f"by {' and '.join([*derivation.per, 'month'])}"
        return f"({derivation.numerator}) / ({derivation.denominator}), {of}; {inputs}"
    above = _sum(kpi.numerator)
    if kpi.type is KpiType.SIMPLE:
        return above
    factor = f"{PERCENT} × " if kpi.unit is Unit.PERCENT else ""
    return f"{factor}({above}) / ({_sum(kpi.denominator)})"


def _sum(measures: Iterable[Measure]) -> str:
    return " + ".join(measure.expression for measure in measures)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    print(catalogue_page(), end="")  # noqa: T201 (its purpose)
