"""Promises kept, and projects on time by what was promised first."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from app.core.calendar import Grain
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Question, evaluate
from app.measures.figures import Figure, lower_bound_text
from tests.databases import RolledBack
from tests.measures import facts

TODAY = date(2026, 3, 10)
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture(autouse=True)
def in_march() -> Iterator[None]:
    with time_machine.travel("2026-03-10T12:00:00Z"):
        yield


def ask(conn: sa.Connection, kpi: str, **options: Any) -> list[Figure]:
    return list(evaluate(conn, Question(KPIS[kpi], **options), Conventions()).figures)


def parts(figure: Figure) -> tuple[Any, Any]:
    return figure.numerator, figure.denominator


async def test_what_was_due_counts_and_only_the_result_by_the_day_keeps_it(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        maria, acme = facts.person(conn), facts.client(conn)
        web = facts.project(conn, acme)
        later = date(2026, 3, 20)
        for due_on, status in (
            (date(2026, 3, 9), "open"),  # its day has passed
            (TODAY, "open"),  # may still be kept
            (later, "open"),
            (later, "kept"),
            (date(2026, 3, 2), "kept"),
            (date(2026, 3, 3), "late"),
            (later, "broken"),
            (date(2026, 3, 4), "withdrawn"),
            (date(2026, 2, 4), "kept"),
        ):
            facts.commitment(conn, maria, due_on, status, project_id=web)
        february, march = ask(conn, "commitments_kept", grain=Grain.MONTH)
        assert (parts(february), parts(march)) == ((1, 1), (2, 5))
        assert march.value == 40
        assert lower_bound_text(march, KPIS["commitments_kept"]) == "11.7621"

    await database.read(check)


async def test_a_promise_belongs_to_a_client_also_without_a_project(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        maria = facts.person(conn, home_role="account_manager")
        jon = facts.person(conn, "jon@agency.example")
        acme, globex = facts.client(conn), facts.client(conn, "GLOBEX")
        web = facts.project(conn, acme, engagement="retainer")
        day = date(2026, 3, 2)
        facts.commitment(conn, maria, day, "kept", project_id=web)
        facts.commitment(conn, jon, day, "late", client_id=acme)
        facts.commitment(conn, jon, day, "kept", client_id=globex)
        by_client = ask(conn, "commitments_kept", group_by=("client",))
        assert [(f.group["client_code"], *parts(f)) for f in by_client] == [("ACME", 1, 2), ("GLOBEX", 1, 1)]
        by_project = ask(conn, "commitments_kept", group_by=("project", "engagement"))
        assert [(f.group["project_code"], f.group["engagement"], *parts(f)) for f in by_project] == [
            ("ACME-WEB", "retainer", 1, 1),
            (None, None, 1, 2),
        ]
        by_person = ask(conn, "commitments_kept", group_by=("person",))
        assert [parts(f) for f in by_person] == [(1, 2), (1, 1)]
        assert [parts(f) for f in ask(conn, "commitments_kept", filters=(("role", ("account_manager",)),))] == [(1, 1)]
        assert [parts(f) for f in ask(conn, "commitments_kept", filters=(("client", (acme,)),))] == [(1, 2)]

    await database.read(check)


async def test_projects_are_on_time_originally_by_their_first_baseline(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        acme, closed = facts.client(conn), date(2026, 3, 6)
        moved = facts.project(conn, acme, "A", closed_on=closed, due_on=date(2026, 12, 31))
        facts.baseline(conn, moved, 1, due_on=date(2026, 3, 5))
        facts.baseline(conn, moved, 2, due_on=date(2026, 12, 31))
        facts.project(conn, acme, "B", closed_on=closed, due_on=closed)
        facts.project(conn, acme, "C", closed_on=closed)
        (by_first,) = ask(conn, "on_time_original", start=MARCH, end=APRIL)
        (by_current,) = ask(conn, "on_time", start=MARCH, end=APRIL)
        assert (parts(by_first), parts(by_current)) == ((1, 2), (2, 2))
        assert by_first.rows_excluded == {"no_due_date": 1}

    await database.read(check)
