"""The portfolio: clients, people, roles, projects, time, money, access, audit, decisions, events."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

import sqlalchemy as sa
from alembic import op

from app.db import types
from app.db.triggers import create_triggers, drop_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAMESPACE = UUID("01890000-0000-7000-8000-0000000000ff")
ROLES = (
    (
        "account_manager",
        "Account manager",
        "Rides the project on the client's side: speaks with the client and for the client.",
    ),
    (
        "production_manager",
        "Production manager",
        "Rides the project on the agency's side: runs the production and the team.",
    ),
)
RESPONSIBILITIES = (
    ("account_manager", "client", "real_time_communication", "Real-time calls and emails"),
    ("account_manager", "client", "scheduled_communication", "Scheduled communication: kick-offs, updates"),
    (
        "account_manager",
        "client",
        "proactive_communication",
        "Proactive communication: ideas, opportunities, suggestions",
    ),
    ("account_manager", "client", "client_business", "Understand the client's business"),
    ("account_manager", "client", "client_advocacy", "Advocate internally for the client's goals and requests"),
    ("account_manager", "client", "client_relationship", "Develop and manage the relationship"),
    ("production_manager", "project", "task_assignment", "Assign tasks"),
    ("production_manager", "project", "capacity_management", "Manage internal capacity and skill delegation"),
    ("production_manager", "project", "task_clarity", "Make sure the team understands its tasks"),
    ("production_manager", "project", "deliverable_review", "Review deliverables"),
    ("production_manager", "project", "testing", "Testing and QA"),
    ("production_manager", "project", "scope_review", "Review scope"),
    ("production_manager", "project", "content_loading", "Load content"),
    ("production_manager", "project", "configuration", "Configure settings"),
)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2049, 12, 31)


def upgrade() -> None:
    create_tables()
    bind = op.get_bind()
    create_triggers(bind)
    made = {
        "version": 1,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "updated_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    op.bulk_insert(
        seed_table("role", "key", "name", "purpose", exclusive=sa.Boolean(), built_in=sa.Boolean()),
        [
            {
                "id": uuid5(NAMESPACE, key),
                "key": key,
                "name": name,
                "purpose": purpose,
                "exclusive": True,
                "built_in": True,
            }
            | made
            for key, name, purpose in ROLES
        ],
    )
    op.bulk_insert(
        seed_table("responsibility", "role", "key", "name", "duty", "rasci"),
        [
            {"id": uuid5(NAMESPACE, key), "role": role, "key": key, "name": name, "duty": duty, "rasci": "R"} | made
            for role, duty, key, name in RESPONSIBILITIES
        ],
    )
    calendar = sa.table(
        "calendar_day",
        sa.column("day", sa.Date()),
        sa.column("is_working", sa.Boolean()),
        sa.column("source", sa.String()),
        sa.column("version", sa.Integer()),
    )
    days = [{"day": day, "is_working": day.weekday() < 5, "source": "week", "version": 1} for day in every_day()]
    for start in range(0, len(days), 5000):
        bind.execute(sa.insert(calendar), days[start : start + 5000])
    if bind.dialect.name == "postgresql":
        # It never changes much, so it is never analysed by itself; without, joins by a range of days scan all of it.
        op.execute("ANALYZE calendar_day")


def seed_table(name: str, *texts: str, **others: sa.types.TypeEngine[bool]) -> sa.TableClause:
    return sa.table(
        name,
        sa.column("id", sa.Uuid()),
        sa.column("version", sa.Integer()),
        sa.column("created_at", types.Instant),
        sa.column("updated_at", types.Instant),
        *(sa.column(text, sa.String()) for text in texts),
        *(sa.column(other, kind) for other, kind in others.items()),
    )


def every_day() -> Iterator[date]:
    day = FIRST_DAY
    while day <= LAST_DAY:
        yield day
        day += timedelta(1)


def create_tables() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", types.Instant, nullable=False),
        sa.Column("action", types.text(60), nullable=False),
        sa.Column("subject_type", types.text(60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", types.text(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(op.f("ix_audit_entry_person_id"), "audit_entry", ["person_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_subject_id"), "audit_entry", ["subject_id"], unique=False)
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", types.text(200), nullable=True),
        sa.Column("source", types.text(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("source IN ('week', 'holidays', 'office')", name=op.f("ck_calendar_day_source")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "exchange_rate",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("base", types.text(3), nullable=False),
        sa.Column("quote", types.text(3), nullable=False),
        sa.Column("rate", types.Scaled(8), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.CheckConstraint("base <> quote", name=op.f("ck_exchange_rate_pair")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_exchange_rate")),
    )
    op.create_index(op.f("ix_exchange_rate_id"), "exchange_rate", ["id"], unique=False)
    op.create_index(op.f("ix_exchange_rate_recorded_at"), "exchange_rate", ["recorded_at"], unique=False)
    op.create_index(
        "uq_exchange_rate_current",
        "exchange_rate",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "uq_exchange_rate_pair",
        "exchange_rate",
        ["base", "quote", "valid_from"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "idempotency_record",
        sa.Column("caller", types.text(80), nullable=False),
        sa.Column("key", types.text(200), nullable=False),
        sa.Column("request_hash", types.text(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", types.Json, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_record")),
    )
    op.create_index(op.f("ix_idempotency_record_created_at"), "idempotency_record", ["created_at"], unique=False)
    op.create_table(
        "outbox_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("type", types.text(80), nullable=False),
        sa.Column("subject_type", types.text(60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", types.Instant, nullable=False),
        sa.Column("data", types.Json, nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", types.text(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_event")),
        sa.UniqueConstraint("position", name=op.f("uq_outbox_event_position")),
    )
    op.create_index(op.f("ix_outbox_event_subject_id"), "outbox_event", ["subject_id"], unique=False)
    op.create_table(
        "role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("key", types.text(60), nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("purpose", types.text(), nullable=True),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("built_in", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("key", name=op.f("uq_role_key")),
    )
    op.create_index(op.f("ix_role_updated_at"), "role", ["updated_at"], unique=False)
    op.create_table(
        "audit_change",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("before", types.Json, nullable=True),
        sa.Column("after", types.Json, nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_change_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_change")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("email", types.text(200), nullable=False),
        sa.Column("display_name", types.text(200), nullable=False),
        sa.Column("job_title", types.text(200), nullable=True),
        sa.Column("team", types.text(200), nullable=True),
        sa.Column("home_role", types.text(60), nullable=True),
        sa.Column("preferred_duty", types.text(20), nullable=True),
        sa.Column("weekly_hours", types.Hours(), nullable=False),
        sa.Column("active_cap", types.Scaled(), nullable=False),
        sa.Column("back_burner_cap", types.Scaled(), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("search_text", types.text(450), nullable=False),
        sa.CheckConstraint(
            "preferred_duty IN ('client', 'project', 'craft') OR preferred_duty IS NULL",
            name=op.f("ck_person_preferred_duty"),
        ),
        sa.CheckConstraint(
            "left_on IS NULL OR hired_on IS NULL OR left_on >= hired_on", name=op.f("ck_person_employment")
        ),
        sa.ForeignKeyConstraint(["home_role"], ["role.key"], name=op.f("fk_person_home_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_index(op.f("ix_person_display_name"), "person", ["display_name"], unique=False)
    op.create_index(op.f("ix_person_updated_at"), "person", ["updated_at"], unique=False)
    op.create_table(
        "responsibility",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("role", types.text(60), nullable=False),
        sa.Column("key", types.text(60), nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("duty", types.text(20), nullable=False),
        sa.Column("rasci", types.text(1), nullable=False),
        sa.CheckConstraint("duty IN ('client', 'project', 'craft')", name=op.f("ck_responsibility_duty")),
        sa.CheckConstraint("rasci IN ('R', 'A', 'S', 'C', 'I')", name=op.f("ck_responsibility_rasci")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_responsibility_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility")),
        sa.UniqueConstraint("key", name=op.f("uq_responsibility_key")),
    )
    op.create_index(op.f("ix_responsibility_role"), "responsibility", ["role"], unique=False)
    op.create_index(op.f("ix_responsibility_updated_at"), "responsibility", ["updated_at"], unique=False)
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("role", types.text(20), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("secret_hash", types.text(64), nullable=False),
        sa.Column("former_hash", types.text(64), nullable=True),
        sa.Column("former_until", types.Instant, nullable=True),
        sa.Column("expires_at", types.Instant, nullable=True),
        sa.Column("revoked_at", types.Instant, nullable=True),
        sa.CheckConstraint(
            "role IN ('pmo_lead', 'manager', 'contributor', 'analyst', 'viewer', 'integration')",
            name=op.f("ck_api_key_role"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_key_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    op.create_index(op.f("ix_api_key_person_id"), "api_key", ["person_id"], unique=False)
    op.create_index(op.f("ix_api_key_updated_at"), "api_key", ["updated_at"], unique=False)
    op.create_table(
        "client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("code", types.text(60), nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("industry", types.text(200), nullable=True),
        sa.Column("tier", types.text(20), nullable=False),
        sa.Column("status", types.text(20), nullable=False),
        sa.Column("communication_intensity", sa.Integer(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("account_manager_id", sa.Uuid(), nullable=True),
        sa.Column("search_text", types.text(450), nullable=False),
        sa.CheckConstraint("status IN ('prospect', 'active', 'former')", name=op.f("ck_client_status")),
        sa.CheckConstraint("tier IN ('strategic', 'key', 'standard')", name=op.f("ck_client_tier")),
        sa.CheckConstraint("communication_intensity BETWEEN 1 AND 5", name=op.f("ck_client_communication_intensity")),
        sa.ForeignKeyConstraint(["account_manager_id"], ["person.id"], name=op.f("fk_client_account_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("code", name=op.f("uq_client_code")),
    )
    op.create_index(op.f("ix_client_account_manager_id"), "client", ["account_manager_id"], unique=False)
    op.create_index(op.f("ix_client_name"), "client", ["name"], unique=False)
    op.create_index(op.f("ix_client_updated_at"), "client", ["updated_at"], unique=False)
    op.create_table(
        "person_rate",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cost_rate", types.Scaled(), nullable=False),
        sa.Column("currency", types.text(3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_rate_person_id")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_person_rate")),
    )
    op.create_index(op.f("ix_person_rate_id"), "person_rate", ["id"], unique=False)
    op.create_index(op.f("ix_person_rate_recorded_at"), "person_rate", ["recorded_at"], unique=False)
    op.create_index(
        "uq_person_rate_current",
        "person_rate",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "uq_person_rate_valid_from",
        "person_rate",
        ["person_id", "valid_from"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "person_skill",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("skill", types.text(200), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_person_skill_level")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_skill_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_skill")),
        sa.UniqueConstraint("person_id", "skill", name=op.f("uq_person_skill_person_id_skill")),
    )
    op.create_index(op.f("ix_person_skill_skill"), "person_skill", ["skill"], unique=False)
    op.create_index(op.f("ix_person_skill_updated_at"), "person_skill", ["updated_at"], unique=False)
    op.create_table(
        "time_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("kind", types.text(20), nullable=False),
        sa.Column("hours_per_day", types.Hours(), nullable=True),
        sa.Column("note", types.text(), nullable=True),
        sa.CheckConstraint("kind IN ('vacation', 'sick', 'training', 'other')", name=op.f("ck_time_off_kind")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_time_off_days")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_time_off_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_off")),
    )
    op.create_index(op.f("ix_time_off_from_on"), "time_off", ["from_on"], unique=False)
    op.create_index(op.f("ix_time_off_person_id"), "time_off", ["person_id"], unique=False)
    op.create_index(op.f("ix_time_off_updated_at"), "time_off", ["updated_at"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("email", types.text(200), nullable=True),
        sa.Column("role", types.text(20), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('sponsor', 'approver', 'user', 'billing')", name=op.f("ck_contact_role")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_contact_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_client_id"), "contact", ["client_id"], unique=False)
    op.create_index(op.f("ix_contact_updated_at"), "contact", ["updated_at"], unique=False)
    op.create_table(
        "project",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("code", types.text(60), nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", types.text(200), nullable=True),
        sa.Column("engagement", types.text(30), nullable=False),
        sa.Column("period_hours", types.Hours(), nullable=True),
        sa.Column("rollover", sa.Boolean(), nullable=False),
        sa.Column("cause", types.text(200), nullable=True),
        sa.Column("declared_impact", types.text(), nullable=True),
        sa.Column("management", types.text(20), nullable=False),
        sa.Column("split_on", sa.Date(), nullable=True),
        sa.Column("technical_complexity", sa.Integer(), nullable=False),
        sa.Column("communication_intensity", sa.Integer(), nullable=True),
        sa.Column("scope", types.text(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("currency", types.text(3), nullable=False),
        sa.Column("fee", types.Scaled(), nullable=True),
        sa.Column("cost_budget", types.Scaled(), nullable=True),
        sa.Column("hours_budget", types.Hours(), nullable=True),
        sa.Column("change_allowance_hours", types.Hours(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("expected_value", types.Scaled(), nullable=True),
        sa.Column("win_probability", types.Scaled(), nullable=True),
        sa.Column("remaining_value", types.Scaled(), nullable=True),
        sa.Column("exit_cost", types.Scaled(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("seat_counter", sa.Integer(), nullable=False),
        sa.Column("search_text", types.text(450), nullable=False),
        sa.CheckConstraint(
            "engagement IN ('fixed_fee', 'time_and_materials', 'retainer', 'pro_bono', 'internal')",
            name=op.f("ck_project_engagement"),
        ),
        sa.CheckConstraint("management IN ('split', 'combined')", name=op.f("ck_project_management")),
        sa.CheckConstraint("communication_intensity BETWEEN 1 AND 5", name=op.f("ck_project_communication_intensity")),
        sa.CheckConstraint("due_on IS NULL OR start_on IS NULL OR due_on >= start_on", name=op.f("ck_project_dates")),
        sa.CheckConstraint("technical_complexity BETWEEN 1 AND 5", name=op.f("ck_project_technical_complexity")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_project_client_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["project.id"], name=op.f("fk_project_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("code", name=op.f("uq_project_code")),
    )
    op.create_index(op.f("ix_project_client_id"), "project", ["client_id"], unique=False)
    op.create_index(op.f("ix_project_due_on"), "project", ["due_on"], unique=False)
    op.create_index(op.f("ix_project_name"), "project", ["name"], unique=False)
    op.create_index(op.f("ix_project_parent_id"), "project", ["parent_id"], unique=False)
    op.create_index(op.f("ix_project_updated_at"), "project", ["updated_at"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("role", types.text(60), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("kind", types.text(20), nullable=False),
        sa.Column("certainty", types.text(20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("allocation_percent", types.Scaled(), nullable=True),
        sa.Column("reason", types.text(), nullable=True),
        sa.CheckConstraint("certainty IN ('tentative', 'confirmed')", name=op.f("ck_assignment_certainty")),
        sa.CheckConstraint("kind IN ('holder', 'shadow', 'cover')", name=op.f("ck_assignment_kind")),
        sa.CheckConstraint(
            "allocation_percent IS NULL OR allocation_percent BETWEEN 0 AND 1000000",
            name=op.f("ck_assignment_allocation"),
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_assignment_days")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_assignment_project_id")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_assignment_role")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_id"), "assignment", ["id"], unique=False)
    op.create_index(op.f("ix_assignment_person_id"), "assignment", ["person_id"], unique=False)
    op.create_index("ix_assignment_project_role", "assignment", ["project_id", "role"], unique=False)
    op.create_index(op.f("ix_assignment_recorded_at"), "assignment", ["recorded_at"], unique=False)
    op.create_index(
        "uq_assignment_current",
        "assignment",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "baseline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cause", types.text(20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("currency", types.text(3), nullable=False),
        sa.Column("fee", types.Scaled(), nullable=True),
        sa.Column("cost_budget", types.Scaled(), nullable=True),
        sa.Column("hours_budget", types.Hours(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("cause IN ('kick_off', 'activation', 'change')", name=op.f("ck_baseline_cause")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_baseline_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_baseline_project_id_number")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", types.text(20), nullable=False),
        sa.Column("subject_type", types.text(60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_at", types.Instant, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", types.text(200), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('change', 'override', 'waiver', 'rescue', 'reopening', 'lead_role', 'other')",
            name=op.f("ck_decision_kind"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_decision_client_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_decision_decided_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_decision_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_decision_project_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["decision.id"], name=op.f("fk_decision_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_client_id"), "decision", ["client_id"], unique=False)
    op.create_index(op.f("ix_decision_decided_on"), "decision", ["decided_on"], unique=False)
    op.create_index(op.f("ix_decision_person_id"), "decision", ["person_id"], unique=False)
    op.create_index(op.f("ix_decision_project_id"), "decision", ["project_id"], unique=False)
    op.create_index(op.f("ix_decision_subject_id"), "decision", ["subject_id"], unique=False)
    op.create_index(op.f("ix_decision_supersedes_id"), "decision", ["supersedes_id"], unique=False)
    op.create_table(
        "expense",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("incurred_on", sa.Date(), nullable=False),
        sa.Column("amount", types.Scaled(), nullable=False),
        sa.Column("currency", types.text(3), nullable=False),
        sa.Column("pass_through", sa.Boolean(), nullable=False),
        sa.Column("description", types.text(), nullable=True),
        sa.Column("source", types.text(60), nullable=False),
        sa.Column("external_id", types.text(200), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_expense_project_id")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_expense")),
    )
    op.create_index("ix_expense_external", "expense", ["source", "external_id"], unique=False)
    op.create_index(op.f("ix_expense_id"), "expense", ["id"], unique=False)
    op.create_index(op.f("ix_expense_incurred_on"), "expense", ["incurred_on"], unique=False)
    op.create_index(op.f("ix_expense_project_id"), "expense", ["project_id"], unique=False)
    op.create_index(op.f("ix_expense_recorded_at"), "expense", ["recorded_at"], unique=False)
    op.create_index(
        "uq_expense_current",
        "expense",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "invoice",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", types.text(60), nullable=True),
        sa.Column("invoiced_on", sa.Date(), nullable=False),
        sa.Column("amount", types.Scaled(), nullable=False),
        sa.Column("currency", types.text(3), nullable=False),
        sa.Column("source", types.text(60), nullable=False),
        sa.Column("external_id", types.text(200), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_invoice_project_id")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_invoice")),
    )
    op.create_index("ix_invoice_external", "invoice", ["source", "external_id"], unique=False)
    op.create_index(op.f("ix_invoice_id"), "invoice", ["id"], unique=False)
    op.create_index(op.f("ix_invoice_invoiced_on"), "invoice", ["invoiced_on"], unique=False)
    op.create_index(op.f("ix_invoice_project_id"), "invoice", ["project_id"], unique=False)
    op.create_index(op.f("ix_invoice_recorded_at"), "invoice", ["recorded_at"], unique=False)
    op.create_index(
        "uq_invoice_current",
        "invoice",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "milestone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("forecast_on", sa.Date(), nullable=True),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("weight", types.Scaled(), nullable=False),
        sa.Column("deliverable", types.text(), nullable=True),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_milestone_weight")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_milestone_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
    )
    op.create_index(op.f("ix_milestone_project_id"), "milestone", ["project_id"], unique=False)
    op.create_index(op.f("ix_milestone_updated_at"), "milestone", ["updated_at"], unique=False)
    op.create_table(
        "project_status",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transition_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("status", types.text(20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("reason", types.text(), nullable=True),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.CheckConstraint(
            "status IN ('pipeline', 'active', 'back_burner', 'on_hold', 'closed', 'cancelled', 'lost')",
            name=op.f("ck_project_status_status"),
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_project_status_days")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_status_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_status")),
    )
    op.create_index(
        "ix_project_status_current",
        "project_status",
        ["project_id", "valid_from"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(op.f("ix_project_status_transition_id"), "project_status", ["transition_id"], unique=False)
    op.create_table(
        "rate_card",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("role", types.text(60), nullable=False),
        sa.Column("rate", types.Scaled(), nullable=False),
        sa.Column("currency", types.text(3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.CheckConstraint("client_id IS NULL OR project_id IS NULL", name=op.f("ck_rate_card_scope")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_rate_card_client_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_rate_card_project_id")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_rate_card_role")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_rate_card")),
    )
    op.create_index(op.f("ix_rate_card_client_id"), "rate_card", ["client_id"], unique=False)
    op.create_index(op.f("ix_rate_card_id"), "rate_card", ["id"], unique=False)
    op.create_index(op.f("ix_rate_card_project_id"), "rate_card", ["project_id"], unique=False)
    op.create_index(op.f("ix_rate_card_recorded_at"), "rate_card", ["recorded_at"], unique=False)
    op.create_index(
        "uq_rate_card_current",
        "rate_card",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("role", types.text(60), nullable=False),
        sa.Column("load_weight", types.Scaled(), nullable=False),
        sa.CheckConstraint("load_weight >= 0", name=op.f("ck_seat_load_weight")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_seat_project_id")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_seat_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("project_id", "role", name=op.f("uq_seat_project_id_role")),
    )
    op.create_index(op.f("ix_seat_role"), "seat", ["role"], unique=False)
    op.create_index(op.f("ix_seat_updated_at"), "seat", ["updated_at"], unique=False)
    op.create_table(
        "time_entry",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("recorded_at", types.Instant, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", types.Instant, nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column("worked_until", sa.Date(), nullable=True),
        sa.Column("hours", types.Hours(), nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=False),
        sa.Column("responsibility", types.text(60), nullable=True),
        sa.Column("is_rework", sa.Boolean(), nullable=False),
        sa.Column("approval", types.text(20), nullable=False),
        sa.Column("note", types.text(), nullable=True),
        sa.Column("source", types.text(60), nullable=False),
        sa.Column("external_id", types.text(200), nullable=True),
        sa.Column("cost_rate", types.Scaled(), nullable=True),
        sa.Column("cost_currency", types.text(3), nullable=True),
        sa.CheckConstraint("approval IN ('draft', 'submitted', 'approved')", name=op.f("ck_time_entry_approval")),
        sa.CheckConstraint("hours >= 0", name=op.f("ck_time_entry_hours")),
        sa.CheckConstraint("worked_until IS NULL OR worked_until >= worked_on", name=op.f("ck_time_entry_days")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_time_entry_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_time_entry_project_id")),
        sa.ForeignKeyConstraint(["responsibility"], ["responsibility.key"], name=op.f("fk_time_entry_responsibility")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_time_entry")),
    )
    op.create_index(op.f("ix_time_entry_id"), "time_entry", ["id"], unique=False)
    op.create_index(op.f("ix_time_entry_person_id"), "time_entry", ["person_id"], unique=False)
    op.create_index(op.f("ix_time_entry_project_id"), "time_entry", ["project_id"], unique=False)
    op.create_index(op.f("ix_time_entry_recorded_at"), "time_entry", ["recorded_at"], unique=False)
    op.create_index(op.f("ix_time_entry_worked_on"), "time_entry", ["worked_on"], unique=False)
    op.create_index(
        "uq_time_entry_current",
        "time_entry",
        ["id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "uq_time_entry_external",
        "time_entry",
        ["source", "external_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL AND external_id IS NOT NULL"),
        postgresql_where=sa.text("superseded_at IS NULL AND external_id IS NOT NULL"),
    )
    op.create_table(
        "baseline_milestone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("baseline_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("weight", types.Scaled(), nullable=False),
        sa.ForeignKeyConstraint(["baseline_id"], ["baseline.id"], name=op.f("fk_baseline_milestone_baseline_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline_milestone")),
    )
    op.create_index(op.f("ix_baseline_milestone_baseline_id"), "baseline_milestone", ["baseline_id"], unique=False)
    op.create_table(
        "decision_text",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("what", types.text(), nullable=False),
        sa.Column("why", types.text(), nullable=False),
        sa.Column("impact", types.Json, nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_decision_text_decision_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision_text")),
    )


def downgrade() -> None:
    bind = op.get_bind()
    drop_triggers(bind)
    for table in (
        "audit_change",
        "audit_entry",
        "baseline_milestone",
        "baseline",
        "decision_text",
        "decision",
        "api_key",
        "assignment",
        "time_entry",
        "expense",
        "invoice",
        "rate_card",
        "exchange_rate",
        "milestone",
        "seat",
        "project_status",
        "project",
        "contact",
        "client",
        "person_skill",
        "person_rate",
        "time_off",
        "person",
        "responsibility",
        "role",
        "calendar_day",
        "outbox_event",
        "idempotency_record",
    ):
        op.drop_table(table)
