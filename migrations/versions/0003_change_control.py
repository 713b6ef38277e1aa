"""Change control and delivery: change requests, estimates, status reports, goals, promises, risks and rescues."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

import sqlalchemy as sa
from alembic import op

from app.db import types
from app.db.triggers import create_triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAMESPACE = UUID("01890000-0000-7000-8000-0000000000ff")
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
# Who decides until the office says otherwise: (charge, above, contact role, access role).
AUTHORITIES = (
    ("billable", 0, "approver", None),
    ("billable", 10_000, "sponsor", None),
    ("goodwill", 0, None, "manager"),
    ("goodwill", 2_000, None, "pmo_lead"),
    ("included", 0, None, "manager"),
    ("included", 5_000, None, "pmo_lead"),
    ("our_error", 0, None, "manager"),
    ("our_error", 5_000, None, "pmo_lead"),
)


def upgrade() -> None:
    change_tables()
    add_reference("time_entry", "change_request_id", "change_request")
    create_triggers(op.get_bind())
    authorities = sa.table(
        "change_authority",
        sa.column("id", sa.Uuid()),
        sa.column("version", sa.Integer()),
        sa.column("created_at", types.Instant),
        sa.column("updated_at", types.Instant),
        sa.column("charge", sa.String()),
        sa.column("above_amount", types.Scaled()),
        sa.column("currency", sa.String()),
        sa.column("contact_role", sa.String()),
        sa.column("access_role", sa.String()),
    )
    op.bulk_insert(
        authorities,
        [
            {
                "id": uuid5(NAMESPACE, f"change authority {charge} {above}"),
                "version": 1,
                "created_at": MADE_AT,
                "updated_at": MADE_AT,
                "charge": charge,
                "above_amount": above,
                "currency": "EUR",
                "contact_role": contact_role,
                "access_role": access_role,
            }
            for charge, above, contact_role, access_role in AUTHORITIES
        ],
    )


def add_reference(table: str, column: str, target: str) -> None:
    """Add an indexed column that refers to a table. SQLite takes the constraint with the column, and only so."""
    name = f"fk_{table}_{column}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} CHAR(32) CONSTRAINT {name} REFERENCES {target} (id)")
    else:
        op.add_column(table, sa.Column(column, sa.Uuid(), sa.ForeignKey(f"{target}.id", name=name), nullable=True))
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def change_tables() -> None:
    op.create_table(
        "change_authority",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("kind", types.text(20), nullable=True),
        sa.Column("charge", types.text(20), nullable=True),
        sa.Column("above_amount", types.Scaled(), nullable=False),
        sa.Column("currency", types.text(3), nullable=False),
        sa.Column("contact_role", types.text(20), nullable=True),
        sa.Column("access_role", types.text(20), nullable=True),
        sa.CheckConstraint(
            "charge IN ('billable', 'goodwill', 'included', 'our_error') OR charge IS NULL",
            name=op.f("ck_change_authority_charge"),
        ),
        sa.CheckConstraint(
            "kind IN ('new_scope', 'reduction', 'defect', 'compliance') OR kind IS NULL",
            name=op.f("ck_change_authority_kind"),
        ),
        sa.CheckConstraint("(contact_role IS NULL) <> (access_role IS NULL)", name=op.f("ck_change_authority_decider")),
        sa.CheckConstraint("above_amount >= 0", name=op.f("ck_change_authority_above_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_authority")),
    )
    op.create_index(op.f("ix_change_authority_updated_at"), "change_authority", ["updated_at"], unique=False)
    op.create_table(
        "goal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("code", types.text(60), nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("description", types.text(), nullable=True),
        sa.Column("measure", types.text(200), nullable=True),
        sa.Column("target", types.Scaled(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_goal_period")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_goal_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
        sa.UniqueConstraint("code", name=op.f("uq_goal_code")),
    )
    op.create_index(op.f("ix_goal_ends_on"), "goal", ["ends_on"], unique=False)
    op.create_index(op.f("ix_goal_name"), "goal", ["name"], unique=False)
    op.create_index(op.f("ix_goal_owner_id"), "goal", ["owner_id"], unique=False)
    op.create_index(op.f("ix_goal_updated_at"), "goal", ["updated_at"], unique=False)
    op.create_table(
        "commitment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("promised_by_id", sa.Uuid(), nullable=False),
        sa.Column("promised_to_contact_id", sa.Uuid(), nullable=True),
        sa.Column("promised_to_person_id", sa.Uuid(), nullable=True),
        sa.Column("statement", types.text(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("original_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", types.text(20), nullable=False),
        sa.Column("action_done_at", types.Instant, nullable=True),
        sa.Column("result_achieved_at", types.Instant, nullable=True),
        sa.Column("result_achieved_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("variance_reason", types.text(30), nullable=True),
        sa.Column("variance_note", types.text(), nullable=True),
        sa.Column("renegotiations", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'kept', 'late', 'broken', 'withdrawn')", name=op.f("ck_commitment_status")
        ),
        sa.CheckConstraint(
            "variance_reason IN ('prerequisite_missing', 'capacity', 'absence', 'underestimated', 'priority_changed', 'client_late', 'supplier', 'rework', 'unclear', 'other') OR variance_reason IS NULL",
            name=op.f("ck_commitment_variance_reason"),
        ),
        sa.CheckConstraint("project_id IS NOT NULL OR client_id IS NOT NULL", name=op.f("ck_commitment_subject")),
        sa.CheckConstraint(
            "promised_to_contact_id IS NULL OR promised_to_person_id IS NULL", name=op.f("ck_commitment_promised_to")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_commitment_client_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_commitment_project_id")),
        sa.ForeignKeyConstraint(["promised_by_id"], ["person.id"], name=op.f("fk_commitment_promised_by_id")),
        sa.ForeignKeyConstraint(
            ["promised_to_contact_id"], ["contact.id"], name=op.f("fk_commitment_promised_to_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["promised_to_person_id"], ["person.id"], name=op.f("fk_commitment_promised_to_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    op.create_index(op.f("ix_commitment_client_id"), "commitment", ["client_id"], unique=False)
    op.create_index(op.f("ix_commitment_due_on"), "commitment", ["due_on"], unique=False)
    op.create_index(op.f("ix_commitment_project_id"), "commitment", ["project_id"], unique=False)
    op.create_index(op.f("ix_commitment_promised_by_id"), "commitment", ["promised_by_id"], unique=False)
    op.create_index(
        op.f("ix_commitment_promised_to_contact_id"), "commitment", ["promised_to_contact_id"], unique=False
    )
    op.create_index(op.f("ix_commitment_promised_to_person_id"), "commitment", ["promised_to_person_id"], unique=False)
    op.create_index(op.f("ix_commitment_status"), "commitment", ["status"], unique=False)
    op.create_index(op.f("ix_commitment_updated_at"), "commitment", ["updated_at"], unique=False)
    op.create_table(
        "estimate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("role", types.text(60), nullable=False),
        sa.Column("hours_budget", types.Hours(), nullable=False),
        sa.Column("hours_remaining", types.Hours(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.CheckConstraint("hours_budget >= 0", name=op.f("ck_estimate_hours_budget")),
        sa.CheckConstraint("hours_remaining >= 0", name=op.f("ck_estimate_hours_remaining")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_estimate_project_id")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_estimate_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimate")),
        sa.UniqueConstraint("project_id", "role", "as_of", name=op.f("uq_estimate_project_id_role_as_of")),
    )
    op.create_index(op.f("ix_estimate_as_of"), "estimate", ["as_of"], unique=False)
    op.create_index(op.f("ix_estimate_role"), "estimate", ["role"], unique=False)
    op.create_index(op.f("ix_estimate_updated_at"), "estimate", ["updated_at"], unique=False)
    op.create_table(
        "goal_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("weight", types.Scaled(), nullable=False),
        sa.CheckConstraint("weight > 0", name=op.f("ck_goal_link_weight")),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_goal_link_goal_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_goal_link_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_link")),
        sa.UniqueConstraint("project_id", "goal_id", name=op.f("uq_goal_link_project_id_goal_id")),
    )
    op.create_index(op.f("ix_goal_link_goal_id"), "goal_link", ["goal_id"], unique=False)
    op.create_index(op.f("ix_goal_link_updated_at"), "goal_link", ["updated_at"], unique=False)
    op.create_table(
        "risk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cause", types.text(), nullable=False),
        sa.Column("event", types.text(), nullable=False),
        sa.Column("effect", types.text(), nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=False),
        sa.Column("impact", sa.Integer(), nullable=False),
        sa.Column("strategy", types.text(20), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("response", types.text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("status", types.text(20), nullable=False),
        sa.Column("identified_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'closed', 'occurred')", name=op.f("ck_risk_status")),
        sa.CheckConstraint(
            "strategy IN ('avoid', 'reduce', 'transfer', 'share', 'accept', 'prepare')", name=op.f("ck_risk_strategy")
        ),
        sa.CheckConstraint("impact BETWEEN 1 AND 5", name=op.f("ck_risk_impact")),
        sa.CheckConstraint("likelihood BETWEEN 1 AND 5", name=op.f("ck_risk_likelihood")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_risk_owner_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_risk_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_risk_project_id_number")),
    )
    op.create_index(op.f("ix_risk_due_on"), "risk", ["due_on"], unique=False)
    op.create_index(op.f("ix_risk_owner_id"), "risk", ["owner_id"], unique=False)
    op.create_index(op.f("ix_risk_status"), "risk", ["status"], unique=False)
    op.create_index(op.f("ix_risk_updated_at"), "risk", ["updated_at"], unique=False)
    op.create_table(
        "status_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("scope", types.text(20), nullable=False),
        sa.Column("schedule", types.text(20), nullable=False),
        sa.Column("budget", types.text(20), nullable=False),
        sa.Column("team", types.text(20), nullable=False),
        sa.Column("client", types.text(20), nullable=False),
        sa.Column("percent_complete", types.Scaled(), nullable=True),
        sa.Column("narrative", types.text(), nullable=True),
        sa.Column("next_steps", types.text(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("budget IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_status_report_budget")),
        sa.CheckConstraint("client IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_status_report_client")),
        sa.CheckConstraint("schedule IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_status_report_schedule")),
        sa.CheckConstraint("scope IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_status_report_scope")),
        sa.CheckConstraint("team IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_status_report_team")),
        sa.CheckConstraint("percent_complete BETWEEN 0 AND 1000000", name=op.f("ck_status_report_percent_complete")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_status_report_author_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_status_report_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_report")),
        sa.UniqueConstraint("project_id", "reported_on", name=op.f("uq_status_report_project_id_reported_on")),
    )
    op.create_index(op.f("ix_status_report_author_id"), "status_report", ["author_id"], unique=False)
    op.create_index(op.f("ix_status_report_reported_on"), "status_report", ["reported_on"], unique=False)
    op.create_index(op.f("ix_status_report_updated_at"), "status_report", ["updated_at"], unique=False)
    op.create_table(
        "change_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", types.text(200), nullable=False),
        sa.Column("description", types.text(), nullable=True),
        sa.Column("value_statement", types.text(), nullable=False),
        sa.Column("kind", types.text(20), nullable=False),
        sa.Column("charge", types.text(20), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("impact_of_not_doing", types.text(), nullable=True),
        sa.Column("decide_by", sa.Date(), nullable=True),
        sa.Column("status", types.text(20), nullable=False),
        sa.Column("within_allowance", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", types.Instant, nullable=True),
        sa.Column("decided_at", types.Instant, nullable=True),
        sa.Column("decided_by_contact_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by_person_id", sa.Uuid(), nullable=True),
        sa.Column("decision_reason", types.text(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("option_id", sa.Uuid(), nullable=True),
        sa.Column("baseline_id", sa.Uuid(), nullable=True),
        sa.Column("postponed_until", sa.Date(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("implemented_on", sa.Date(), nullable=True),
        sa.Column("actual_value_points", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "charge IN ('billable', 'goodwill', 'included', 'our_error')", name=op.f("ck_change_request_charge")
        ),
        sa.CheckConstraint(
            "kind IN ('new_scope', 'reduction', 'defect', 'compliance')", name=op.f("ck_change_request_kind")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'assessing', 'awaiting_decision', 'approved', 'rejected', 'postponed', 'withdrawn', 'implemented', 'merged')",
            name=op.f("ck_change_request_status"),
        ),
        sa.CheckConstraint("urgency BETWEEN 1 AND 5", name=op.f("ck_change_request_urgency")),
        sa.ForeignKeyConstraint(["baseline_id"], ["baseline.id"], name=op.f("fk_change_request_baseline_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_contact_id"], ["contact.id"], name=op.f("fk_change_request_decided_by_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_person_id"], ["person.id"], name=op.f("fk_change_request_decided_by_person_id")
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_change_request_decision_id")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["change_request.id"], name=op.f("fk_change_request_merged_into_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_change_request_project_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["contact.id"], name=op.f("fk_change_request_requested_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_request")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_change_request_project_id_number")),
    )
    op.create_index(op.f("ix_change_request_decide_by"), "change_request", ["decide_by"], unique=False)
    op.create_index(op.f("ix_change_request_requested_by_id"), "change_request", ["requested_by_id"], unique=False)
    op.create_index(op.f("ix_change_request_status"), "change_request", ["status"], unique=False)
    op.create_index(op.f("ix_change_request_updated_at"), "change_request", ["updated_at"], unique=False)
    op.create_table(
        "commitment_renegotiation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("former_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("renegotiated_on", sa.Date(), nullable=False),
        sa.Column("variance_reason", types.text(30), nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "variance_reason IN ('prerequisite_missing', 'capacity', 'absence', 'underestimated', 'priority_changed', 'client_late', 'supplier', 'rework', 'unclear', 'other')",
            name=op.f("ck_commitment_renegotiation_variance_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_renegotiation_commitment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_renegotiation")),
    )
    op.create_index(
        op.f("ix_commitment_renegotiation_commitment_id"), "commitment_renegotiation", ["commitment_id"], unique=False
    )
    op.create_table(
        "decision_outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("as_expected", sa.Boolean(), nullable=True),
        sa.Column("figures", types.Json, nullable=True),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_decision_outcome_decision_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_decision_outcome_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_outcome")),
    )
    op.create_index(op.f("ix_decision_outcome_decision_id"), "decision_outcome", ["decision_id"], unique=False)
    op.create_table(
        "issue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("risk_id", sa.Uuid(), nullable=True),
        sa.Column("cause", types.text(), nullable=False),
        sa.Column("event", types.text(), nullable=False),
        sa.Column("effect", types.text(), nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=False),
        sa.Column("impact", sa.Integer(), nullable=False),
        sa.Column("strategy", types.text(20), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("response", types.text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("status", types.text(20), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("resolved_on", sa.Date(), nullable=True),
        sa.Column("resolution", types.text(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'in_progress', 'resolved', 'withdrawn')", name=op.f("ck_issue_status")),
        sa.CheckConstraint(
            "strategy IN ('avoid', 'reduce', 'transfer', 'share', 'accept', 'prepare')", name=op.f("ck_issue_strategy")
        ),
        sa.CheckConstraint("impact BETWEEN 1 AND 5", name=op.f("ck_issue_impact")),
        sa.CheckConstraint("likelihood BETWEEN 1 AND 5", name=op.f("ck_issue_likelihood")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_issue_owner_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_issue_project_id")),
        sa.ForeignKeyConstraint(["risk_id"], ["risk.id"], name=op.f("fk_issue_risk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_issue_project_id_number")),
    )
    op.create_index(op.f("ix_issue_due_on"), "issue", ["due_on"], unique=False)
    op.create_index(op.f("ix_issue_owner_id"), "issue", ["owner_id"], unique=False)
    op.create_index(op.f("ix_issue_risk_id"), "issue", ["risk_id"], unique=False)
    op.create_index(op.f("ix_issue_status"), "issue", ["status"], unique=False)
    op.create_index(op.f("ix_issue_updated_at"), "issue", ["updated_at"], unique=False)
    op.create_table(
        "rescue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("rescuer_id", sa.Uuid(), nullable=False),
        sa.Column("status", types.text(20), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("trigger", types.text(), nullable=False),
        sa.Column("assessment", types.text(), nullable=True),
        sa.Column("triage", types.Json, nullable=True),
        sa.Column("course", types.text(20), nullable=True),
        sa.Column("course_reason", types.text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("forecast_finish_on", sa.Date(), nullable=True),
        sa.Column("forecast_cost_to_complete", types.Scaled(), nullable=True),
        sa.Column("forecast_value", types.Scaled(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("actual_finish_on", sa.Date(), nullable=True),
        sa.Column("actual_cost_to_complete", types.Scaled(), nullable=True),
        sa.Column("actual_value", types.Scaled(), nullable=True),
        sa.Column("met_forecast", sa.Boolean(), nullable=True),
        sa.Column("outcome", types.text(), nullable=True),
        sa.CheckConstraint(
            "course IN ('continue', 'recover', 're_scope', 'pause', 'stop') OR course IS NULL",
            name=op.f("ck_rescue_course"),
        ),
        sa.CheckConstraint("status IN ('assessing', 'decided', 'closed', 'cancelled')", name=op.f("ck_rescue_status")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_rescue_decision_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_rescue_project_id")),
        sa.ForeignKeyConstraint(["rescuer_id"], ["person.id"], name=op.f("fk_rescue_rescuer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescue")),
    )
    op.create_index(op.f("ix_rescue_project_id"), "rescue", ["project_id"], unique=False)
    op.create_index(op.f("ix_rescue_rescuer_id"), "rescue", ["rescuer_id"], unique=False)
    op.create_index(op.f("ix_rescue_status"), "rescue", ["status"], unique=False)
    op.create_index(op.f("ix_rescue_updated_at"), "rescue", ["updated_at"], unique=False)
    op.create_index(
        "uq_rescue_running",
        "rescue",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('assessing', 'decided')"),
        postgresql_where=sa.text("status IN ('assessing', 'decided')"),
    )
    op.create_table(
        "change_ask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("change_request_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("content_version", types.text(60), nullable=False),
        sa.Column("shown", types.Json, nullable=False),
        sa.Column("asked_at", types.Instant, nullable=False),
        sa.Column("expires_at", types.Instant, nullable=False),
        sa.Column("answer", types.text(20), nullable=True),
        sa.Column("answer_option", sa.Integer(), nullable=True),
        sa.Column("answer_text", types.text(), nullable=True),
        sa.Column("answered_at", types.Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["change_request_id"], ["change_request.id"], name=op.f("fk_change_ask_change_request_id")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_change_ask_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_ask")),
    )
    op.create_index(op.f("ix_change_ask_change_request_id"), "change_ask", ["change_request_id"], unique=False)
    op.create_index(op.f("ix_change_ask_contact_id"), "change_ask", ["contact_id"], unique=False)
    op.create_index(op.f("ix_change_ask_updated_at"), "change_ask", ["updated_at"], unique=False)
    op.create_table(
        "change_impact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_request_id", sa.Uuid(), nullable=False),
        sa.Column("option_id", sa.Uuid(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("hours", types.Hours(), nullable=False),
        sa.Column("cost", types.Scaled(), nullable=True),
        sa.Column("price", types.Scaled(), nullable=False),
        sa.Column("currency", types.text(3), nullable=False),
        sa.Column("finish_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("figures", types.Json, nullable=False),
        sa.Column("inputs", types.Json, nullable=False),
        sa.Column("computed_at", types.Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["change_request_id"], ["change_request.id"], name=op.f("fk_change_impact_change_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_impact")),
    )
    op.create_index(op.f("ix_change_impact_change_request_id"), "change_impact", ["change_request_id"], unique=False)
    op.create_table(
        "change_option",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("change_request_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", types.text(20), nullable=False),
        sa.Column("title", types.text(200), nullable=False),
        sa.Column("scope", types.text(), nullable=True),
        sa.Column("value", types.text(), nullable=True),
        sa.Column("value_points", sa.Integer(), nullable=True),
        sa.Column("price", types.Scaled(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("hours", types.Json, nullable=False),
        sa.Column("purchases", types.Json, nullable=False),
        sa.Column("risk_changes", types.Json, nullable=False),
        sa.CheckConstraint(
            "kind IN ('as_asked', 'later_phase', 'smaller', 'swapped', 'declined')", name=op.f("ck_change_option_kind")
        ),
        sa.ForeignKeyConstraint(
            ["change_request_id"], ["change_request.id"], name=op.f("fk_change_option_change_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_option")),
        sa.UniqueConstraint("change_request_id", "number", name=op.f("uq_change_option_change_request_id_number")),
    )
    op.create_index(op.f("ix_change_option_updated_at"), "change_option", ["updated_at"], unique=False)
    op.create_table(
        "commitment_renegotiation_text",
        sa.Column("renegotiation_id", sa.Uuid(), nullable=False),
        sa.Column("reason", types.text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["renegotiation_id"],
            ["commitment_renegotiation.id"],
            name=op.f("fk_commitment_renegotiation_text_renegotiation_id"),
        ),
        sa.PrimaryKeyConstraint("renegotiation_id", name=op.f("pk_commitment_renegotiation_text")),
    )
    op.create_table(
        "decision_outcome_text",
        sa.Column("outcome_id", sa.Uuid(), nullable=False),
        sa.Column("statement", types.text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["decision_outcome.id"], name=op.f("fk_decision_outcome_text_outcome_id")
        ),
        sa.PrimaryKeyConstraint("outcome_id", name=op.f("pk_decision_outcome_text")),
    )
    op.create_table(
        "rescue_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("rescue_id", sa.Uuid(), nullable=False),
        sa.Column("statement", types.text(500), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", types.Instant, nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_rescue_action_owner_id")),
        sa.ForeignKeyConstraint(["rescue_id"], ["rescue.id"], name=op.f("fk_rescue_action_rescue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescue_action")),
    )
    op.create_index(op.f("ix_rescue_action_owner_id"), "rescue_action", ["owner_id"], unique=False)
    op.create_index(op.f("ix_rescue_action_rescue_id"), "rescue_action", ["rescue_id"], unique=False)
    op.create_index(op.f("ix_rescue_action_updated_at"), "rescue_action", ["updated_at"], unique=False)
    op.add_column("baseline", sa.Column("change_request_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_index(op.f("ix_time_entry_change_request_id"), table_name="time_entry")
    op.drop_column("time_entry", "change_request_id")
    op.drop_column("baseline", "change_request_id")
    op.drop_index(op.f("ix_rescue_action_updated_at"), table_name="rescue_action")
    op.drop_index(op.f("ix_rescue_action_rescue_id"), table_name="rescue_action")
    op.drop_index(op.f("ix_rescue_action_owner_id"), table_name="rescue_action")
    op.drop_table("rescue_action")
    op.drop_table("decision_outcome_text")
    op.drop_table("commitment_renegotiation_text")
    op.drop_index(op.f("ix_change_option_updated_at"), table_name="change_option")
    op.drop_table("change_option")
    op.drop_index(op.f("ix_change_impact_change_request_id"), table_name="change_impact")
    op.drop_table("change_impact")
    op.drop_index(op.f("ix_change_ask_updated_at"), table_name="change_ask")
    op.drop_index(op.f("ix_change_ask_contact_id"), table_name="change_ask")
    op.drop_index(op.f("ix_change_ask_change_request_id"), table_name="change_ask")
    op.drop_table("change_ask")
    op.drop_index(
        "uq_rescue_running",
        table_name="rescue",
        sqlite_where=sa.text("status IN ('assessing', 'decided')"),
        postgresql_where=sa.text("status IN ('assessing', 'decided')"),
    )
    op.drop_index(op.f("ix_rescue_updated_at"), table_name="rescue")
    op.drop_index(op.f("ix_rescue_status"), table_name="rescue")
    op.drop_index(op.f("ix_rescue_rescuer_id"), table_name="rescue")
    op.drop_index(op.f("ix_rescue_project_id"), table_name="rescue")
    op.drop_table("rescue")
    op.drop_index(op.f("ix_issue_updated_at"), table_name="issue")
    op.drop_index(op.f("ix_issue_status"), table_name="issue")
    op.drop_index(op.f("ix_issue_risk_id"), table_name="issue")
    op.drop_index(op.f("ix_issue_owner_id"), table_name="issue")
    op.drop_index(op.f("ix_issue_due_on"), table_name="issue")
    op.drop_table("issue")
    op.drop_index(op.f("ix_decision_outcome_decision_id"), table_name="decision_outcome")
    op.drop_table("decision_outcome")
    op.drop_index(op.f("ix_commitment_renegotiation_commitment_id"), table_name="commitment_renegotiation")
    op.drop_table("commitment_renegotiation")
    op.drop_index(op.f("ix_change_request_updated_at"), table_name="change_request")
    op.drop_index(op.f("ix_change_request_status"), table_name="change_request")
    op.drop_index(op.f("ix_change_request_requested_by_id"), table_name="change_request")
    op.drop_index(op.f("ix_change_request_decide_by"), table_name="change_request")
    op.drop_table("change_request")
    op.drop_index(op.f("ix_status_report_updated_at"), table_name="status_report")
    op.drop_index(op.f("ix_status_report_reported_on"), table_name="status_report")
    op.drop_index(op.f("ix_status_report_author_id"), table_name="status_report")
    op.drop_table("status_report")
    op.drop_index(op.f("ix_risk_updated_at"), table_name="risk")
    op.drop_index(op.f("ix_risk_status"), table_name="risk")
    op.drop_index(op.f("ix_risk_owner_id"), table_name="risk")
    op.drop_index(op.f("ix_risk_due_on"), table_name="risk")
    op.drop_table("risk")
    op.drop_index(op.f("ix_goal_link_updated_at"), table_name="goal_link")
    op.drop_index(op.f("ix_goal_link_goal_id"), table_name="goal_link")
    op.drop_table("goal_link")
    op.drop_index(op.f("ix_estimate_updated_at"), table_name="estimate")
    op.drop_index(op.f("ix_estimate_role"), table_name="estimate")
    op.drop_index(op.f("ix_estimate_as_of"), table_name="estimate")
    op.drop_table("estimate")
    op.drop_index(op.f("ix_commitment_updated_at"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_status"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_promised_to_person_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_promised_to_contact_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_promised_by_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_project_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_due_on"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_client_id"), table_name="commitment")
    op.drop_table("commitment")
    op.drop_index(op.f("ix_goal_updated_at"), table_name="goal")
    op.drop_index(op.f("ix_goal_owner_id"), table_name="goal")
    op.drop_index(op.f("ix_goal_name"), table_name="goal")
    op.drop_index(op.f("ix_goal_ends_on"), table_name="goal")
    op.drop_table("goal")
    op.drop_index(op.f("ix_change_authority_updated_at"), table_name="change_authority")
    op.drop_table("change_authority")
    create_triggers(op.get_bind())
