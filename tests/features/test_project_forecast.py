import httpx

from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, move
from tests.features.test_assignments import person
from tests.features.test_seats import add_role

MONDAY = "2026-06-01"


async def forecast(client: httpx.AsyncClient, project: Json) -> Json:
    answer = await client.get(f"/v1/projects/{project['id']}/forecast")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def designed(client: httpx.AsyncClient, database: RolledBack, remaining: str | None = "60") -> Json:
    """A project with one designer of forty hours a week, and what remains for them."""
    await add_role(client, "designer")
    project = await add_project(client, status="active", start_on="2026-01-05", due_on="2026-06-10")
    ada = await person(database, "ada")
    await add(client, "assignments", project_id=project["id"], role="designer", person_id=ada, valid_from=MONDAY)
    if remaining is not None:
        of = {"project_id": project["id"], "role": "designer"}
        await add(client, "estimates", **of, hours_budget="100", hours_remaining=remaining)
    return project


async def test_is_the_day_on_which_free_hours_cover_what_remains(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with day(MONDAY):
        found = await forecast(client, await designed(client, database))
    assert (found["finish_on"], found["finish_reason"], found["basis"]) == ("2026-06-10", None, "estimates")
    assert (found["on"], found["days_late"]) == (MONDAY, 0)
    assert found["remaining"] == [{"role": "designer", "hours": "60"}]
    weeks = [(week["week"], week["free_hours"], week["planned_hours"]) for week in found["weeks"]]
    assert weeks == [("2026-W23", "40", "40"), ("2026-W24", "40", "20")]


async def test_says_how_late_it_becomes(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(MONDAY):
        found = await forecast(client, await designed(client, database, "80.5"))
    assert (found["finish_on"], found["days_late"]) == ("2026-06-15", 5)


async def test_says_why_no_day_is_known(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(MONDAY):
        found = await forecast(client, await designed(client, database, None))
        assert (found["finish_on"], found["finish_reason"], found["basis"]) == (None, "remaining_unknown", "none")
        alone = await add_project(client, "ALONE", hours_budget="10")
        found = await forecast(client, alone)
    assert (found["finish_on"], found["finish_reason"], found["basis"]) == (None, "no_capacity", "budget")
    assert found["remaining"] == [{"role": None, "hours": "10"}]
    assert found["days_late"] is None


async def test_a_planned_pause_or_end_of_the_project_moves_or_hides_the_day(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with day(MONDAY):
        project = await designed(client, database)
        assert (await move(client, project["id"], "on_hold", "2026-06-03")).status_code == 200
        found = await forecast(client, project)
        assert (found["finish_on"], found["finish_reason"]) == (None, "on_hold")
        assert (await move(client, project["id"], "active", "2026-06-15")).status_code == 200
        found = await forecast(client, project)
        assert (found["finish_on"], found["finish_reason"]) == ("2026-06-22", None)
        weeks = [(week["free_hours"], week["planned_hours"]) for week in found["weeks"]]
        assert weeks == [("16", "16"), ("0", "0"), ("40", "40"), ("40", "4")]
        assert (await move(client, project["id"], "closed", "2026-06-19")).status_code == 200
        found = await forecast(client, project)
    assert (found["finish_on"], found["finish_reason"]) == (None, "project_ends")


async def test_shows_hours_in_hundredths_whatever_others_take_of_a_day(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with day(MONDAY):
        project = await designed(client, database)
        other = await add_project(client, "OTHER", status="active", start_on="2026-01-05")
        (seat,) = (await client.get("/v1/assignments", params={"role": "designer"})).json()["items"]
        taken = {"project_id": other["id"], "role": "designer", "person_id": seat["person_id"], "valid_from": MONDAY}
        await add(client, "assignments", **taken, allocation_percent="3.33")
        found = await forecast(client, project)
    assert found["weeks"][0]["free_hours"] == "38.67"
