"""An example world: the rows that the examples of the contract speak of, and one row of every other table."""

import functools
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa

from app.core.links import PATH, LinkKind, Signer, version_of
from app.core.secrets import hash_secret
from app.db.record import metadata
from app.features.split_plans.schemas import PlanRequest
from tests.contract.document import Operation


def fixed(number: int) -> UUID:
    """The id that ends in this number."""
    return UUID(f"01890000-0000-7000-8000-{number:012d}")


ACME, MARIA, ACME_WEB, JON = fixed(1), fixed(2), fixed(3), fixed(4)
MADE_AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
START = date(2026, 1, 1)

TO_JON = {"project_id": ACME_WEB, "role": "production_manager", "to_person_id": JON}
PLAN = PlanRequest.model_validate(
    {"people": {"account_managers": [MARIA, JON], "production_managers": [MARIA, JON]}}
).model_dump(mode="json")
PLANNED: Mapping[str, Any] = {
    "objective": None,
    "baseline_objective": None,
    "gap": 0.0,
    "seconds": 0.1,
    "loads": [],
    "binding": [],
}
NOTICE = {"client_id": ACME, "subject": "Who runs your shop", "body": "From now on it is Jon Berg."}
LINK_SECRET = "the links of the example world"

Row = tuple[str, UUID, Mapping[str, Any]]


def handover(number: int, status: str, on: date) -> Row:
    """A hand-over to Jon."""
    values = {
        "name": "Acme's production goes to Jon",
        "status": status,
        "reason": "The work has grown.",
        "benefit": "Your shop has one person who runs it.",
        "effective_on": on,
        "scheduled_at": None if status == "draft" else MADE_AT,
    }
    return "handover", fixed(number), values


def change(id: int, number: int, status: str, **more: Any) -> Row:
    """A change request for Acme's shop."""
    values = {"project_id": ACME_WEB, "number": number, "title": "Gift cards", "value_statement": "They sell."}
    return "change_request", fixed(id), {**values, "status": status, **more}


# Figures of an option as they are frozen: decimals are text.
IMPACT = {
    "option_id": str(fixed(69)),
    "number": 1,
    "hours": "8",
    "lines": [
        {
            "role": "illustrator",
            "hours": "8",
            "cost": "480.00",
            "from_on": "2026-03-30",
            "until_on": "2026-03-31",
            "reason": None,
        }
    ],
    "purchases": "0.00",
    "cost": "480.00",
    "price": "2400.00",
    "margin": "1920.00",
    "margin_percent": "80.00",
    "finish_on": "2026-03-31",
    "finish_reason": None,
    "due_on": "2026-03-31",
    "exposure_before": 0,
    "exposure": 0,
    "eac_before": None,
    "eac": None,
    "fee": "12400.00",
    "forecast_margin": None,
    "reasons": {"eac_before": "no_baseline", "eac": "no_baseline", "forecast_margin": "no_baseline"},
}


def option(id: int, change_id: int, number: int, kind: str = "as_asked", price: int | None = None) -> Row:
    """A way to answer a change request; one that declines takes nothing."""
    values = {"change_request_id": fixed(change_id), "number": number, "kind": kind, "title": f"Option {number}"}
    lists: dict[str, Any] = {"hours": [], "purchases": [], "risk_changes": []}
    if kind != "declined":
        lists["hours"] = [{"role": "illustrator", "hours": "8"}]
    return "change_option", fixed(id), {**values, **lists, "price": None if price is None else Decimal(price)}


def risk(table: str, number: int, count: int, status: str, **values: Any) -> Row:
    """A risk of Acme's shop, or an issue."""
    words = {"cause": "No documentation", "event": "The import is rebuilt", "effect": "Three weeks are lost"}
    said = {**words, "project_id": ACME_WEB, "number": count, "status": status, "likelihood": 3, "impact": 4}
    return table, fixed(number), {**said, **values}


def troubled(number: int, code: str, status: str, **values: Any) -> tuple[Row, ...]:
    """A project, and its rescue by María under that number."""
    project = fixed(number + 1)
    span = {"transition_id": fixed(number + 2), "project_id": project, "status": "active", "valid_from": START}
    said = {"project_id": project, "rescuer_id": MARIA, "status": status, "opened_on": START, "trigger": "It is late"}
    return (
        ("project", project, {"code": code, "name": code, "client_id": ACME, "search_text": code.casefold()}),
        ("project_status", fixed(number + 2), span),
        ("rescue", fixed(number), {**said, **values}),
    )


# Tables in an order in which each row finds what it refers to; `facts` are those that are never overwritten.
WORLD: tuple[Row, ...] = (
    (
        "person",
        MARIA,
        {
            "email": "maria.lopez@agency.example",
            "display_name": "María López",
            "home_role": "account_manager",
            "preferred_duty": "client",
            "hired_on": date(2020, 2, 1),
            "search_text": "maria.lopez@agency.example maría lópez",
        },
    ),
    (
        "person",
        JON,
        {
            "email": "jon.berg@agency.example",
            "display_name": "Jon Berg",
            "home_role": "production_manager",
            "team": "Web",
            "hired_on": date(2021, 5, 1),
            "search_text": "jon.berg@agency.example jon berg",
        },
    ),
    ("client", ACME, {"code": "ACME", "name": "Acme", "account_manager_id": MARIA, "search_text": "acme acme"}),
    ("contact", fixed(10), {"client_id": ACME, "name": "Wile E. Coyote", "role": "approver", "is_primary": True}),
    ("person_skill", fixed(11), {"person_id": MARIA, "skill": "negotiation", "level": 4}),
    (
        "person_rate",
        fixed(12),
        {"person_id": MARIA, "cost_rate": Decimal(60), "currency": "EUR", "valid_from": date(2020, 2, 1)},
    ),
    ("time_off", fixed(13), {"person_id": MARIA, "from_on": date(2026, 8, 3), "until_on": date(2026, 8, 14)}),
    (
        "project",
        ACME_WEB,
        {
            "code": "ACME-WEB",
            "name": "Acme's shop",
            "client_id": ACME,
            "start_on": START,
            "due_on": date(2027, 6, 30),
            "fee": Decimal(120_000),
            "cost_budget": Decimal(80_000),
            "hours_budget": Decimal(1_200),
            "change_allowance_hours": Decimal(40),
            "search_text": "acme-web acme's shop",
        },
    ),
    (
        "project_status",
        fixed(14),
        {"transition_id": fixed(14), "project_id": ACME_WEB, "status": "active", "valid_from": START},
    ),
    ("seat", fixed(15), {"project_id": ACME_WEB, "role": "account_manager"}),
    ("seat", fixed(16), {"project_id": ACME_WEB, "role": "production_manager"}),
    (
        "milestone",
        fixed(17),
        {"project_id": ACME_WEB, "name": "Launch", "planned_on": date(2027, 5, 1), "forecast_on": date(2027, 5, 15)},
    ),
    (
        "baseline",
        fixed(18),
        {
            "project_id": ACME_WEB,
            "number": 1,
            "cause": "activation",
            "valid_from": START,
            "currency": "EUR",
            "fee": Decimal(120_000),
            "cost_budget": Decimal(80_000),
            "hours_budget": Decimal(1_200),
            "start_on": START,
            "due_on": date(2027, 6, 30),
        },
    ),
    (
        "baseline_milestone",
        fixed(19),
        {
            "baseline_id": fixed(18),
            "milestone_id": fixed(17),
            "name": "Launch",
            "planned_on": date(2027, 5, 1),
            "weight": Decimal(1),
        },
    ),
    (
        "status_report",
        fixed(500),
        {
            "project_id": ACME_WEB,
            "reported_on": date(2026, 1, 9),
            "schedule": "at_risk",
            "percent_complete": Decimal("12.5"),
            "narrative": "The design is late.",
            "author_id": MARIA,
        },
    ),
    ("role", fixed(20), {"key": "illustrator", "name": "Illustrator"}),
    (
        "estimate",
        fixed(400),
        {
            "project_id": ACME_WEB,
            "role": "illustrator",
            "hours_budget": Decimal(200),
            "hours_remaining": Decimal(60),
            "as_of": date(2026, 2, 2),
        },
    ),
    (
        "goal",
        fixed(401),
        {"code": "SHOPS", "name": "Known for shops", "owner_id": MARIA, "ends_on": date(2027, 12, 31)},
    ),
    ("goal", fixed(402), {"code": "LOYAL", "name": "Clients stay", "starts_on": START}),
    ("goal_link", fixed(403), {"project_id": ACME_WEB, "goal_id": fixed(401)}),
    (
        "responsibility",
        fixed(21),
        {"role": "illustrator", "key": "illustration", "name": "Draw", "duty": "craft", "rasci": "R"},
    ),
    (
        "assignment",
        fixed(22),
        {"project_id": ACME_WEB, "role": "illustrator", "person_id": JON, "valid_from": START},
    ),
    (
        "time_entry",
        fixed(23),
        {
            "project_id": ACME_WEB,
            "person_id": MARIA,
            "worked_on": date(2026, 3, 2),
            "hours": Decimal("7.5"),
            "responsibility": "client_relationship",
            "cost_rate": Decimal(60),
            "cost_currency": "EUR",
        },
    ),
    (
        "expense",
        fixed(24),
        {"project_id": ACME_WEB, "incurred_on": date(2026, 3, 3), "amount": Decimal("99.90"), "currency": "EUR"},
    ),
    (
        "invoice",
        fixed(25),
        {
            "project_id": ACME_WEB,
            "number": "2026-001",
            "invoiced_on": date(2026, 3, 31),
            "amount": Decimal(10_000),
            "currency": "EUR",
        },
    ),
    (
        "rate_card",
        fixed(26),
        {"client_id": ACME, "role": "illustrator", "rate": Decimal(110), "currency": "EUR", "valid_from": START},
    ),
    ("exchange_rate", fixed(27), {"base": "CHF", "quote": "EUR", "rate": Decimal("1.05"), "valid_from": START}),
    (
        "api_key",
        fixed(28),
        {"name": "A spare key", "role": "viewer", "person_id": JON, "secret_hash": hash_secret("spare")},
    ),
    (
        "decision",
        fixed(29),
        {
            "kind": "override",
            "subject_type": "project",
            "subject_id": ACME_WEB,
            "project_id": ACME_WEB,
            "client_id": ACME,
            "decided_on": date(2026, 2, 1),
            "decided_at": MADE_AT,
            "decided_by": MARIA,
            "request_id": "example",
        },
    ),
    ("decision_text", fixed(29), {"what": "A seventh project", "why": "The client is strategic"}),
    ("decision_outcome", fixed(100), {"decision_id": fixed(29), "found_on": date(2026, 3, 1), "as_expected": True}),
    ("decision_outcome_text", fixed(100), {"statement": "The seventh project went well."}),
    (
        "audit_entry",
        fixed(30),
        {
            "at": MADE_AT,
            "action": "created",
            "subject_type": "project",
            "subject_id": ACME_WEB,
            "person_id": MARIA,
            "request_id": "example",
        },
    ),
    ("audit_change", fixed(30), {"after": {"code": "ACME-WEB"}}),
    (
        "outbox_event",
        fixed(31),
        {
            "position": 1,
            "type": "project.created",
            "subject_type": "project",
            "subject_id": ACME_WEB,
            "occurred_at": MADE_AT,
            "data": {},
            "request_id": "example",
        },
    ),
    (
        "duty_rule",
        fixed(32),
        {"position": 100, "source": "jira", "issue_type": "Bug", "responsibility": "testing"},
    ),
    (
        "duty_profile",
        fixed(33),
        {"person_id": MARIA, "responsibility": "client_relationship", "weekly_hours": Decimal(12)},
    ),
    ("relationship", fixed(34), {"person_id": MARIA, "client_id": ACME, "strength": 4, "since_on": date(2021, 3, 1)}),
    ("checklist", fixed(40), {"occasion": "handover", "name": "Hand-over of a shop"}),
    ("checklist_item", fixed(41), {"checklist_id": fixed(40), "position": 1, "statement": "The files are in order"}),
    ("contact", fixed(35), {"client_id": ACME, "name": "Ada Keller", "role": "sponsor"}),
    handover(42, "draft", date(2027, 2, 1)),
    ("handover_move", fixed(43), {"handover_id": fixed(42), **TO_JON}),
    # Is on its way: one contact is to be told yet, another has a concern.
    handover(48, "scheduled", date(2027, 6, 1)),
    ("handover_move", fixed(49), {"handover_id": fixed(48), **TO_JON}),
    ("handover_notice", fixed(44), {"handover_id": fixed(48), "contact_id": fixed(10), **NOTICE}),
    (
        "handover_notice",
        fixed(50),
        {
            "handover_id": fixed(48),
            "contact_id": fixed(35),
            **NOTICE,
            "notified_at": MADE_AT,
            "answer": "concern",
            "answer_text": "Does Jon know our stock system?",
            "answered_at": MADE_AT,
        },
    ),
    ("handover_task", fixed(45), {"handover_id": fixed(48), "position": 1, "statement": "The files are in order"}),
    # Waits for nothing but to be completed.
    handover(51, "scheduled", date(2026, 1, 20)),
    ("handover_move", fixed(52), {"handover_id": fixed(51), **TO_JON}),
    (
        "handover_notice",
        fixed(53),
        {"handover_id": fixed(51), "contact_id": fixed(10), **NOTICE, "notified_at": MADE_AT},
    ),
    (
        "split_plan",
        fixed(46),
        {"name": "The first split", "on": date(2026, 11, 1), "status": "optimal", "request": PLAN, "result": PLANNED},
    ),
    (
        "split_plan_move",
        fixed(47),
        {
            "plan_id": fixed(46),
            "project_id": ACME_WEB,
            "role": "account_manager",
            "to_person_id": MARIA,
            "reason": "Knows the client since 2021",
        },
    ),
    ("split_plan_move", fixed(54), {"plan_id": fixed(46), **TO_JON, "reason": "Runs most of the shops"}),
    change(60, 1, "submitted", submitted_at=MADE_AT),
    change(61, 2, "draft"),
    # Waits for nothing but to be presented.
    change(62, 3, "assessing", submitted_at=MADE_AT),
    option(65, 62, 1, price=2_400),
    option(66, 62, 2, "declined"),
    # Awaits its decision.
    change(63, 4, "awaiting_decision", submitted_at=MADE_AT),
    option(67, 63, 1, price=2_400),
    option(68, 63, 2, "declined"),
    change(
        64,
        5,
        "approved",
        submitted_at=MADE_AT,
        decided_at=MADE_AT,
        decided_by_contact_id=fixed(10),
        decision_reason="It pays.",
        decision_id=fixed(29),
        option_id=fixed(69),
    ),
    option(69, 64, 1, price=2_400),
    (
        "change_impact",
        fixed(70),
        {
            "change_request_id": fixed(64),
            "option_id": fixed(69),
            "chosen": True,
            "hours": Decimal(8),
            "cost": Decimal(480),
            "price": Decimal(2_400),
            "currency": "EUR",
            "finish_on": date(2026, 3, 31),
            "figures": IMPACT,
            "inputs": {"today": "2026-03-02"},
            "computed_at": MADE_AT,
        },
    ),
    (
        "change_ask",
        fixed(102),
        {
            "change_request_id": fixed(63),
            "contact_id": fixed(10),
            "content_version": "an earlier one",
            "shown": {},
            "asked_at": MADE_AT,
            "expires_at": MADE_AT,
        },
    ),
    ("change_authority", fixed(71), {"charge": "goodwill", "above_amount": Decimal(9_000), "access_role": "pmo_lead"}),
    (
        "commitment",
        fixed(130),
        {
            "project_id": ACME_WEB,
            "client_id": ACME,
            "promised_by_id": MARIA,
            "promised_to_contact_id": fixed(10),
            "statement": "The catalogue can be searched",
            "promised_on": date(2026, 1, 5),
            "original_due_on": date(2027, 5, 28),
            "due_on": date(2027, 6, 30),
            "renegotiations": 1,
        },
    ),
    (
        "commitment_renegotiation",
        fixed(131),
        {
            "commitment_id": fixed(130),
            "former_due_on": date(2027, 5, 28),
            "due_on": date(2027, 6, 30),
            "renegotiated_on": date(2026, 1, 9),
            "variance_reason": "client_late",
        },
    ),
    ("commitment_renegotiation_text", fixed(131), {"reason": "The texts come a month later"}),
    risk("risk", 700, 1, "open", identified_on=START),
    risk("risk", 701, 2, "closed", identified_on=START, closed_on=date(2026, 2, 1)),
    risk("issue", 702, 1, "open", raised_on=START),
    risk("issue", 703, 2, "resolved", raised_on=START, resolved_on=date(2026, 2, 1), resolution="It has the memory."),
    (
        "skill_need",
        fixed(860),
        {
            "project_id": ACME_WEB,
            "skill": "negotiation",
            "level": 4,
            "weekly_hours": Decimal(6),
            "from_on": START,
            "until_on": date(2027, 6, 30),
        },
    ),
    (
        "charter",
        fixed(862),
        {
            "number": 1,
            "valid_from": START,
            "purpose": "Projects keep what they promise.",
            "value_proposition": "Who leads a project knows what needs them this week.",
            "services": ["Portfolio review"],
            "guiding_values": ["Say it early"],
            "success_measures": [
                {
                    "kpi": "commitments_kept",
                    "label": None,
                    "baseline": "71.5",
                    "baseline_on": "2025-12-31",
                    "target": "90",
                    "by": "2026-12-31",
                }
            ],
            "members": [str(MARIA)],
        },
    ),
    (
        "development",
        fixed(861),
        {
            "person_id": JON,
            "skill": "negotiation",
            "kind": "mentoring",
            "mentor_id": MARIA,
            "target_level": 2,
            "starts_on": START,
        },
    ),
    # Two projects with a rescue each: one that is assessed, and one whose course is decided.
    *troubled(704, "ACME-APP", "assessing"),
    *troubled(710, "ACME-INTRANET", "decided", course="recover", course_reason="It pays.", decided_on=START),
    (
        "rescue_action",
        fixed(716),
        {"rescue_id": fixed(704), "statement": "Ask the client", "owner_id": JON, "due_on": date(2027, 2, 1)},
    ),
    (
        "deliverable_review",
        fixed(800),
        {
            "project_id": ACME_WEB,
            "milestone_id": fixed(17),
            "deliverable": "Design of the basket",
            "reviewed_on": date(2026, 2, 10),
            "reviewer_id": MARIA,
            "outcome": "rework",
            "defects_found": 2,
        },
    ),
    (
        "defect",
        fixed(801),
        {
            "project_id": ACME_WEB,
            "title": "The basket forgets its content",
            "found_on": date(2026, 2, 11),
            "found_by_contact_id": fixed(10),
            "escaped": True,
        },
    ),
    (
        "period",
        fixed(870),
        {
            "label": "2025-12",
            "starts_on": date(2025, 12, 1),
            "ends_on": START,
            "status": "closed",
            "revision": 1,
        },
    ),
    ("period_history", fixed(871), {"period_id": fixed(870), "step": "closed", "revision": 1, "at": MADE_AT}),
    (
        "outcome",
        fixed(802),
        {"project_id": ACME_WEB, "measure": "Adoption", "unit": "%", "target": Decimal(60), "review_on": START},
    ),
    (
        "touchpoint",
        fixed(803),
        {"client_id": ACME, "person_id": MARIA, "kind": "reactive", "happened_on": date(2026, 2, 12)},
    ),
    (
        "project_template",
        fixed(940),
        {
            "code": "SITE",
            "name": "Web site",
            "duration_days": 90,
            "seats": [
                {"role": "account_manager", "load_weight": "0.5"},
                {"role": "production_manager", "load_weight": "0.5"},
            ],
            "milestones": [{"name": "It is live", "day": 80, "weight": "1", "deliverable": None}],
            "estimates": [{"role": "illustrator", "hours": "40"}],
            "skills": [{"skill": "copywriting", "level": 3, "weekly_hours": "4"}],
        },
    ),
    (
        "project_task",
        fixed(941),
        {"project_id": ACME_WEB, "occasion": "kick_off", "statement": "The editors have accounts", "due_on": START},
    ),
    # Waits for its kick-off.
    ("project", fixed(942), {"code": "ACME-NEXT", "name": "Next", "client_id": ACME, "search_text": "acme-next next"}),
    (
        "project_status",
        fixed(943),
        {"transition_id": fixed(943), "project_id": fixed(942), "status": "pipeline", "valid_from": START},
    ),
    ("seat", fixed(944), {"project_id": fixed(942), "role": "account_manager"}),
    ("seat", fixed(945), {"project_id": fixed(942), "role": "production_manager"}),
    (
        "feedback",
        fixed(960),
        {
            "subject": "project",
            "project_id": ACME_WEB,
            "client_id": ACME,
            "contact_id": fixed(10),
            "given_on": date(2026, 2, 2),
            "csat": 4,
            "nps": 9,
        },
    ),
    (
        "feedback_request",
        fixed(961),
        {
            "subject": "project",
            "project_id": ACME_WEB,
            "client_id": ACME,
            "contact_id": fixed(35),
            "question": "How was the work on your shop for you?",
            "asked_at": MADE_AT,
            "expires_at": datetime(2199, 1, 1, tzinfo=UTC),
        },
    ),
)
KEYS = {
    "decision_text": "decision_id",
    "decision_outcome_text": "outcome_id",
    "audit_change": "entry_id",
    "commitment_renegotiation_text": "renegotiation_id",
}


def make_world(conn: sa.Connection) -> None:
    """Insert the example world."""
    for name, id, values in WORLD:
        table = metadata.tables[name]
        given = {KEYS.get(name, "id"): id, "version": 1, "row_id": id, **values}
        given |= dict.fromkeys(("created_at", "updated_at", "recorded_at"), MADE_AT)
        conn.execute(sa.insert(table).values({column: v for column, v in given.items() if column in table.c}))


# What the parameters of a path mean in this world: by the collection that the path begins with, else by name.
IDS: Mapping[str, str] = {
    "clients": "ACME",
    "people": "maria.lopez@agency.example",
    "projects": "ACME-WEB",
    "roles": "illustrator",
    "contacts": str(fixed(10)),
    "person-skills": str(fixed(11)),
    "skills": str(fixed(11)),
    "person-rates": str(fixed(12)),
    "rates": str(fixed(12)),
    "time-off": str(fixed(13)),
    "seats": str(fixed(15)),
    "milestones": str(fixed(17)),
    "baselines": str(fixed(18)),
    "status-reports": str(fixed(500)),
    "estimates": str(fixed(400)),
    "goals": "LOYAL",
    "goal-links": str(fixed(403)),
    "responsibilities": str(fixed(21)),
    "assignments": str(fixed(22)),
    "time-entries": str(fixed(23)),
    "expenses": str(fixed(24)),
    "invoices": str(fixed(25)),
    "rate-cards": str(fixed(26)),
    "exchange-rates": str(fixed(27)),
    "keys": str(fixed(28)),
    "api-keys": str(fixed(28)),
    "decisions": str(fixed(29)),
    "decision-outcomes": str(fixed(100)),
    "audit": str(fixed(30)),
    "audit-entries": str(fixed(30)),
    "events": str(fixed(31)),
    "duty-rules": str(fixed(32)),
    "duty-profiles": str(fixed(33)),
    "feedback": str(fixed(960)),
    "feedback-requests": str(fixed(961)),
    "kpis": "billable_share",
    "relationships": str(fixed(34)),
    "checklists": str(fixed(40)),
    "checklist-items": str(fixed(41)),
    "commitments": str(fixed(130)),
    "periods": "2025-12",
    "handovers": str(fixed(42)),
    "handover-moves": str(fixed(43)),
    "handover-notices": str(fixed(44)),
    "handover-tasks": str(fixed(45)),
    "change-requests": str(fixed(60)),
    "change-asks": str(fixed(102)),
    "change-options": str(fixed(65)),
    "change-authorities": str(fixed(71)),
    "split-plans": str(fixed(46)),
    "split-plan-moves": str(fixed(47)),
    "risks": str(fixed(700)),
    "issues": str(fixed(702)),
    "rescues": str(fixed(704)),
    "rescue-actions": str(fixed(716)),
    "project-templates": "SITE",
    "project-tasks": str(fixed(941)),
    "deliverable-reviews": str(fixed(800)),
    "defects": str(fixed(801)),
    "skill-needs": str(fixed(860)),
    "developments": str(fixed(861)),
    "outcomes": str(fixed(802)),
    "touchpoints": str(fixed(803)),
}
PARAMETERS: Mapping[str, str] = {
    "transition_id": str(fixed(14)),
    "with": str(fixed(46)),
    "code": "not-found",
    "role": "account_manager",
    "name": "billable_share",
    "day": "2026-03-02",
}


# Where an action needs a record in another state than the collection's usual one.
AT: Mapping[str, str] = {
    "/v1/projects/{id}/kick-off": "ACME-NEXT",
    "/v1/periods/{label}/close": "2026-02",
    "/v1/risks/{id}/reopen": str(fixed(701)),
    "/v1/issues/{id}/reopen": str(fixed(703)),
    "/v1/rescues/{id}/close": str(fixed(710)),
    "/v1/handovers/{id}/cancel": str(fixed(48)),
    "/v1/handovers/{id}/complete": str(fixed(51)),
    "/v1/handover-notices/{id}/resolve": str(fixed(50)),
    "/v1/change-requests/{id}/submit": str(fixed(61)),
    "/v1/change-requests/{id}/approve-within-allowance": str(fixed(61)),
    "/v1/change-requests/{id}/present": str(fixed(62)),
    "/v1/change-requests/{id}/decide": str(fixed(63)),
    "/v1/change-requests/{id}/ask": str(fixed(63)),
    "/v1/change-requests/{id}/implement": str(fixed(64)),
    "/v1/change-requests/{id}/outcome": str(fixed(64)),
    "/v1/change-requests/{id}/impact": str(fixed(64)),
}


def value_of(path: str, name: str, body: object = None) -> str:
    """What the parameter `name` of `path` is in the world; the link of a token is one that takes the body."""
    if name == "token":
        return feedback_token() if isinstance(body, dict) and "csat" in body else link_token()
    collection = path.split("/")[2] if path.startswith("/v1/") else ""
    usual = IDS.get(collection)
    value = AT.get(path, usual) if name in ("id", "label") else PARAMETERS.get(name, usual)
    assert value is not None, f"world.py knows no value for {name!r} of {path}: add one"
    return value


@functools.cache
def link_token() -> str:
    """The token of a link to a notice that waits for its answer."""
    version = version_of(str(NOTICE["subject"]), str(NOTICE["body"]))
    address, _ = Signer(LINK_SECRET, days=30).sign(LinkKind.HANDOVER_NOTICE, fixed(53), version)
    return address.removeprefix(PATH)


@functools.cache
def feedback_token() -> str:
    """The token of a link to a question that waits for its answer."""
    address, _ = Signer(LINK_SECRET, days=30).sign(LinkKind.FEEDBACK, fixed(961), version_of(str(fixed(961))))
    return address.removeprefix(PATH)


def address_of(operation: Operation, body: object = None) -> str:
    """The address of an operation in the world: its path's parameters filled, and the queries that it requires."""
    path = operation.path
    for name in operation.path_parameters:
        path = path.replace(f"{{{name}}}", value_of(operation.path, name, body))
    required = {p["name"]: PARAMETERS[p["name"]] for p in operation.parameters if p["in"] == "query" and p["required"]}
    return f"{path}?{urlencode(required)}" if required else path
