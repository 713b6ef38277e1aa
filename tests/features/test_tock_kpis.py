"""The figures of a real agency: 11,047 timesheet lines, against what was computed from them apart."""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from app.core.calendar import Grain
from app.core.caller import SYSTEM
from app.features.imports import service
from app.features.imports.mapping import mapping_named
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Answer, Question, evaluate
from tests.databases import RolledBack

TOCK = Path(__file__).parents[3] / "shared" / "data" / "tock"
pytestmark = pytest.mark.skipif(not TOCK.is_dir(), reason="../shared/data/tock is not beside the checkout")

ADDRESS = "/v1/kpis/billable_share/values"


def expected() -> list[tuple[str, ...]]:
    with (TOCK / "expected_by_quarter.csv").open(newline="") as file:
        return [
            (row["quarter"], row["billable_hours"], row["hours"], row["billable_share_pct"])
            for row in csv.DictReader(file)
        ]


def shown(rows: list[Mapping[str, str]]) -> list[tuple[str, ...]]:
    return [(row["period"], row["numerator"], row["denominator"], row["value"]) for row in rows]


async def test_the_billable_share_by_quarter_is_as_expected(client: httpx.AsyncClient, database: RolledBack) -> None:
    tock = mapping_named("tock")
    files = {name: (TOCK / name).read_bytes() for name in service.needed_files(tock)}
    await database.write(service.import_folder, SYSTEM, tock, files)

    found = (await client.get(ADDRESS, params={"grain": "quarter", "include": "totals"})).json()
    assert shown(found["rows"]) == expected()
    total = found["totals"][0]
    assert Decimal(total["denominator"]) == sum(Decimal(hours) for _, _, hours, _ in expected())

    table = await client.get(ADDRESS, params={"grain": "quarter"}, headers={"Accept": "text/csv"})
    assert shown(list(csv.DictReader(io.StringIO(table.text)))) == expected()

    def spread(conn: sa.Connection) -> Answer:
        question = Question(KPIS["billable_share"], grain=Grain.QUARTER)
        return evaluate(conn, question, Conventions(week_line_rule="spread"))

    # Spread over working days, hours move between quarters, and none is lost.
    by_day = await database.read(spread)
    assert by_day.totals[0].denominator == Fraction(total["denominator"])
    assert [figure.denominator for figure in by_day.figures] != [Fraction(hours) for _, _, hours, _ in expected()]
