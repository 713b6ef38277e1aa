from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
from hypothesis import given
from hypothesis import strategies as st

from app.features.capacity.rules import Burden, Days, peak
from app.features.capacity.schemas import Portfolio
from app.features.capacity.scoring import Candidate, judge, offered
from tests.databases import RolledBack
from tests.features.calls import Json, add
from tests.features.test_capacity import ACCOUNT, PRODUCTION, live, person, seat

START = date(2026, 3, 2)
OFFERED = offered(ACCOUNT, START, Decimal("0.5"), [("active", Days(date(2026, 1, 1)))])


def candidate(**values: Any) -> Candidate:
    caps = {Portfolio.ACTIVE: Decimal(6), Portfolio.BACK_BURNER: Decimal(15)}
    given = {
        "person_id": UUID(int=1),
        "home_role": None,
        "preferred_duty": None,
        "leaves_on": None,
        "strength": None,
        "days_away": 0,
        "burden": Burden("Maria", caps),
    }
    return Candidate(**(given | values))


async def candidates(client: httpx.AsyncClient, ref: str = "WEB", role: str = ACCOUNT, **params: str) -> list[Json]:
    asked = {"role": role, "from": "2026-03-02", **params}
    answer = await client.get(f"/v1/projects/{ref}/seat-candidates", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


# The pure score.


def test_each_merit_counts() -> None:
    plain = judge(candidate(), OFFERED).score
    assert (
        judge(candidate(home_role=ACCOUNT), OFFERED).score
        > plain
        > judge(candidate(home_role="designer"), OFFERED).score
    )
    assert judge(candidate(preferred_duty="client"), OFFERED).score > plain
    assert judge(candidate(strength=3), OFFERED).score > judge(candidate(strength=2), OFFERED).score > plain
    assert judge(candidate(days_away=5), OFFERED).score < plain


@given(
    st.sampled_from([None, ACCOUNT, PRODUCTION]),
    st.sampled_from([None, "client", "project", "craft"]),
    st.none() | st.integers(1, 5),
    st.integers(0, 20),
    st.decimals(0, 10, places=2),
)
def test_a_score_stays_between_0_and_100_with_a_reason_of_one_sentence(
    home_role: str | None, duty: str | None, strength: int | None, days_away: int, cap: Decimal
) -> None:
    held = Burden("Maria", {Portfolio.ACTIVE: cap, Portfolio.BACK_BURNER: cap})
    found = judge(
        candidate(home_role=home_role, preferred_duty=duty, strength=strength, days_away=days_away, burden=held),
        OFFERED,
    )
    assert 0 <= found.score <= 100
    assert found.fits == (cap >= Decimal("0.5"))
    assert found.reason.endswith(".")
    assert found.after == Decimal("0.5")


def test_a_project_that_is_not_live_yet_counts_as_active() -> None:
    found = offered(ACCOUNT, START, Decimal(1), [("pipeline", Days(date(2026, 1, 1)))])
    assert found.portfolio is Portfolio.ACTIVE
    assert peak(found.weights[Portfolio.ACTIVE], START) == 1


# The answer.


async def test_sorts_the_best_first_with_their_loads_and_a_reason(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project = await live(client, "WEB")
    maria = await person(database, home_role=ACCOUNT)
    jon = await person(database, "jon", home_role=PRODUCTION)
    await person(database, "ada", active_cap=Decimal(0), home_role=ACCOUNT)
    await add(client, "relationships", person_id=maria, client_id=project["client_id"], strength=4)
    await add(client, "assignments", **seat(await live(client, "OTHER"), maria))
    items = await candidates(client)
    assert [(item["email"].split("@")[0], item["fits"]) for item in items] == [
        ("maria", True),
        ("jon", True),
        ("ada", False),
    ]
    first = items[0]
    assert (first["load_before"], first["load_after"], first["cap"]) == ("0.5", "1", "6")
    assert first["relationship_strength"] == 4
    assert first["reason"] == (
        "Is account manager by home role, knows the client at 4 of 5 and would go from 0.5 to 1 of 6 active."
    )
    assert items[1]["person_id"] == jon
    assert "more than the cap" in items[2]["reason"]


async def test_leaves_out_who_holds_it_who_holds_the_other_seat_and_who_is_not_employed(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project = await live(client, "WEB", management="split")
    maria, jon = await person(database), await person(database, "jon")
    await person(database, "gone", left_on=date(2026, 2, 1))
    await person(database, "later", hired_on=date(2026, 4, 1))
    await person(database, "leaver", left_on=date(2026, 3, 31))
    await add(client, "assignments", **seat(project, maria))
    await add(client, "assignments", **seat(project, jon, PRODUCTION))
    assert [(item["email"], item["fits"]) for item in await candidates(client)] == [("leaver@agency.example", False)]


async def test_time_off_soon_costs_points(client: httpx.AsyncClient, database: RolledBack) -> None:
    await live(client, "WEB")
    away = await person(database)
    await person(database, "jon")
    await add(client, "time-off", person_id=away, from_on="2026-03-09", until_on="2026-03-15")
    items = await candidates(client)
    assert [item["days_away"] for item in items] == [0, 5]
    assert "is away on 5 working days" in items[1]["reason"]


async def test_a_project_without_that_seat_is_not_found(client: httpx.AsyncClient, database: RolledBack) -> None:
    await live(client, "WEB")
    answer = await client.get("/v1/projects/WEB/seat-candidates", params={"role": "designer"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert (await client.get("/v1/projects/WEB/seat-candidates")).status_code == 422


async def test_takes_the_same_few_statements_for_any_number_of_people(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await live(client, "WEB")
    await person(database)
    with database.counting() as for_one:
        await candidates(client)
    for number in range(4):
        await person(database, f"jon{number}")
    with database.counting() as for_five:
        assert len(await candidates(client)) == 5
    assert len(for_one) == len(for_five)
