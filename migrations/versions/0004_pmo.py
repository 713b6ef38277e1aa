"""The PMO's instruments: quality, feedback, outcomes, touchpoints, periods, templates, charter and development."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

import sqlalchemy as sa
from alembic import op

from app.db import types
from app.db.triggers import create_triggers, drop_triggers

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAMESPACE = UUID("01890000-0000-7000-8000-0000000000ff")
CHECKLISTS = {
    "kick_off": (
        "Kick-off of a project",
        (
            "Everybody on the team has read the offer, the scope and the goals",
            "The client knows whom to ask for what",
            "The team has met the client, and each other",
            "Access to the client's tools, files and accounts is there",
            "Budget, dates and the way of handling changes are agreed in writing",
            "Risks that are known have an owner and an answer",
        ),
    ),
    "closing": (
        "Closing of a project",
        (
            "The client has accepted the last deliverable",
            "All hours and expenses are recorded, approved and invoiced",
            "Files, accounts and documentation are handed over",
            "Feedback of the client has been asked for",
            "The team has looked back, and what it learned is written down",
            "Outcomes, the day of their review and its owner are agreed",
        ),
    ),
}
MADE = {"version": 1, "created_at": datetime(2026, 1, 1, tzinfo=UTC), "updated_at": datetime(2026, 1, 1, tzinfo=UTC)}
CHECKLIST = sa.table(
    "checklist",
    sa.column("id", sa.Uuid()),
    sa.column("version", sa.Integer()),
    sa.column("created_at", types.Instant),
    sa.column("updated_at", types.Instant),
    sa.column("occasion", sa.String()),
    sa.column("name", sa.String()),
    sa.column("is_default", sa.Boolean()),
)
ITEM = sa.table(
    "checklist_item",
    sa.column("id", sa.Uuid()),
    sa.column("version", sa.Integer()),
    sa.column("created_at", types.Instant),
    sa.column("updated_at", types.Instant),
    sa.column("checklist_id", sa.Uuid()),
    sa.column("position", sa.Integer()),
    sa.column("statement", sa.String()),
)


# The project that an event is about, as the outbox writes it from now on; SQLite keeps ids without dashes.
PROJECTS_OF_EVENTS = {
    "sqlite": """
        UPDATE outbox_event SET project_id = CASE WHEN subject_type = 'project' THEN subject_id
            ELSE replace(json_extract(data, '$.project_id'), '-', '') END
    """,
    "postgresql": """
        UPDATE outbox_event SET project_id = CASE WHEN subject_type = 'project' THEN subject_id
            ELSE (data ->> 'project_id')::uuid END
    """,
}


def upgrade() -> None:
    drop_triggers(op.get_bind())
    change_tables()
    add_reference("expense", "change_request_id", "change_request")
    op.add_column("outbox_event", sa.Column("project_id", sa.Uuid(), nullable=True))
    op.execute(PROJECTS_OF_EVENTS[op.get_bind().dialect.name])
    op.create_index("ix_outbox_event_project", "outbox_event", ["project_id", "occurred_at"], unique=False)
    create_triggers(op.get_bind())
    write_checklists()


def write_checklists() -> None:
    """The first default of an occasion, where the office has none of its own. It stays when this step is undone: by then
    it is the office's, and the next step up leaves it alone.
    """
    for occasion, (name, statements) in CHECKLISTS.items():
        taken = sa.or_(
            sa.and_(CHECKLIST.c.occasion == occasion, CHECKLIST.c.is_default.is_(True)), CHECKLIST.c.name == name
        )
        if op.get_bind().execute(sa.select(CHECKLIST.c.id).where(taken)).first() is not None:
            continue
        id = uuid5(NAMESPACE, f"checklist {occasion}")
        op.bulk_insert(CHECKLIST, [{"id": id, "occasion": occasion, "name": name, "is_default": True} | MADE])
        items = [
            {"id": uuid5(id, str(position)), "checklist_id": id, "position": position, "statement": statement} | MADE
            for position, statement in enumerate(statements, start=1)
        ]
        op.bulk_insert(ITEM, items)


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
        "charter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("purpose", types.text(), nullable=False),
        sa.Column("value_proposition", types.text(), nullable=False),
        sa.Column("services", types.Json, nullable=False),
        sa.Column("guiding_values", types.Json, nullable=False),
        sa.Column("success_measures", types.Json, nullable=False),
        sa.Column("members", types.Json, nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charter")),
        sa.UniqueConstraint("number", name=op.f("uq_charter_number")),
    )
    op.create_table(
        "period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("label", types.text(10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("status", types.text(20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_period_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("label", name=op.f("uq_period_label")),
        sa.UniqueConstraint("starts_on", name=op.f("uq_period_starts_on")),
    )
    op.create_index(op.f("ix_period_status"), "period", ["status"], unique=False)
    op.create_index(op.f("ix_period_updated_at"), "period", ["updated_at"], unique=False)
    op.create_table(
        "reminder_sent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("kind", types.text(60), nullable=False),
        sa.Column("subject_type", types.text(60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_sent")),
        sa.UniqueConstraint("kind", "subject_id", "due_on", name=op.f("uq_reminder_sent_kind_subject_id_due_on")),
    )
    op.create_index(op.f("ix_reminder_sent_updated_at"), "reminder_sent", ["updated_at"], unique=False)
    op.create_table(
        "project_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("code", types.text(60), nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("kind", types.text(200), nullable=True),
        sa.Column("description", types.text(), nullable=True),
        sa.Column("duration_days", sa.Integer(), nullable=True),
        sa.Column("seats", types.Json, nullable=False),
        sa.Column("milestones", types.Json, nullable=False),
        sa.Column("estimates", types.Json, nullable=False),
        sa.Column("skills", types.Json, nullable=False),
        sa.Column("checklist_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["checklist_id"], ["checklist.id"], name=op.f("fk_project_template_checklist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_template")),
        sa.UniqueConstraint("code", name=op.f("uq_project_template_code")),
    )
    op.create_index(op.f("ix_project_template_kind"), "project_template", ["kind"], unique=False)
    op.create_index(op.f("ix_project_template_updated_at"), "project_template", ["updated_at"], unique=False)
    op.create_table(
        "development",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("skill", types.text(200), nullable=False),
        sa.Column("kind", types.text(20), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=True),
        sa.Column("target_level", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("note", types.text(), nullable=True),
        sa.CheckConstraint("kind IN ('training', 'mentoring')", name=op.f("ck_development_kind")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_development_days")),
        sa.CheckConstraint("mentor_id IS NULL OR mentor_id <> person_id", name=op.f("ck_development_mentor")),
        sa.CheckConstraint("target_level BETWEEN 1 AND 5", name=op.f("ck_development_target_level")),
        sa.ForeignKeyConstraint(["mentor_id"], ["person.id"], name=op.f("fk_development_mentor_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_development_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development")),
    )
    op.create_index(op.f("ix_development_mentor_id"), "development", ["mentor_id"], unique=False)
    op.create_index(op.f("ix_development_person_id"), "development", ["person_id"], unique=False)
    op.create_index(op.f("ix_development_skill"), "development", ["skill"], unique=False)
    op.create_index(op.f("ix_development_updated_at"), "development", ["updated_at"], unique=False)
    op.create_table(
        "defect",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("title", types.text(200), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("escaped", sa.Boolean(), nullable=False),
        sa.Column("severity", types.text(20), nullable=False),
        sa.Column("resolved_on", sa.Date(), nullable=True),
        sa.Column("found_by_contact_id", sa.Uuid(), nullable=True),
        sa.Column("description", types.text(), nullable=True),
        sa.Column("source", types.text(60), nullable=False),
        sa.Column("external_id", types.text(200), nullable=True),
        sa.CheckConstraint("severity IN ('low', 'medium', 'high', 'critical')", name=op.f("ck_defect_severity")),
        sa.CheckConstraint("resolved_on IS NULL OR resolved_on >= found_on", name=op.f("ck_defect_days")),
        sa.ForeignKeyConstraint(["found_by_contact_id"], ["contact.id"], name=op.f("fk_defect_found_by_contact_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_defect_project_id")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_defect")),
    )
    op.create_index("ix_defect_external", "defect", ["source", "external_id"], unique=False)
    op.create_index(op.f("ix_defect_found_on"), "defect", ["found_on"], unique=False)
    op.create_index(op.f("ix_defect_id"), "defect", ["id"], unique=False)
    op.create_index(op.f("ix_defect_project_id"), "defect", ["project_id"], unique=False)
    op.create_index(op.f("ix_defect_recorded_at"), "defect", ["recorded_at"], unique=False)
    op.create_index(
        "uq_defect_current",
        "defect",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "feedback",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("subject", types.text(20), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("team", types.text(200), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("csat", sa.Integer(), nullable=True),
        sa.Column("nps", sa.Integer(), nullable=True),
        sa.Column("comment", types.text(), nullable=True),
        sa.CheckConstraint("subject IN ('project', 'client', 'team', 'pmo_service')", name=op.f("ck_feedback_subject")),
        sa.CheckConstraint(
            "NOT anonymous OR (contact_id IS NULL AND person_id IS NULL)", name=op.f("ck_feedback_anonymous")
        ),
        sa.CheckConstraint("csat BETWEEN 1 AND 5", name=op.f("ck_feedback_csat")),
        sa.CheckConstraint(
            "csat IS NOT NULL OR nps IS NOT NULL OR comment IS NOT NULL", name=op.f("ck_feedback_something")
        ),
        sa.CheckConstraint("nps BETWEEN 0 AND 10", name=op.f("ck_feedback_nps")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_feedback_client_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_feedback_contact_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feedback_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_feedback_project_id")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_client_id"), "feedback", ["client_id"], unique=False)
    op.create_index(op.f("ix_feedback_contact_id"), "feedback", ["contact_id"], unique=False)
    op.create_index(op.f("ix_feedback_given_on"), "feedback", ["given_on"], unique=False)
    op.create_index(op.f("ix_feedback_id"), "feedback", ["id"], unique=False)
    op.create_index(op.f("ix_feedback_person_id"), "feedback", ["person_id"], unique=False)
    op.create_index(op.f("ix_feedback_project_id"), "feedback", ["project_id"], unique=False)
    op.create_index(op.f("ix_feedback_recorded_at"), "feedback", ["recorded_at"], unique=False)
    op.create_index(
        "uq_feedback_current",
        "feedback",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "feedback_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("subject", types.text(20), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("question", types.text(500), nullable=True),
        sa.Column("asked_at", types.Instant, nullable=False),
        sa.Column("expires_at", types.Instant, nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("answered_at", types.Instant, nullable=True),
        sa.Column("feedback_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "subject IN ('project', 'client', 'team', 'pmo_service')", name=op.f("ck_feedback_request_subject")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_feedback_request_client_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_feedback_request_contact_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_feedback_request_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_request")),
    )
    op.create_index(op.f("ix_feedback_request_client_id"), "feedback_request", ["client_id"], unique=False)
    op.create_index(op.f("ix_feedback_request_contact_id"), "feedback_request", ["contact_id"], unique=False)
    op.create_index(op.f("ix_feedback_request_project_id"), "feedback_request", ["project_id"], unique=False)
    op.create_index(op.f("ix_feedback_request_updated_at"), "feedback_request", ["updated_at"], unique=False)
    op.create_table(
        "outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("measure", types.text(200), nullable=False),
        sa.Column("unit", types.text(60), nullable=True),
        sa.Column("baseline", types.Scaled(), nullable=True),
        sa.Column("target", types.Scaled(), nullable=False),
        sa.Column("lower_is_better", sa.Boolean(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("actual", types.Scaled(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("evidence", types.text(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(actual IS NULL) = (reviewed_on IS NULL)", name=op.f("ck_outcome_reviewed")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_outcome_owner_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_outcome_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
        sa.UniqueConstraint("project_id", "measure", name=op.f("uq_outcome_project_id_measure")),
    )
    op.create_index(op.f("ix_outcome_owner_id"), "outcome", ["owner_id"], unique=False)
    op.create_index(op.f("ix_outcome_review_on"), "outcome", ["review_on"], unique=False)
    op.create_index(op.f("ix_outcome_reviewed_on"), "outcome", ["reviewed_on"], unique=False)
    op.create_index(op.f("ix_outcome_updated_at"), "outcome", ["updated_at"], unique=False)
    op.create_table(
        "project_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", types.text(20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("statement", types.text(500), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("done_at", types.Instant, nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "occasion IN ('kick_off', 'handover', 'change', 'rescue', 'closing')", name=op.f("ck_project_task_occasion")
        ),
        sa.ForeignKeyConstraint(["done_by"], ["person.id"], name=op.f("fk_project_task_done_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_project_task_owner_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_task_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_task")),
    )
    op.create_index(op.f("ix_project_task_due_on"), "project_task", ["due_on"], unique=False)
    op.create_index(op.f("ix_project_task_owner_id"), "project_task", ["owner_id"], unique=False)
    op.create_index(op.f("ix_project_task_project_id"), "project_task", ["project_id"], unique=False)
    op.create_index(op.f("ix_project_task_updated_at"), "project_task", ["updated_at"], unique=False)
    op.create_table(
        "skill_need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("skill", types.text(200), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("weekly_hours", types.Hours(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_skill_need_level")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_skill_need_days")),
        sa.CheckConstraint("weekly_hours > 0", name=op.f("ck_skill_need_weekly_hours")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_skill_need_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_need")),
    )
    op.create_index(op.f("ix_skill_need_project_id"), "skill_need", ["project_id"], unique=False)
    op.create_index(op.f("ix_skill_need_skill"), "skill_need", ["skill"], unique=False)
    op.create_index(op.f("ix_skill_need_updated_at"), "skill_need", ["updated_at"], unique=False)
    op.create_table(
        "touchpoint",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("kind", types.text(20), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("note", types.text(), nullable=True),
        sa.CheckConstraint("kind IN ('scheduled', 'proactive', 'reactive')", name=op.f("ck_touchpoint_kind")),
        sa.CheckConstraint("next_on IS NULL OR next_on >= happened_on", name=op.f("ck_touchpoint_days")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_touchpoint_client_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_touchpoint_contact_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_touchpoint_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_touchpoint_project_id")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_touchpoint")),
    )
    op.create_index(op.f("ix_touchpoint_client_id"), "touchpoint", ["client_id"], unique=False)
    op.create_index(op.f("ix_touchpoint_happened_on"), "touchpoint", ["happened_on"], unique=False)
    op.create_index(op.f("ix_touchpoint_id"), "touchpoint", ["id"], unique=False)
    op.create_index(op.f("ix_touchpoint_next_on"), "touchpoint", ["next_on"], unique=False)
    op.create_index(op.f("ix_touchpoint_person_id"), "touchpoint", ["person_id"], unique=False)
    op.create_index(op.f("ix_touchpoint_project_id"), "touchpoint", ["project_id"], unique=False)
    op.create_index(op.f("ix_touchpoint_recorded_at"), "touchpoint", ["recorded_at"], unique=False)
    op.create_index(
        "uq_touchpoint_current",
        "touchpoint",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "deliverable_review",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=True),
        sa.Column("deliverable", types.text(200), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", types.text(20), nullable=False),
        sa.Column("defects_found", sa.Integer(), nullable=False),
        sa.Column("note", types.text(), nullable=True),
        sa.CheckConstraint("outcome IN ('accepted', 'rework')", name=op.f("ck_deliverable_review_outcome")),
        sa.CheckConstraint("defects_found >= 0", name=op.f("ck_deliverable_review_defects_found")),
        sa.CheckConstraint("round >= 1", name=op.f("ck_deliverable_review_round")),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestone.id"], name=op.f("fk_deliverable_review_milestone_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_deliverable_review_project_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_deliverable_review_reviewer_id")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_deliverable_review")),
    )
    op.create_index(op.f("ix_deliverable_review_id"), "deliverable_review", ["id"], unique=False)
    op.create_index(op.f("ix_deliverable_review_milestone_id"), "deliverable_review", ["milestone_id"], unique=False)
    op.create_index(op.f("ix_deliverable_review_project_id"), "deliverable_review", ["project_id"], unique=False)
    op.create_index(op.f("ix_deliverable_review_recorded_at"), "deliverable_review", ["recorded_at"], unique=False)
    op.create_index(op.f("ix_deliverable_review_reviewed_on"), "deliverable_review", ["reviewed_on"], unique=False)
    op.create_index(op.f("ix_deliverable_review_reviewer_id"), "deliverable_review", ["reviewer_id"], unique=False)
    op.create_index(
        "uq_deliverable_review_current",
        "deliverable_review",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "period_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("step", types.text(20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", types.Instant, nullable=False),
        sa.Column("by_person_id", sa.Uuid(), nullable=True),
        sa.Column("by_key_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("step IN ('closed', 'reopened')", name=op.f("ck_period_history_step")),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_period_history_by_person_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_period_history_decision_id")),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_period_history_period_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_history")),
    )
    op.create_index(op.f("ix_period_history_period_id"), "period_history", ["period_id"], unique=False)


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("ix_outbox_event_project", table_name="outbox_event")
    op.drop_column("outbox_event", "project_id")
    op.drop_index(op.f("ix_expense_change_request_id"), table_name="expense")
    op.drop_column("expense", "change_request_id")
    op.drop_index(op.f("ix_period_history_period_id"), table_name="period_history")
    op.drop_table("period_history")
    op.drop_index(
        "uq_deliverable_review_current",
        table_name="deliverable_review",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(op.f("ix_deliverable_review_reviewer_id"), table_name="deliverable_review")
    op.drop_index(op.f("ix_deliverable_review_reviewed_on"), table_name="deliverable_review")
    op.drop_index(op.f("ix_deliverable_review_recorded_at"), table_name="deliverable_review")
    op.drop_index(op.f("ix_deliverable_review_project_id"), table_name="deliverable_review")
    op.drop_index(op.f("ix_deliverable_review_milestone_id"), table_name="deliverable_review")
    op.drop_index(op.f("ix_deliverable_review_id"), table_name="deliverable_review")
    op.drop_table("deliverable_review")
    op.drop_index(
        "uq_touchpoint_current",
        table_name="touchpoint",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(op.f("ix_touchpoint_recorded_at"), table_name="touchpoint")
    op.drop_index(op.f("ix_touchpoint_project_id"), table_name="touchpoint")
    op.drop_index(op.f("ix_touchpoint_person_id"), table_name="touchpoint")
    op.drop_index(op.f("ix_touchpoint_next_on"), table_name="touchpoint")
    op.drop_index(op.f("ix_touchpoint_id"), table_name="touchpoint")
    op.drop_index(op.f("ix_touchpoint_happened_on"), table_name="touchpoint")
    op.drop_index(op.f("ix_touchpoint_client_id"), table_name="touchpoint")
    op.drop_table("touchpoint")
    op.drop_index(op.f("ix_skill_need_updated_at"), table_name="skill_need")
    op.drop_index(op.f("ix_skill_need_skill"), table_name="skill_need")
    op.drop_index(op.f("ix_skill_need_project_id"), table_name="skill_need")
    op.drop_table("skill_need")
    op.drop_index(op.f("ix_project_task_updated_at"), table_name="project_task")
    op.drop_index(op.f("ix_project_task_project_id"), table_name="project_task")
    op.drop_index(op.f("ix_project_task_owner_id"), table_name="project_task")
    op.drop_index(op.f("ix_project_task_due_on"), table_name="project_task")
    op.drop_table("project_task")
    op.drop_index(op.f("ix_outcome_updated_at"), table_name="outcome")
    op.drop_index(op.f("ix_outcome_reviewed_on"), table_name="outcome")
    op.drop_index(op.f("ix_outcome_review_on"), table_name="outcome")
    op.drop_index(op.f("ix_outcome_owner_id"), table_name="outcome")
    op.drop_table("outcome")
    op.drop_index(op.f("ix_feedback_request_updated_at"), table_name="feedback_request")
    op.drop_index(op.f("ix_feedback_request_project_id"), table_name="feedback_request")
    op.drop_index(op.f("ix_feedback_request_contact_id"), table_name="feedback_request")
    op.drop_index(op.f("ix_feedback_request_client_id"), table_name="feedback_request")
    op.drop_table("feedback_request")
    op.drop_index(
        "uq_feedback_current",
        table_name="feedback",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(op.f("ix_feedback_recorded_at"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_project_id"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_person_id"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_id"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_given_on"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_contact_id"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_client_id"), table_name="feedback")
    op.drop_table("feedback")
    op.drop_index(
        "uq_defect_current",
        table_name="defect",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(op.f("ix_defect_recorded_at"), table_name="defect")
    op.drop_index(op.f("ix_defect_project_id"), table_name="defect")
    op.drop_index(op.f("ix_defect_id"), table_name="defect")
    op.drop_index(op.f("ix_defect_found_on"), table_name="defect")
    op.drop_index("ix_defect_external", table_name="defect")
    op.drop_table("defect")
    op.drop_index(op.f("ix_development_updated_at"), table_name="development")
    op.drop_index(op.f("ix_development_skill"), table_name="development")
    op.drop_index(op.f("ix_development_person_id"), table_name="development")
    op.drop_index(op.f("ix_development_mentor_id"), table_name="development")
    op.drop_table("development")
    op.drop_index(op.f("ix_project_template_updated_at"), table_name="project_template")
    op.drop_index(op.f("ix_project_template_kind"), table_name="project_template")
    op.drop_table("project_template")
    op.drop_index(op.f("ix_reminder_sent_updated_at"), table_name="reminder_sent")
    op.drop_table("reminder_sent")
    op.drop_index(op.f("ix_period_updated_at"), table_name="period")
    op.drop_index(op.f("ix_period_status"), table_name="period")
    op.drop_table("period")
    op.drop_table("charter")
    create_triggers(op.get_bind())
