"""The KPIs of earned value: how projects stand on a status date against the baseline of that day."""

from app.measures.definition import Definition, Direction, KpiType
from app.measures.derivations import (
    NO_BUDGET_LEFT,
    NO_COSTS,
    NO_EARNED_VALUE,
    Derivation,
    estimate_at_completion,
    to_complete,
    variance_at_completion,
)
from app.measures.measure import Measure, Unit

BY_PROJECT = ("client", "project", "engagement")

BUDGET = {"no_budget": "has_budget"}
DATES = {"no_baseline_dates": "has_dates"}
DONE = {"no_progress": "has_progress"}
RATES = {"missing_rate": "has_rates"}
REMAINING = {"nobody_assigned": "has_staff", "no_estimate": "has_estimate"}
FORECAST = {"no_fee": "has_fee", "missing_rate": "has_forecast_rates", **REMAINING}


def _money(value: str, needs: dict[str, str], basis: str | None = None) -> Measure:
    return Measure("progress", value, Unit.MONEY, needs=needs, currency="currency", basis=basis)


BAC = _money("bac", BUDGET)
PV = _money("pv", BUDGET | DATES)
EV = _money("ev", BUDGET | DONE)
AC = _money("ac", RATES)
ETC = _money("etc", {"missing_rate": "has_etc_rates", **REMAINING}, "etc_basis")
CV = _money("cv", BUDGET | DONE | RATES)
SV = _money("sv", BUDGET | DONE | DATES)
FORECAST_PROFIT = _money("forecast_profit", FORECAST, "etc_basis")
FEE = _money("fee", FORECAST)
EARNED_DAYS = Measure("progress", "es", Unit.WORKING_DAYS, needs=DONE | DATES)
ELAPSED_DAYS = Measure("progress", "at", Unit.WORKING_DAYS, needs=DONE | DATES)
PARTS = {"bac": BAC, "ev": EV, "ac": AC}

ROW = ("status_on", "project_id", "project_code", "baseline")
MONEY_ROW = (*ROW, "currency")
ISO = "ISO 21508:2018, Earned value management in project and programme management"


def _amount(
    name: str, label: str, description: str, measure: Measure, direction: Direction, columns: tuple[str, ...]
) -> Definition:
    return Definition(
        name=name,
        label=label,
        description=description,
        type=KpiType.SIMPLE,
        numerator=(measure,),
        dimensions=BY_PROJECT,
        unit=Unit.MONEY,
        scale=2,
        direction=direction,
        nothing="no_baseline",
        drill_members={"progress": (*MONEY_ROW, *columns)},
        source=f"{ISO}: {label.lower()} ({name.upper()}).",
        money=True,
    )


def _ratio(
    name: str,
    label: str,
    description: str,
    numerator: Measure,
    denominator: Measure,
    nothing: str,
    source: str,
    columns: tuple[str, ...],
) -> Definition:
    money = bool(numerator.currency)
    return Definition(
        name=name,
        label=label,
        description=description,
        type=KpiType.RATIO,
        numerator=(numerator,),
        denominator=(denominator,),
        dimensions=BY_PROJECT,
        unit=Unit.RATIO,
        scale=4,
        direction=Direction.UP,
        nothing=nothing,
        drill_members={"progress": (*(MONEY_ROW if money else ROW), *columns)},
        source=source,
        money=money,
    )


def _derived(
    name: str, label: str, description: str, derivation: Derivation, unit: Unit, direction: Direction
) -> Definition:
    return Definition(
        name=name,
        label=label,
        description=description,
        type=KpiType.DERIVED,
        numerator=(),
        derivation=derivation,
        dimensions=BY_PROJECT,
        unit=unit,
        scale=2 if unit is Unit.MONEY else 4,
        direction=direction,
        nothing="no_baseline",
        drill_members={"progress": (*MONEY_ROW, "bac", "complete", "ev", "ac")},
        source=f"{ISO}: {label.lower()} ({name.upper()}).",
        money=True,
    )


EARNED_VALUE_KPIS = (
    _amount(
        "pv",
        "Planned value",
        "The cost budget of the day's baseline, times the share that is planned to be done by the end of the day: "
        "straight, by working days, from the morning of the first day through the weights of the baseline's "
        "milestones (those without a day of their own on its due date; without milestones, to the due date).",
        PV,
        Direction.NONE,
        ("bac", "planned", "pv"),
    ),
    _amount(
        "ev",
        "Earned value",
        "The cost budget of the day's baseline, times the share that is done: the weights of its milestones reached "
        "by then over all of them; without milestones, the percentage of the latest status report that states one.",
        EV,
        Direction.NONE,
        ("bac", "complete", "ev"),
    ),
    _amount(
        "ac",
        "Actual cost",
        "What the project has cost by the end of the day: hours at the cost rate of the day of the work, and the "
        "agency's own expenses; in the project's currency, at the rate of each day. A project with hours that have no "
        "rate is left out, and coverage counts it.",
        AC,
        Direction.NONE,
        ("ac",),
    ),
    _amount(
        "bac",
        "Budget at completion",
        "The cost budget of the day's baseline: the one with the highest number that is valid by then.",
        BAC,
        Direction.NONE,
        ("bac",),
    ),
    _amount(
        "etc",
        "Estimate to complete",
        "What remains to be spent: the hours that the latest estimate of each role leaves, at the mean cost rate of "
        "that day of those who hold the role. Where nobody has estimated, (BAC − EV) / CPI; `basis` says which. "
        "Nothing remains of a project that is over.",
        ETC,
        Direction.DOWN,
        ("etc", "etc_basis"),
    ),
    _amount(
        "cv",
        "Cost variance",
        "Earned value less actual cost: below zero, the work cost more than it was to cost.",
        CV,
        Direction.UP,
        ("ev", "ac", "cv"),
    ),
    _amount(
        "sv",
        "Schedule variance",
        "Earned value less planned value: below zero, less is done than was planned.",
        SV,
        Direction.UP,
        ("ev", "pv", "sv"),
    ),
    _ratio(
        "cpi",
        "Cost performance index",
        "What each unit of money spent has earned: EV / AC. Of several projects it is the ratio of their sums.",
        EV,
        AC,
        "no_costs",
        f"{ISO}: cost performance index (CPI).",
        ("ev", "ac"),
    ),
    _ratio(
        "spi",
        "Schedule performance index",
        "The work done over the work planned, in money: EV / PV. It returns to 1 as a late project ends; `spi_t` does "
        "not.",
        EV,
        PV,
        "no_planned_value",
        f"{ISO}: schedule performance index (SPI).",
        ("ev", "pv"),
    ),
    _derived(
        "eac",
        "Estimate at completion",
        "What the work will have cost if it goes on as it went: BAC / CPI, of the cell's sums. The bottom-up estimate "
        "is AC + ETC.",
        Derivation(PARTS, estimate_at_completion, "bac", "ev / ac", reasons=(NO_COSTS, NO_EARNED_VALUE)),
        Unit.MONEY,
        Direction.DOWN,
    ),
    _derived(
        "vac",
        "Variance at completion",
        "What will be left of the budget at completion: BAC − EAC, of the cell's sums.",
        Derivation(
            PARTS, variance_at_completion, "bac × (ev / ac − 1)", "ev / ac", reasons=(NO_COSTS, NO_EARNED_VALUE)
        ),
        Unit.MONEY,
        Direction.UP,
    ),
    _derived(
        "tcpi",
        "To-complete performance index",
        "What each unit of the remaining budget must earn for the budget to hold: (BAC − EV) / (BAC − AC), of the "
        "cell's sums; null once the budget is spent.",
        Derivation(PARTS, to_complete, "bac − ev", "bac − ac", reasons=(NO_BUDGET_LEFT,)),
        Unit.RATIO,
        Direction.DOWN,
    ),
    _ratio(
        "spi_t",
        "Schedule performance index, by time",
        "The working days after which as much was planned as is done, over those that have passed: ES / AT. It is the "
        "exact inverse of the planned curve. The time of a project that is over stands still. Of several projects it "
        "is the ratio of the sums of days.",
        EARNED_DAYS,
        ELAPSED_DAYS,
        "not_begun",
        "W. Lipke, “Schedule is Different”, The Measurable News (2003): ES = C + (EV − PV_C) / (PV_{C+1} − PV_C).",
        ("planned", "complete", "es", "at"),
    ),
    Definition(
        name="forecast_margin",
        label="Forecast margin",
        description=(
            "The margin at completion: the fee of the day's baseline less what has been spent and what remains to be "
            "spent (AC + ETC), over the fee. `basis` says where the remainder is from, as of `etc`."
        ),
        type=KpiType.RATIO,
        numerator=(FORECAST_PROFIT,),
        denominator=(FEE,),
        dimensions=BY_PROJECT,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.UP,
        nothing="no_fee",
        drill_members={"progress": (*MONEY_ROW, "fee", "ac", "etc", "etc_basis", "forecast_profit")},
        source="SPI Research, Professional Services Maturity Benchmark: project margin, forecast at completion.",
        money=True,
    ),
)
