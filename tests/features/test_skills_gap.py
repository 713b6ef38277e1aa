from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.features.pmo import rules
from app.features.pmo.rules import Need, Skill
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, events
from tests.features.test_development import person, skilled, training

SKILLS: list[Skill] = [("figma", 2), ("figma", 4), ("python", 3), ("sql", 3)]

NEED = {"skill": "figma", "level": 3, "weekly_hours": "12", "from_on": "2026-03-02", "until_on": "2026-03-29"}


async def test_a_need_lives_and_tells_of_it(client: httpx.AsyncClient, database: RolledBack) -> None:
    project = await add_project(client)
    made = await add(client, "skill-needs", project_id=project["id"], **NEED)
    assert (await client.get(f"/v1/skill-needs/{made['id']}")).json() == made
    found = (await client.get("/v1/skill-needs", params={"skill": "figma", "project_id": project["id"]})).json()
    assert [item["id"] for item in found["items"]] == [made["id"]]
    answer = await client.patch(
        f"/v1/skill-needs/{made['id']}", json={"weekly_hours": "8"}, headers={"If-Match": made["etag"]}
    )
    assert (answer.status_code, answer.json()["weekly_hours"]) == (200, "8")
    assert (
        await client.delete(f"/v1/skill-needs/{made['id']}", headers={"If-Match": answer.headers["ETag"]})
    ).status_code == 204
    of = {"project_id": project["id"]}
    assert (await events(database))[-3:] == [
        ("skill_need.created", of),
        ("skill_need.updated", {**of, "fields": ["weekly_hours"]}),
        ("skill_need.deleted", of),
    ]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"until_on": "2026-03-01"}, "/until_on"),
        ({"weekly_hours": "0"}, "/weekly_hours"),
        ({"level": 6}, "/level"),
        ({"project_id": "01890000-0000-7000-8000-00000000dead"}, "/project_id"),
    ],
)
async def test_names_the_field_of_a_need_that_is_wrong(client: httpx.AsyncClient, values: Json, pointer: str) -> None:
    project = await add_project(client)
    answer = await client.post("/v1/skill-needs", json={"project_id": project["id"], **NEED, **values})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


# The pure rules.

needs_of_a_week = st.dictionaries(st.sampled_from(SKILLS), st.integers(0, 50))
crews = st.lists(
    st.tuples(st.frozensets(st.sampled_from(SKILLS)), st.integers(0, 40)),
    max_size=6,
)
Crew = list[tuple[frozenset[Skill], int]]


def shared(needs: dict[Skill, int], crew: Crew) -> list[dict[Skill, int]]:
    return rules.share(needs, [able for able, _ in crew], [free for _, free in crew])


def uncovered(needs: dict[Skill, int], crew: Crew) -> int:
    return sum(needs.values()) - sum(sum(hours.values()) for hours in shared(needs, crew))


def least_uncovered(needs: dict[Skill, int], crew: Crew) -> int:
    """By Hall's theorem for flows: the set of needs that lacks most of what those who serve any of it have."""
    least = 0
    names = list(needs)
    for chosen in range(1 << len(names)):
        some = {name for index, name in enumerate(names) if chosen >> index & 1}
        wanted = sum(needs[name] for name in some)
        least = max(least, wanted - sum(free for able, free in crew if able & some))
    return least


@given(needs_of_a_week, crews)
def test_nobody_gives_more_than_they_have_and_no_need_gets_more_than_it_is(needs: dict[Skill, int], crew: Crew) -> None:
    allotted = shared(needs, crew)
    for (able, free), hours in zip(crew, allotted, strict=True):
        assert sum(hours.values()) <= free
        assert all(amount >= 0 and (amount == 0 or need in able) for need, amount in hours.items())
    for need, amount in needs.items():
        assert sum(hours.get(need, 0) for hours in allotted) <= amount


@given(needs_of_a_week, crews)
def test_as_much_is_covered_as_can_be(needs: dict[Skill, int], crew: Crew) -> None:
    assert uncovered(needs, crew) == least_uncovered(needs, crew)


@given(needs_of_a_week, crews.filter(bool), st.sampled_from(SKILLS), st.data())
def test_the_gap_never_grows_when_somebody_learns(
    needs: dict[Skill, int], crew: Crew, skill: Skill, data: st.DataObject
) -> None:
    who = data.draw(st.integers(0, len(crew) - 1))
    learned = [(able | {skill} if index == who else able, free) for index, (able, free) in enumerate(crew)]
    assert uncovered(needs, learned) <= uncovered(needs, crew)


@given(st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.integers(1, 40))
def test_a_week_is_five_fifths_of_the_weekly_hours(start: date, length: int) -> None:
    stop = start + timedelta(length)
    found = rules.needed_by_week([Need(SKILLS[0], 10, start, stop)])
    weekdays = sum((start + timedelta(number)).weekday() < 5 for number in range(length))
    assert sum(week[SKILLS[0]] for week in found.values()) == 10 * weekdays
    assert all(monday.weekday() == 0 and week[SKILLS[0]] <= 50 for monday, week in found.items())


# Over the API.


async def gap(client: httpx.AsyncClient, start: str = "2026-03-02", until: str = "2026-03-16") -> Json:
    answer = await client.get("/v1/skills-gap", params={"from": start, "until": until})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def need(client: httpx.AsyncClient, code: str, status: str = "active", **values: Any) -> Json:
    more = {"win_probability": values.pop("win_probability")} if "win_probability" in values else {}
    project = await add_project(client, code, status=status, status_on="2026-01-01", **more)
    await add(client, "skill-needs", project_id=project["id"], **{**NEED, **values})
    return project


async def test_holds_what_projects_need_against_what_people_have_free(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await need(client, "WEB", weekly_hours="30")
    await need(client, "SHOP", status="back_burner", weekly_hours="20")
    await skilled(client, database, "jon", 3)
    await skilled(client, database, "weak", 2)
    found = await gap(client)
    assert (found["valid_from"], found["valid_to"]) == ("2026-03-02", "2026-03-16")
    assert [week["week"] for week in found["weeks"]] == ["2026-W10", "2026-W11"]
    assert found["weeks"][0] == {
        "week": "2026-W10",
        "starts_on": "2026-03-02",
        "gap_hours": "10",
        "skills": [
            {
                "skill": "figma",
                "level": 3,
                "needed_hours": "50",
                "likely_hours": "0",
                "people": 1,
                "free_hours": "40",
                "covered_hours": "40",
                "gap_hours": "10",
            }
        ],
    }
    assert found["gaps"][0]["gap_hours"] == "20"


async def test_a_person_with_two_skills_is_counted_once(client: httpx.AsyncClient, database: RolledBack) -> None:
    await need(client, "WEB", weekly_hours="40")
    await need(client, "DATA", weekly_hours="40", skill="sql")
    jon = await skilled(client, database, "jon", 3)
    await add(client, "skills", person_id=jon, skill="sql", level=3)
    week = (await gap(client))["weeks"][0]
    assert [skill["free_hours"] for skill in week["skills"]] == ["40", "40"]
    assert sum(float(skill["covered_hours"]) for skill in week["skills"]) == 40
    assert week["gap_hours"] == "40"


async def test_what_may_come_is_weighted_and_told_apart(client: httpx.AsyncClient) -> None:
    await need(client, "MAYBE", status="pipeline", weekly_hours="20", win_probability="0.25")
    week = (await gap(client))["weeks"][0]
    assert [(s["needed_hours"], s["likely_hours"], s["gap_hours"]) for s in week["skills"]] == [("0", "5", "0")]
    assert (await gap(client))["gaps"] == []


@pytest.mark.parametrize("status", ["on_hold", "closed"])
async def test_a_project_that_does_not_run_needs_nothing(client: httpx.AsyncClient, status: str) -> None:
    project = await need(client, "WEB")
    answer = await client.post(
        f"/v1/projects/{project['id']}/transitions", json={"to": status, "on": "2026-03-02", "reason": "It waits."}
    )
    assert answer.status_code == 200, answer.text
    assert [week["skills"] for week in (await gap(client))["weeks"]] == [[], []]


async def test_a_part_of_a_week_needs_its_fifths(client: httpx.AsyncClient) -> None:
    await need(client, "WEB", from_on="2026-03-05", until_on="2026-03-10", weekly_hours="10")
    found = await gap(client)
    assert [week["skills"][0]["needed_hours"] for week in found["weeks"]] == ["4", "4"]


async def test_says_who_could_be_trained_and_by_whom(client: httpx.AsyncClient, database: RolledBack) -> None:
    await need(client, "WEB", weekly_hours="100")
    one = await skilled(client, database, "one", 1)
    two = await skilled(client, database, "two", 2)
    busy = await skilled(client, database, "busy", 2)
    await add(client, "time-off", person_id=busy, from_on="2026-03-01", until_on="2026-03-31")
    best = await skilled(client, database, "best", 5)
    able = await skilled(client, database, "able", 3)
    await person(database, "none")
    made = await add(client, "developments", **training(two, 3, ends_on="2026-04-30"))
    found = (await gap(client))["gaps"][0]
    assert [(row["person_id"], row["level"]) for row in found["trainable"]] == [(two, 2), (one, 1)]
    assert [(row["person_id"], row["free_hours"]) for row in found["mentors"]] == [(best, "80"), (able, "80")]
    assert found["in_training"] == [
        {
            "development_id": made["id"],
            "person_id": two,
            "kind": "training",
            "target_level": 3,
            "ends_on": "2026-04-30",
        }
    ]


async def test_the_gap_closes_when_the_training_is_completed(client: httpx.AsyncClient, database: RolledBack) -> None:
    await need(client, "WEB", weekly_hours="40")
    two = await skilled(client, database, "two", 2)
    made = await add(client, "developments", **training(two, 3))
    assert (await gap(client))["gaps"][0]["gap_hours"] == "80"
    with day("2026-03-31"):
        await client.post(f"/v1/developments/{made['id']}/complete")
    assert (await gap(client))["gaps"] == []


async def test_the_gap_is_of_thirteen_weeks_from_monday_and_fifty_three_at_most(client: httpx.AsyncClient) -> None:
    with day("2026-03-04"):
        found = (await client.get("/v1/skills-gap")).json()
    assert (found["valid_from"], found["valid_to"], len(found["weeks"])) == ("2026-03-02", "2026-06-01", 13)
    for until in ("2026-03-02", "2027-03-09"):
        wrong = await client.get("/v1/skills-gap", params={"from": "2026-03-02", "until": until})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "?until")


async def test_all_who_read_may_ask_for_the_gap(client_as: ClientFactory) -> None:
    assert (await (await client_as("viewer")).get("/v1/skills-gap")).status_code == 200


async def test_the_gap_takes_the_same_few_statements_for_any_number_of_needs(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await need(client, "WEB")
    await skilled(client, database, "jon", 2)
    await gap(client)
    with database.counting() as for_one:
        await gap(client)
    for number in range(4):
        await need(client, f"P{number}", skill=f"skill {number}")
        await skilled(client, database, f"jon{number}", 2, f"skill {number}")
    with database.counting() as for_five:
        found = await gap(client)
    assert len(for_one) == len(for_five) <= 12
    assert len(found["gaps"]) == 5
