"""What the database keeps by itself, on both databases: the exclusive seat, rows that are append-only, closed months.

A version of a fact that is closed may have a successor or none: of facts with a later step, the insert judges both, and
`books.check_withdrawal` those without.

Triggers live here alone. A migration calls `create_triggers` after it has altered tables, since SQLite's batch
alterations drop them; a test compares the set on both databases.
"""

import re
from collections.abc import Sequence

import sqlalchemy as sa

from app.db.books import FACT_DAYS, LATER_STEP, LOCK_SPACE

APPEND_ONLY = (
    "audit_entry",
    "baseline",
    "baseline_milestone",
    "change_impact",
    "charter",
    "commitment_renegotiation",
    "decision",
    "decision_outcome",
    "period_history",
)
# Words beside append-only rows: they can be blanked (to forget a person), and are not otherwise changed.
BLANKABLE = {
    "decision_text": ("decision_id", ("what", "why"), ("impact",)),
    "decision_outcome_text": ("outcome_id", ("statement",), ()),
    "commitment_renegotiation_text": ("renegotiation_id", ("reason",), ()),
}

_OVERLAP = """
    SELECT 1 FROM assignment AS other
    WHERE other.project_id = NEW.project_id AND other.role = NEW.role AND other.kind = 'holder'
      AND other.superseded_at IS NULL AND other.row_id <> NEW.row_id
      AND (other.valid_to IS NULL OR other.valid_to > NEW.valid_from)
      AND (NEW.valid_to IS NULL OR NEW.valid_to > other.valid_from)
"""


# Events are told as they happened: all that changes is the position that the worker gives, once.
_EVENT = (
    "id",
    "type",
    "subject_type",
    "subject_id",
    "project_id",
    "occurred_at",
    "data",
    "key_id",
    "person_id",
    "request_id",
)


# A fact comes into force, or the version in force is closed.
_BOOKED = {
    "insert": "NEW.superseded_at IS NULL",
    "update": "OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL",
}
_ROW = {"insert": "NEW", "update": "OLD"}


def _days(table: str, row: str) -> tuple[str, str]:
    """The first and the last day of a fact, of the row NEW or OLD."""
    first, last = FACT_DAYS[table]
    return f"{row}.{first}", f"coalesce({row}.{last}, {row}.{first})" if last else f"{row}.{first}"


def _takes_step(table: str) -> str:
    """Whether NEW differs from its version before, `former`, by a later step alone."""
    step, others = LATER_STEP[table]
    same = [f"former.{name} IS NOT DISTINCT FROM NEW.{name}" for name in others]
    return " AND ".join([*same, f"former.{step} IS DISTINCT FROM NEW.{step}"])


def _says_something(table: str) -> str:
    """Whether an update of words does anything but blank them."""
    key, words, others = BLANKABLE[table]
    said = [f"NEW.{name} <> ''" for name in words] + [f"NEW.{name} IS NOT NULL" for name in others]
    return " OR ".join([*said, f"NEW.{key} <> OLD.{key}"])


def _closed_by(table: str, when: str) -> str:
    """Whether a closed month of SQLite's refuses to take a version into force, or out of it."""
    first, last = _days(table, _ROW[when])
    if table not in LATER_STEP:
        return f"starts_on <= {last} AND ends_on > {first}"
    step = f"{_ROW[when]}.{LATER_STEP[table][0]}"
    refused = f"starts_on <= {step} AND ends_on > {step}"
    if when == "insert":  # the version before was closed just now, on whatever day it lies
        former = f"FROM {table} AS former WHERE former.id = NEW.id AND former.version = NEW.version - 1"
        day = f"former.{FACT_DAYS[table][0]}"
        before = f"SELECT 1 {former} AND starts_on <= {day} AND ends_on > {day}"
        found = f"(starts_on <= {last} AND ends_on > {first}) OR EXISTS ({before})"
        refused += f" OR (({found}) AND NOT EXISTS (SELECT 1 {former} AND {_takes_step(table)}))"
    return refused


def _sqlite(event: Sequence[str] = _EVENT) -> dict[str, str]:
    triggers = {}
    for when in ("insert", "update"):
        name = f"assignment_one_holder_{when}"
        triggers[name] = f"""
            CREATE TRIGGER {name} BEFORE {when.upper()} ON assignment
            WHEN NEW.kind = 'holder' AND NEW.superseded_at IS NULL
              AND (SELECT exclusive FROM role WHERE key = NEW.role)
            BEGIN SELECT RAISE(ABORT, 'constraint one_holder failed') WHERE EXISTS ({_OVERLAP}); END
        """
    for table in APPEND_ONLY:
        for when in ("update", "delete"):
            name = f"{table}_append_only_{when}"
            triggers[name] = f"""
                CREATE TRIGGER {name} BEFORE {when.upper()} ON {table}
                BEGIN SELECT RAISE(ABORT, 'constraint append_only failed: {table}'); END
            """
    for table in BLANKABLE:
        for when, only in (("update", f"WHEN {_says_something(table)}"), ("delete", "")):
            name = f"{table}_append_only_{when}"
            triggers[name] = f"""
                CREATE TRIGGER {name} BEFORE {when.upper()} ON {table} {only}
                BEGIN SELECT RAISE(ABORT, 'constraint append_only failed: {table}'); END
            """
    for table in FACT_DAYS:
        for when, booked in _BOOKED.items():
            name = f"{table}_period_open_{when}"
            triggers[name] = f"""
                CREATE TRIGGER {name} BEFORE {when.upper()} ON {table} WHEN {booked}
                BEGIN SELECT RAISE(ABORT, 'constraint period_closed failed') WHERE EXISTS (
                    SELECT 1 FROM period WHERE status = 'closed' AND ({_closed_by(table, when)})
                ); END
            """
    triggers["commitment_original_due_on"] = """
        CREATE TRIGGER commitment_original_due_on BEFORE UPDATE ON commitment
        WHEN NEW.original_due_on <> OLD.original_due_on
        BEGIN SELECT RAISE(ABORT, 'constraint append_only failed: commitment.original_due_on'); END
    """
    triggers["commitment_kept_for_good"] = """
        CREATE TRIGGER commitment_kept_for_good BEFORE DELETE ON commitment
        BEGIN SELECT RAISE(ABORT, 'constraint append_only failed: commitment'); END
    """
    rewritten = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in event)
    triggers["outbox_event_append_only_update"] = f"""
        CREATE TRIGGER outbox_event_append_only_update BEFORE UPDATE ON outbox_event
        WHEN OLD.position IS NOT NULL OR NEW.position IS NULL OR {rewritten}
        BEGIN SELECT RAISE(ABORT, 'constraint append_only failed: outbox_event'); END
    """
    triggers["outbox_event_append_only_delete"] = """
        CREATE TRIGGER outbox_event_append_only_delete BEFORE DELETE ON outbox_event
        BEGIN SELECT RAISE(ABORT, 'constraint append_only failed: outbox_event'); END
    """
    triggers["audit_change_append_only_update"] = """
        CREATE TRIGGER audit_change_append_only_update BEFORE UPDATE ON audit_change
        BEGIN SELECT RAISE(ABORT, 'constraint append_only failed: audit_change'); END
    """
    return triggers


def _period_open(table: str, when: str) -> str:
    if table in LATER_STEP:
        return _later_step_open(table, when)
    first, last = _days(table, _ROW[when])
    return f"""
        CREATE OR REPLACE FUNCTION tandem_{table}_period_open_{when}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM tandem_check_period({first}, {last});
            RETURN NEW;
        END $$
    """


def _later_step_open(table: str, when: str) -> str:
    day, step = FACT_DAYS[table][0], LATER_STEP[table][0]
    check = f"""
            SELECT * INTO former FROM {table} WHERE id = NEW.id AND version = NEW.version - 1;
            IF NOT FOUND THEN
                PERFORM tandem_check_period(NEW.{day}, NEW.{day});
            ELSIF NOT ({_takes_step(table)}) THEN
                PERFORM tandem_check_period(former.{day}, former.{day});
                PERFORM tandem_check_period(NEW.{day}, NEW.{day});
            END IF;"""
    return f"""
        CREATE OR REPLACE FUNCTION tandem_{table}_period_open_{when}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            former record;
        BEGIN
            IF {_ROW[when]}.{step} IS NOT NULL THEN
                PERFORM tandem_check_period({_ROW[when]}.{step}, {_ROW[when]}.{step});
            END IF;{check if when == "insert" else ""}
            RETURN NEW;
        END $$
    """


_POSTGRES_FUNCTIONS = {
    "tandem_one_holder": f"""
        CREATE OR REPLACE FUNCTION tandem_one_holder() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.kind = 'holder' AND NEW.superseded_at IS NULL
               AND (SELECT exclusive FROM role WHERE key = NEW.role) THEN
                -- Two writers meet at the project's row: the second waits, then sees the first's seat.
                UPDATE project SET seat_counter = seat_counter + 1 WHERE id = NEW.project_id;
                IF EXISTS ({_OVERLAP}) THEN
                    RAISE EXCEPTION 'constraint one_holder failed' USING ERRCODE = '23P01', CONSTRAINT = 'one_holder';
                END IF;
            END IF;
            RETURN NEW;
        END $$
    """,
    "tandem_check_period": f"""
        CREATE OR REPLACE FUNCTION tandem_check_period(first date, last date) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            month integer := extract(year FROM first) * 12 + extract(month FROM first);
            closed text;
        BEGIN
            WHILE month <= extract(year FROM last) * 12 + extract(month FROM last) LOOP
                -- Shared among writers; whoever closes the month takes it alone.
                PERFORM pg_advisory_xact_lock_shared({LOCK_SPACE}, month);
                month := month + 1;
            END LOOP;
            SELECT label INTO closed FROM period
            WHERE status = 'closed' AND starts_on <= last AND ends_on > first ORDER BY starts_on LIMIT 1;
            IF closed IS NOT NULL THEN
                RAISE EXCEPTION 'constraint period_closed failed: %', closed
                    USING ERRCODE = '23001', CONSTRAINT = 'period_closed';
            END IF;
        END $$
    """,
    **{f"tandem_{table}_period_open_{when}": _period_open(table, when) for table in FACT_DAYS for when in _BOOKED},
    "tandem_append_only": """
        CREATE OR REPLACE FUNCTION tandem_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'constraint append_only failed: %', TG_TABLE_NAME
                USING ERRCODE = '23001', CONSTRAINT = 'append_only';
        END $$
    """,
}


def _postgres(event: Sequence[str] = _EVENT) -> dict[str, str]:
    rewritten = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in event)
    triggers = {
        "assignment_one_holder": """
            CREATE TRIGGER assignment_one_holder BEFORE INSERT OR UPDATE ON assignment
            FOR EACH ROW EXECUTE FUNCTION tandem_one_holder()
        """,
        "commitment_original_due_on": """
            CREATE TRIGGER commitment_original_due_on BEFORE UPDATE ON commitment FOR EACH ROW
            WHEN (NEW.original_due_on <> OLD.original_due_on)
            EXECUTE FUNCTION tandem_append_only()
        """,
        "commitment_kept_for_good": """
            CREATE TRIGGER commitment_kept_for_good BEFORE DELETE OR TRUNCATE ON commitment
            EXECUTE FUNCTION tandem_append_only()
        """,
        "outbox_event_append_only_update": f"""
            CREATE TRIGGER outbox_event_append_only_update BEFORE UPDATE ON outbox_event FOR EACH ROW
            WHEN (OLD.position IS NOT NULL OR NEW.position IS NULL OR {rewritten})
            EXECUTE FUNCTION tandem_append_only()
        """,
        "outbox_event_append_only_delete": """
            CREATE TRIGGER outbox_event_append_only_delete BEFORE DELETE OR TRUNCATE ON outbox_event
            EXECUTE FUNCTION tandem_append_only()
        """,
        "audit_change_append_only_update": """
            CREATE TRIGGER audit_change_append_only_update BEFORE UPDATE ON audit_change
            EXECUTE FUNCTION tandem_append_only()
        """,
    }
    for table in FACT_DAYS:
        for when, booked in _BOOKED.items():
            name = f"{table}_period_open_{when}"
            triggers[name] = f"""
                CREATE TRIGGER {name} BEFORE {when.upper()} ON {table} FOR EACH ROW
                WHEN ({booked}) EXECUTE FUNCTION tandem_{name}()
            """
    for table in BLANKABLE:
        triggers[f"{table}_append_only_update"] = f"""
            CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} FOR EACH ROW
            WHEN ({_says_something(table)}) EXECUTE FUNCTION tandem_append_only()
        """
        triggers[f"{table}_append_only_delete"] = f"""
            CREATE TRIGGER {table}_append_only_delete BEFORE DELETE OR TRUNCATE ON {table}
            EXECUTE FUNCTION tandem_append_only()
        """
    for table in APPEND_ONLY:
        triggers[f"{table}_append_only"] = f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            EXECUTE FUNCTION tandem_append_only()
        """
    return triggers


def create_triggers(conn: sa.Connection) -> None:
    """Make every trigger anew; those that exist are dropped first."""
    drop_triggers(conn)
    postgres = conn.dialect.name == "postgresql"
    if postgres:
        for function in _POSTGRES_FUNCTIONS.values():
            conn.exec_driver_sql(function)
    # An early migration has not made all of them.
    inspector = sa.inspect(conn)
    there = set(inspector.get_table_names())
    columns = {column["name"] for column in inspector.get_columns("outbox_event")} if "outbox_event" in there else ()
    event = [name for name in _EVENT if name in columns]
    for statement in (_postgres(event) if postgres else _sqlite(event)).values():
        if _tables_of(statement) <= there:
            conn.exec_driver_sql(statement)


def drop_triggers(conn: sa.Connection) -> None:
    """Drop every trigger that is there (a table that is not there has none)."""
    for name, table in _installed(conn):
        conn.exec_driver_sql(f"DROP TRIGGER {name}" + (f" ON {table}" if conn.dialect.name == "postgresql" else ""))
    if conn.dialect.name == "postgresql":
        for function in _POSTGRES_FUNCTIONS:
            conn.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}")


def installed_triggers(conn: sa.Connection) -> set[str]:
    """The names of the triggers that the database has."""
    return {name for name, _ in _installed(conn)}


def expected_triggers(dialect: str) -> set[str]:
    """The names of the triggers that the database should have."""
    return set(_postgres() if dialect == "postgresql" else _sqlite())


def _tables_of(statement: str) -> set[str]:
    """The tables that a CREATE TRIGGER needs: the one that it is about and, to keep closed months, the periods."""
    found = re.search(r" ON (\w+)", statement)
    assert found is not None
    return {found.group(1)} | ({"period"} if "_period_open_" in statement else set())


def _installed(conn: sa.Connection) -> list[tuple[str, str]]:
    if conn.dialect.name == "postgresql":
        query = """
            SELECT trigger.tgname, class.relname FROM pg_trigger AS trigger
            JOIN pg_class AS class ON class.oid = trigger.tgrelid
            WHERE NOT trigger.tgisinternal AND class.relnamespace = current_schema()::regnamespace
        """
    else:
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    return [(name, table) for name, table in conn.exec_driver_sql(query)]
