"""The role split: relationships, duties, the playbook, hand-overs and split plans."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from alembic import op

from app.db import types
from app.db.triggers import create_triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAMESPACE = UUID("01890000-0000-7000-8000-0000000000ff")
CHECKLIST = uuid5(NAMESPACE, "checklist handover")
HANDOVER_CHECKLIST = (
    "The successor has read the scope, the change requests and the open promises",
    "Predecessor and successor have gone through the project together",
    "The successor has access to the client's tools, files and mailboxes",
    "Open questions, risks and running promises are handed over in writing",
    "The team knows from which day on it turns to whom",
    "The introduction to the client is in everybody's calendar",
)
MADE = {"version": 1, "created_at": datetime(2026, 1, 1, tzinfo=UTC), "updated_at": datetime(2026, 1, 1, tzinfo=UTC)}


def upgrade() -> None:
    change_tables()
    create_triggers(op.get_bind())
    op.bulk_insert(
        sa.table("checklist", *columns("occasion", "name"), sa.column("is_default", sa.Boolean())),
        [{"id": CHECKLIST, "occasion": "handover", "name": "Hand-over", "is_default": True} | MADE],
    )
    op.bulk_insert(
        sa.table(
            "checklist_item",
            *columns("statement"),
            sa.column("checklist_id", sa.Uuid()),
            sa.column("position", sa.Integer()),
        ),
        [
            {
                "id": uuid5(CHECKLIST, str(position)),
                "checklist_id": CHECKLIST,
                "position": position,
                "statement": statement,
            }
            | MADE
            for position, statement in enumerate(HANDOVER_CHECKLIST, start=1)
        ],
    )


def columns(*texts: str) -> list[sa.ColumnClause[Any]]:
    return [
        sa.column("id", sa.Uuid()),
        sa.column("version", sa.Integer()),
        sa.column("created_at", types.Instant),
        sa.column("updated_at", types.Instant),
        *(sa.column(text, sa.String()) for text in texts),
    ]


def change_tables() -> None:
    op.create_table(
        "checklist",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("occasion", types.text(20), nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "occasion IN ('kick_off', 'handover', 'change', 'rescue', 'closing')", name=op.f("ck_checklist_occasion")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
        sa.UniqueConstraint("name", name=op.f("uq_checklist_name")),
    )
    op.create_index(op.f("ix_checklist_occasion"), "checklist", ["occasion"], unique=False)
    op.create_index(op.f("ix_checklist_updated_at"), "checklist", ["updated_at"], unique=False)
    op.create_table(
        "split_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("status", types.text(20), nullable=False),
        sa.Column("request", types.Json, nullable=False),
        sa.Column("result", types.Json, nullable=False),
        sa.CheckConstraint(
            "status IN ('optimal', 'feasible', 'infeasible', 'edited')", name=op.f("ck_split_plan_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_split_plan")),
    )
    op.create_index(op.f("ix_split_plan_updated_at"), "split_plan", ["updated_at"], unique=False)
    op.create_table(
        "checklist_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("checklist_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("statement", types.text(500), nullable=False),
        sa.ForeignKeyConstraint(["checklist_id"], ["checklist.id"], name=op.f("fk_checklist_item_checklist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_item")),
    )
    op.create_index(op.f("ix_checklist_item_checklist_id"), "checklist_item", ["checklist_id"], unique=False)
    op.create_index(op.f("ix_checklist_item_updated_at"), "checklist_item", ["updated_at"], unique=False)
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("name", types.text(200), nullable=False),
        sa.Column("status", types.text(20), nullable=False),
        sa.Column("reason", types.text(), nullable=False),
        sa.Column("benefit", types.text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("overlap_days", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("urgent_reason", types.text(), nullable=True),
        sa.Column("contact_guide", types.text(), nullable=True),
        sa.Column("introduction_on", sa.Date(), nullable=True),
        sa.Column("checklist_id", sa.Uuid(), nullable=True),
        sa.Column("split_plan_id", sa.Uuid(), nullable=True),
        sa.Column("wave", sa.Integer(), nullable=True),
        sa.Column("scheduled_at", types.Instant, nullable=True),
        sa.Column("completed_at", types.Instant, nullable=True),
        sa.Column("cancelled_at", types.Instant, nullable=True),
        sa.Column("cancel_reason", types.text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'scheduled', 'completed', 'cancelled')", name=op.f("ck_handover_status")
        ),
        sa.CheckConstraint("overlap_days >= 0 AND notice_days >= 0", name=op.f("ck_handover_days")),
        sa.ForeignKeyConstraint(["checklist_id"], ["checklist.id"], name=op.f("fk_handover_checklist_id")),
        sa.ForeignKeyConstraint(["split_plan_id"], ["split_plan.id"], name=op.f("fk_handover_split_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_effective_on"), "handover", ["effective_on"], unique=False)
    op.create_index(op.f("ix_handover_split_plan_id"), "handover", ["split_plan_id"], unique=False)
    op.create_index(op.f("ix_handover_status"), "handover", ["status"], unique=False)
    op.create_index(op.f("ix_handover_updated_at"), "handover", ["updated_at"], unique=False)
    op.create_table(
        "duty_profile",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("responsibility", types.text(60), nullable=False),
        sa.Column("weekly_hours", types.Hours(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_duty_profile_person_id")),
        sa.ForeignKeyConstraint(
            ["responsibility"], ["responsibility.key"], name=op.f("fk_duty_profile_responsibility")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_profile")),
        sa.UniqueConstraint("person_id", "responsibility", name=op.f("uq_duty_profile_person_id_responsibility")),
    )
    op.create_index(op.f("ix_duty_profile_responsibility"), "duty_profile", ["responsibility"], unique=False)
    op.create_index(op.f("ix_duty_profile_updated_at"), "duty_profile", ["updated_at"], unique=False)
    op.create_table(
        "duty_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", types.text(60), nullable=True),
        sa.Column("issue_type", types.text(200), nullable=True),
        sa.Column("component", types.text(200), nullable=True),
        sa.Column("activity", types.text(200), nullable=True),
        sa.Column("responsibility", types.text(60), nullable=False),
        sa.ForeignKeyConstraint(["responsibility"], ["responsibility.key"], name=op.f("fk_duty_rule_responsibility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_rule")),
    )
    op.create_index(op.f("ix_duty_rule_position"), "duty_rule", ["position"], unique=False)
    op.create_index(op.f("ix_duty_rule_responsibility"), "duty_rule", ["responsibility"], unique=False)
    op.create_index(op.f("ix_duty_rule_updated_at"), "duty_rule", ["updated_at"], unique=False)
    op.create_table(
        "handover_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("statement", types.text(500), nullable=False),
        sa.Column("done_at", types.Instant, nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["done_by"], ["person.id"], name=op.f("fk_handover_task_done_by")),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_task_handover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_task")),
    )
    op.create_index(op.f("ix_handover_task_handover_id"), "handover_task", ["handover_id"], unique=False)
    op.create_index(op.f("ix_handover_task_updated_at"), "handover_task", ["updated_at"], unique=False)
    op.create_table(
        "relationship",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("note", types.text(), nullable=True),
        sa.CheckConstraint("strength BETWEEN 1 AND 5", name=op.f("ck_relationship_strength")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_relationship_client_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_relationship_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relationship")),
        sa.UniqueConstraint("person_id", "client_id", name=op.f("uq_relationship_person_id_client_id")),
    )
    op.create_index(op.f("ix_relationship_client_id"), "relationship", ["client_id"], unique=False)
    op.create_index(op.f("ix_relationship_updated_at"), "relationship", ["updated_at"], unique=False)
    op.create_table(
        "handover_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("role", types.text(60), nullable=False),
        sa.Column("from_person_id", sa.Uuid(), nullable=True),
        sa.Column("to_person_id", sa.Uuid(), nullable=False),
        sa.Column("shadow_id", sa.Uuid(), nullable=True),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "from_person_id IS NULL OR from_person_id <> to_person_id", name=op.f("ck_handover_move_people")
        ),
        sa.ForeignKeyConstraint(["from_person_id"], ["person.id"], name=op.f("fk_handover_move_from_person_id")),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_move_handover_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_handover_move_project_id")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_handover_move_role")),
        sa.ForeignKeyConstraint(["to_person_id"], ["person.id"], name=op.f("fk_handover_move_to_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_move")),
        sa.UniqueConstraint(
            "handover_id", "project_id", "role", name=op.f("uq_handover_move_handover_id_project_id_role")
        ),
    )
    op.create_index(op.f("ix_handover_move_from_person_id"), "handover_move", ["from_person_id"], unique=False)
    op.create_index(op.f("ix_handover_move_project_id"), "handover_move", ["project_id"], unique=False)
    op.create_index(op.f("ix_handover_move_to_person_id"), "handover_move", ["to_person_id"], unique=False)
    op.create_index(op.f("ix_handover_move_updated_at"), "handover_move", ["updated_at"], unique=False)
    op.create_table(
        "handover_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("subject", types.text(500), nullable=False),
        sa.Column("body", types.text(), nullable=False),
        sa.Column("notified_at", types.Instant, nullable=True),
        sa.Column("answer", types.text(20), nullable=True),
        sa.Column("answer_text", types.text(), nullable=True),
        sa.Column("answered_at", types.Instant, nullable=True),
        sa.Column("resolution", types.text(), nullable=True),
        sa.Column("resolved_at", types.Instant, nullable=True),
        sa.Column("waived_at", types.Instant, nullable=True),
        sa.Column("waiver_reason", types.text(), nullable=True),
        sa.CheckConstraint(
            "answer IN ('acknowledged', 'concern') OR answer IS NULL", name=op.f("ck_handover_notice_answer")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_handover_notice_client_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_handover_notice_contact_id")),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_notice_handover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_notice")),
        sa.UniqueConstraint("handover_id", "contact_id", name=op.f("uq_handover_notice_handover_id_contact_id")),
    )
    op.create_index(op.f("ix_handover_notice_client_id"), "handover_notice", ["client_id"], unique=False)
    op.create_index(op.f("ix_handover_notice_contact_id"), "handover_notice", ["contact_id"], unique=False)
    op.create_index(op.f("ix_handover_notice_updated_at"), "handover_notice", ["updated_at"], unique=False)
    op.create_table(
        "split_plan_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("updated_at", types.Instant, nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("role", types.text(60), nullable=False),
        sa.Column("from_person_id", sa.Uuid(), nullable=True),
        sa.Column("to_person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", types.text(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["from_person_id"], ["person.id"], name=op.f("fk_split_plan_move_from_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["split_plan.id"], name=op.f("fk_split_plan_move_plan_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_split_plan_move_project_id")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_split_plan_move_role")),
        sa.ForeignKeyConstraint(["to_person_id"], ["person.id"], name=op.f("fk_split_plan_move_to_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_split_plan_move")),
        sa.UniqueConstraint("plan_id", "project_id", "role", name=op.f("uq_split_plan_move_plan_id_project_id_role")),
    )
    op.create_index(op.f("ix_split_plan_move_project_id"), "split_plan_move", ["project_id"], unique=False)
    op.create_index(op.f("ix_split_plan_move_to_person_id"), "split_plan_move", ["to_person_id"], unique=False)
    op.create_index(op.f("ix_split_plan_move_updated_at"), "split_plan_move", ["updated_at"], unique=False)
    op.add_column("project", sa.Column("lead_role", types.text(60), nullable=True))
    op.add_column("project", sa.Column("lead_role_reason", types.text(), nullable=True))
    op.add_column("time_entry", sa.Column("issue_type", types.text(200), nullable=True))
    op.add_column("time_entry", sa.Column("component", types.text(200), nullable=True))
    op.add_column("time_entry", sa.Column("activity", types.text(200), nullable=True))


def downgrade() -> None:
    op.drop_column("time_entry", "activity")
    op.drop_column("time_entry", "component")
    op.drop_column("time_entry", "issue_type")
    op.drop_column("project", "lead_role_reason")
    op.drop_column("project", "lead_role")
    op.drop_index(op.f("ix_split_plan_move_updated_at"), table_name="split_plan_move")
    op.drop_index(op.f("ix_split_plan_move_to_person_id"), table_name="split_plan_move")
    op.drop_index(op.f("ix_split_plan_move_project_id"), table_name="split_plan_move")
    op.drop_table("split_plan_move")
    op.drop_index(op.f("ix_handover_notice_updated_at"), table_name="handover_notice")
    op.drop_index(op.f("ix_handover_notice_contact_id"), table_name="handover_notice")
    op.drop_index(op.f("ix_handover_notice_client_id"), table_name="handover_notice")
    op.drop_table("handover_notice")
    op.drop_index(op.f("ix_handover_move_updated_at"), table_name="handover_move")
    op.drop_index(op.f("ix_handover_move_to_person_id"), table_name="handover_move")
    op.drop_index(op.f("ix_handover_move_project_id"), table_name="handover_move")
    op.drop_index(op.f("ix_handover_move_from_person_id"), table_name="handover_move")
    op.drop_table("handover_move")
    op.drop_index(op.f("ix_relationship_updated_at"), table_name="relationship")
    op.drop_index(op.f("ix_relationship_client_id"), table_name="relationship")
    op.drop_table("relationship")
    op.drop_index(op.f("ix_handover_task_updated_at"), table_name="handover_task")
    op.drop_index(op.f("ix_handover_task_handover_id"), table_name="handover_task")
    op.drop_table("handover_task")
    op.drop_index(op.f("ix_duty_rule_updated_at"), table_name="duty_rule")
    op.drop_index(op.f("ix_duty_rule_responsibility"), table_name="duty_rule")
    op.drop_index(op.f("ix_duty_rule_position"), table_name="duty_rule")
    op.drop_table("duty_rule")
    op.drop_index(op.f("ix_duty_profile_updated_at"), table_name="duty_profile")
    op.drop_index(op.f("ix_duty_profile_responsibility"), table_name="duty_profile")
    op.drop_table("duty_profile")
    op.drop_index(op.f("ix_handover_updated_at"), table_name="handover")
    op.drop_index(op.f("ix_handover_status"), table_name="handover")
    op.drop_index(op.f("ix_handover_split_plan_id"), table_name="handover")
    op.drop_index(op.f("ix_handover_effective_on"), table_name="handover")
    op.drop_table("handover")
    op.drop_index(op.f("ix_checklist_item_updated_at"), table_name="checklist_item")
    op.drop_index(op.f("ix_checklist_item_checklist_id"), table_name="checklist_item")
    op.drop_table("checklist_item")
    op.drop_index(op.f("ix_split_plan_updated_at"), table_name="split_plan")
    op.drop_table("split_plan")
    op.drop_index(op.f("ix_checklist_updated_at"), table_name="checklist")
    op.drop_index(op.f("ix_checklist_occasion"), table_name="checklist")
    op.drop_table("checklist")
    create_triggers(op.get_bind())
