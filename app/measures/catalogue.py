"""The KPIs: one object each, in one list. Everything that shows a KPI derives from here."""

from app.measures.definition import Definition, Direction, KpiType
from app.measures.derivations import Derivation, role_strain
from app.measures.earned_value_kpis import EARNED_VALUE_KPIS
from app.measures.measure import Measure, Unit
from app.measures.sources.base import SECONDS_AN_HOUR
from app.measures.sources.days import WORKING_DAYS_A_WEEK

UNITS_OF_MONEY = 10_000  # ten-thousandths

BY_PROJECT = ("client", "project", "engagement")
BY_PERSON = ("person", "role")
BY_HOURS = ("client", "project", "person", "engagement", "role")

HOURS = Measure("time_entry", "seconds", Unit.HOURS, SECONDS_AN_HOUR)
BILLABLE_HOURS = Measure("time_entry", "seconds", Unit.HOURS, SECONDS_AN_HOUR, filter="billable")
LABOUR_COST = Measure(
    "time_entry",
    "seconds",
    Unit.MONEY,
    SECONDS_AN_HOUR * UNITS_OF_MONEY,
    times="cost_rate",
    needs={"missing_rate": "has_cost_rate"},
    currency="cost_currency",
)
OWN_EXPENSES = Measure("expense", "amount", Unit.MONEY, UNITS_OF_MONEY, filter="own", currency="currency")
INVOICED = Measure("invoice", "amount", Unit.MONEY, UNITS_OF_MONEY, currency="currency")
AVAILABLE_HOURS = Measure("availability", "available", Unit.HOURS, SECONDS_AN_HOUR * WORKING_DAYS_A_WEEK)
SEAT_LOAD = Measure("seat_load", "load_weight", Unit.SEAT_DAYS, 10_000)
CAPS = Measure("employment", "active_cap", Unit.SEAT_DAYS, 10_000)
ACTIVE_DAYS = Measure("active_project", "days", Unit.PROJECT_DAYS)
COVERED_DAYS = Measure("active_project", "days", Unit.PROJECT_DAYS, filter="covered")

SECONDS_A_DAY_OF_WEEKLY_HOURS = SECONDS_AN_HOUR * 7  # a day bears a seventh of what is said of the week
ROLE_STRAIN = Derivation(
    inputs={
        "tagged": Measure("time_entry", "seconds", Unit.HOURS, SECONDS_AN_HOUR, filter="tagged"),
        "client": Measure("time_entry", "seconds", Unit.HOURS, SECONDS_AN_HOUR, filter="client_duty"),
        "project": Measure("time_entry", "seconds", Unit.HOURS, SECONDS_AN_HOUR, filter="project_duty"),
        "declared_client": Measure(
            "declared_duty", "weekly", Unit.HOURS, SECONDS_A_DAY_OF_WEEKLY_HOURS, filter="client_duty"
        ),
        "declared_project": Measure(
            "declared_duty", "weekly", Unit.HOURS, SECONDS_A_DAY_OF_WEEKLY_HOURS, filter="project_duty"
        ),
        "seat_days": SEAT_LOAD,
        "days": Measure("employment", "days", Unit.PERSON_DAYS),
    },
    derive=role_strain,
    numerator="min(client, project) × seat_days / days",
    denominator="max(client, project)",
    per=("person",),
)

DATED = {"no_due_date": "has_due_on"}
CLOSED_DATED = Measure("closed_project", "projects", Unit.PROJECTS, needs=DATED)
CLOSED_ON_TIME = Measure("closed_project", "projects", Unit.PROJECTS, filter="on_time", needs=DATED)
ORIGINALLY_DATED = {"no_due_date": "has_original_due_on"}
CLOSED_ORIGINALLY_DATED = Measure("closed_project", "projects", Unit.PROJECTS, needs=ORIGINALLY_DATED)
CLOSED_ON_TIME_ORIGINAL = Measure(
    "closed_project", "projects", Unit.PROJECTS, filter="on_time_original", needs=ORIGINALLY_DATED
)
COSTED = {"no_budget": "has_budget", "missing_rate": "has_cost_rates", "other_currency": "has_one_currency"}
CLOSED_COSTED = Measure("closed_project", "projects", Unit.PROJECTS, needs=COSTED)
CLOSED_ON_BUDGET = Measure("closed_project", "projects", Unit.PROJECTS, filter="on_budget", needs=COSTED)

COMMITMENTS_DUE = Measure("commitment", "commitments", Unit.COMMITMENTS)
COMMITMENTS_KEPT = Measure("commitment", "commitments", Unit.COMMITMENTS, filter="kept")
RATINGS = Measure("feedback", "answers", Unit.ANSWERS, filter="rated")
SATISFIED_RATINGS = Measure("feedback", "answers", Unit.ANSWERS, filter="satisfied")
RECOMMENDATIONS = Measure("feedback", "answers", Unit.ANSWERS, filter="would_say")
RECOMMENDATION_BALANCE = Measure("feedback", "balance", Unit.ANSWERS, filter="would_say")

ENTRY_ROWS = ("id", "worked_on", "worked_until", "project_id", "person_id", "seconds", "billable")

CATALOGUE = (
    Definition(
        name="billable_share",
        label="Billable share",
        description="Of all hours worked, the share that is billable.",
        type=KpiType.RATIO,
        numerator=(BILLABLE_HOURS,),
        denominator=(HOURS,),
        dimensions=BY_HOURS,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.UP,
        nothing="no_hours",
        drill_members={"time_entry": ENTRY_ROWS},
        source="18F Tock, utilization reports: billable hours over all hours.",
    ),
    Definition(
        name="revenue_invoiced",
        label="Revenue invoiced",
        description="The sum of all invoices; credit notes are negative.",
        type=KpiType.SIMPLE,
        numerator=(INVOICED,),
        dimensions=BY_PROJECT,
        unit=Unit.MONEY,
        scale=2,
        direction=Direction.UP,
        nothing="no_invoices",
        drill_members={"invoice": ("id", "invoiced_on", "project_id", "number", "amount", "currency")},
        source="Accounting: the sum of invoices by invoice date.",
        money=True,
    ),
    Definition(
        name="delivery_cost",
        label="Delivery cost",
        description=(
            "Hours at the cost rate of the day of the work, and the agency's own expenses; what is passed through to "
            "the client is not among them. Hours without a rate are left out, and coverage counts them."
        ),
        type=KpiType.SIMPLE,
        numerator=(LABOUR_COST, OWN_EXPENSES),
        dimensions=BY_PROJECT,
        unit=Unit.MONEY,
        scale=2,
        direction=Direction.DOWN,
        nothing="no_costs",
        drill_members={
            "time_entry": (*ENTRY_ROWS, "cost_rate", "cost_currency"),
            "expense": ("id", "incurred_on", "project_id", "amount", "currency", "own"),
        },
        source="ISO 21508: actual cost (AC), of labour by dated rates and of direct expenses.",
        money=True,
    ),
    Definition(
        name="utilisation",
        label="Utilisation",
        description=(
            "Billable hours over available hours: a fifth of the weekly hours for each working day of employment, less "
            "time off."
        ),
        type=KpiType.RATIO,
        numerator=(BILLABLE_HOURS,),
        denominator=(AVAILABLE_HOURS,),
        dimensions=BY_PERSON,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.BAND,
        nothing="no_capacity",
        drill_members={"time_entry": ENTRY_ROWS, "availability": ("person_id", "day", "available")},
        source="SPI Research, Professional Services Maturity Benchmark: billable utilization, by available hours.",
    ),
    Definition(
        name="on_time",
        label="On time",
        description=(
            "Of the projects closed, the share closed on or before the due date of their current baseline (without "
            "one, their own). Projects that have no due date are left out, and coverage counts them."
        ),
        type=KpiType.RATIO,
        numerator=(CLOSED_ON_TIME,),
        denominator=(CLOSED_DATED,),
        dimensions=BY_PROJECT,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.UP,
        nothing="no_closed_projects",
        drill_members={"closed_project": ("id", "code", "closed_on", "due_on", "on_time")},
        source="PMI, Pulse of the Profession: projects completed on time, by the approved baseline.",
    ),
    Definition(
        name="on_time_original",
        label="On time, originally",
        description=(
            "Of the projects closed, the share closed on or before the due date of their first baseline (without one, "
            "their own): what was promised before any change. Projects that have no due date are left out, and "
            "coverage counts them."
        ),
        type=KpiType.RATIO,
        numerator=(CLOSED_ON_TIME_ORIGINAL,),
        denominator=(CLOSED_ORIGINALLY_DATED,),
        dimensions=BY_PROJECT,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.UP,
        nothing="no_closed_projects",
        drill_members={"closed_project": ("id", "code", "closed_on", "original_due_on", "on_time_original")},
        source="PMI, Pulse of the Profession: projects completed on time, by the original baseline.",
    ),
    Definition(
        name="on_budget",
        label="On budget",
        description=(
            "Of the projects closed, the share whose cost (hours at cost rates, and own expenses) stayed within the "
            "cost budget of their current baseline (without one, their own) and the tolerance of the setting "
            "`kpi.budget_tolerance`. Projects without a budget, with hours that have no rate, or with costs in "
            "another currency than the budget's are left out, and coverage counts them."
        ),
        type=KpiType.RATIO,
        numerator=(CLOSED_ON_BUDGET,),
        denominator=(CLOSED_COSTED,),
        dimensions=BY_PROJECT,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.UP,
        nothing="no_closed_projects",
        drill_members={"closed_project": ("id", "code", "closed_on", "cost_budget", "on_budget")},
        source="PMI, Pulse of the Profession: projects within budget; PRINCE2: within tolerance.",
        money=True,
    ),
    Definition(
        name="active_load",
        label="Active load",
        description=(
            "The weights of the exclusive seats that people hold (confirmed) on active projects, over their caps, "
            "added up over all days of employment."
        ),
        type=KpiType.RATIO,
        numerator=(SEAT_LOAD,),
        denominator=(CAPS,),
        dimensions=BY_PERSON,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.BAND,
        nothing="no_capacity",
        drill_members={
            "seat_load": ("day", "person_id", "project_id", "seat", "load_weight"),
            "employment": ("day", "person_id", "active_cap"),
        },
        source="The agency's own rule: about six active projects a manager, by weight.",
    ),
    Definition(
        name="seat_coverage",
        label="Seat coverage",
        description=(
            "Of the days on which projects were active, the share on which every exclusive seat had a confirmed holder."
        ),
        type=KpiType.RATIO,
        numerator=(COVERED_DAYS,),
        denominator=(ACTIVE_DAYS,),
        dimensions=BY_PROJECT,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.UP,
        nothing="no_active_projects",
        drill_members={"active_project": ("day", "project_id", "seats_needed", "seats_held", "covered")},
        source="The agency's own rule: two people ride every project.",
    ),
    Definition(
        name="role_strain",
        label="Role strain",
        description=(
            "How torn managers are between client duties and project duties: the lesser hours over the greater, times "
            "the mean load, which is the weights of the exclusive seats held (confirmed) on active projects, over the "
            "days of the period. Where no hours at all are logged on a responsibility in a month, those of the duty "
            "profile stand in; `basis` says which. Of several people or months it is the mean by the greater hours."
        ),
        type=KpiType.DERIVED,
        numerator=(),
        derivation=ROLE_STRAIN,
        dimensions=BY_PERSON,
        unit=Unit.LOAD,
        scale=4,
        direction=Direction.DOWN,
        nothing="no_duty_hours",
        drill_members={
            "time_entry": (*ENTRY_ROWS, "responsibility", "client_duty", "project_duty"),
            "declared_duty": ("day", "person_id", "responsibility", "weekly", "client_duty", "project_duty"),
            "seat_load": ("day", "person_id", "project_id", "seat", "load_weight"),
            "employment": ("day", "person_id"),
        },
        source="The agency's own rule: split a role first where it tears most.",
    ),
    Definition(
        name="commitments_kept",
        label="Commitments kept",
        description=(
            "Of the commitments that were due, the share whose result was there by the day. Due are those whose day "
            "has passed, and those achieved or broken before; what was withdrawn does not count, and a renegotiated "
            "one counts by its new day. `n` says of how many, and `lower_bound` is what the share is at least, at "
            "95 % confidence (Wilson)."
        ),
        type=KpiType.RATIO,
        numerator=(COMMITMENTS_KEPT,),
        denominator=(COMMITMENTS_DUE,),
        dimensions=BY_HOURS,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.UP,
        nothing="no_commitments_due",
        drill_members={"commitment": ("id", "due_on", "project_id", "person_id", "status", "kept")},
        source="Lean Construction Institute, Last Planner System: percent plan complete (PPC), by result.",
        interval="wilson",
    ),
    Definition(
        name="csat",
        label="Satisfaction (CSAT)",
        description=(
            "Of those who rated their satisfaction from 1 to 5, the share who said 4 or 5. Anonymous answers count as "
            "soon as they may be told: three about the same thing together, on the day of the last. `n` says of how "
            "many, and `lower_bound` is what the share is at least, at 95 % confidence (Wilson)."
        ),
        type=KpiType.RATIO,
        numerator=(SATISFIED_RATINGS,),
        denominator=(RATINGS,),
        dimensions=BY_PROJECT,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.UP,
        nothing="no_feedback",
        drill_members={"feedback": ("id", "given_on", "subject", "project_id", "client_id", "csat", "satisfied")},
        source="Customer satisfaction score, top two of five boxes.",
        interval="wilson",
    ),
    Definition(
        name="nps",
        label="Net promoter score",
        description=(
            "Of those who said from 0 to 10 how likely they are to recommend us, the share of 9 and 10 less the share "
            "of 0 to 6: from -100 to 100. Anonymous answers count as for `csat`."
        ),
        type=KpiType.RATIO,
        numerator=(RECOMMENDATION_BALANCE,),
        denominator=(RECOMMENDATIONS,),
        dimensions=BY_PROJECT,
        unit=Unit.PERCENT,
        scale=4,
        direction=Direction.UP,
        nothing="no_feedback",
        drill_members={"feedback": ("id", "given_on", "subject", "project_id", "client_id", "nps", "balance")},
        source="Reichheld, The One Number You Need to Grow, Harvard Business Review, December 2003.",
    ),
    *EARNED_VALUE_KPIS,
)

KPIS = {definition.name: definition for definition in CATALOGUE}
