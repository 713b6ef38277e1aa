from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from app.features.rescues import rules
from app.features.rescues.rules import STATES, Prospect
from app.models.rescue import RescueStatus
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, events, move
from tests.features.test_assignments import person

TODAY = "2026-06-01"
ASSESSING, DECIDED, CLOSED, CANCELLED = RescueStatus
STEPS: dict[RescueStatus, tuple[str, Json]] = {
    DECIDED: ("decide", {"course": "recover", "why": "It pays"}),
    CLOSED: ("close", {"outcome": "It is live"}),
    CANCELLED: ("cancel", {"reason": "A false alarm"}),
}
PATH: dict[RescueStatus, tuple[RescueStatus, ...]] = {
    ASSESSING: (),
    DECIDED: (DECIDED,),
    CLOSED: (DECIDED, CLOSED),
    CANCELLED: (CANCELLED,),
}
FORECAST = {"forecast_finish_on": "2026-09-30", "forecast_cost_to_complete": "1000", "forecast_value": "5000"}


@dataclass
class Scene:
    """Maria runs the shop, which is in trouble; Jon looks at it from outside."""

    client: httpx.AsyncClient
    maria: str
    jon: str
    shop: Json

    async def post(self, **values: Any) -> httpx.Response:
        body = {"project_id": self.shop["id"], "rescuer_id": self.jon, "trigger": "It has slipped twice", **values}
        return await self.client.post("/v1/rescues", json=body)

    async def open(self, **values: Any) -> Json:
        answer = await self.post(**values)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def act(self, made: Json, verb: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/rescues/{made['id']}/{verb}", json=body or None)

    async def decided(self, **values: Any) -> Json:
        made = await self.open()
        answer = await self.act(made, "decide", course="re_scope", why="Half brings most", **values)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def sits(self, person_id: str, **values: Any) -> None:
        body = {"project_id": self.shop["id"], "role": "account_manager", "valid_from": TODAY, **values}
        await add(self.client, "assignments", person_id=person_id, **body)


@pytest_asyncio.fixture(loop_scope="session")
async def scene(client: httpx.AsyncClient, database: RolledBack) -> AsyncIterator[Scene]:
    with day(TODAY):
        maria, jon = await person(database, "maria"), await person(database, "jon")
        shop = await add_project(client, "SHOP", status="active", status_on=TODAY, remaining_value="9000")
        yield Scene(client, maria, jon, shop)


async def test_a_rescue_keeps_the_triage_that_nominated_it(scene: Scene) -> None:
    made = await scene.open()
    assert (made["status"], made["allowed_transitions"]) == ("assessing", ["decided", "cancelled"])
    assert (made["opened_on"], made["rescuer_id"]) == (TODAY, scene.jon)
    assert {part["key"] for part in made["triage"]["parts"]} >= {"cpi", "csat"}
    assert Decimal(made["triage"]["forward_value"]["remaining_value"]) == 9000
    assert "name" not in made["triage"]


async def test_a_project_has_one_rescue_at_a_time(scene: Scene) -> None:
    made = await scene.open()
    answer = await scene.post()
    assert (answer.status_code, answer.json()["code"]) == (409, "rescue-running")
    assert answer.json()["rescue_id"] == made["id"]
    await scene.act(made, "cancel", reason="A false alarm")
    await scene.open()


@pytest.mark.parametrize(
    "seat",
    [
        {},
        {"kind": "shadow"},
        {"kind": "cover"},
        {"valid_from": "2026-08-01"},
        {"role": "production_manager", "valid_to": "2026-06-02"},
    ],
    ids=["holder", "shadow", "cover", "planned", "until today"],
)
async def test_whoever_has_a_seat_neither_leads_nor_opens_nor_decides_a_rescue(
    scene: Scene, client_as: ClientFactory, seat: Json
) -> None:
    made = await scene.open()
    await scene.sits(scene.jon, **seat)
    answer = await scene.act(made, "decide", course="stop", why="It does not pay")
    assert (answer.status_code, answer.json()["code"]) == (409, "rescuer-holds-seat")
    await scene.act(made, "cancel", reason="Another leads it")
    answer = await scene.post()
    assert (answer.status_code, answer.json()["code"]) == (409, "rescuer-holds-seat")
    jons = Scene(await client_as("manager", person_id=UUID(scene.jon)), scene.maria, scene.jon, scene.shop)
    answer = await jons.post(rescuer_id=scene.maria)
    assert (answer.status_code, answer.json()["code"]) == (409, "rescuer-holds-seat")
    assert answer.json()["person_id"] == scene.jon


@pytest.mark.parametrize(
    "seat",
    [{"certainty": "tentative"}, {"valid_from": "2026-05-01", "valid_to": TODAY}],
    ids=["tentative", "ended"],
)
async def test_a_seat_that_is_over_or_unsure_binds_nobody(scene: Scene, seat: Json) -> None:
    await scene.sits(scene.jon, **seat)
    await scene.open()


async def test_the_rescuer_is_the_caller_unless_told_otherwise(scene: Scene, client_as: ClientFactory) -> None:
    jons = await client_as("manager", person_id=UUID(scene.jon))
    body = {"project_id": scene.shop["id"], "trigger": "It has slipped"}
    made = (await jons.post("/v1/rescues", json=body)).json()
    assert made["rescuer_id"] == scene.jon
    answer = await scene.client.post("/v1/rescues", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/rescuer_id")


async def test_only_live_projects_are_rescued(scene: Scene) -> None:
    await move(scene.client, scene.shop["id"], "closed")
    answer = await scene.post()
    assert (answer.status_code, answer.json()["code"]) == (409, "project-not-live")


@pytest.mark.parametrize("to", STEPS)
@pytest.mark.parametrize("former", RescueStatus)
async def test_a_rescue_makes_the_legal_moves_alone(scene: Scene, former: RescueStatus, to: RescueStatus) -> None:
    made = await scene.open()
    for status in PATH[former]:
        verb, body = STEPS[status]
        assert (await scene.act(made, verb, **body)).status_code == 200
    verb, body = STEPS[to]
    answer = await scene.act(made, verb, **body)
    now = (await scene.client.get(f"/v1/rescues/{made['id']}")).json()
    if to in STATES.allowed(former):
        assert answer.status_code == 200
        assert (now["status"], now["allowed_transitions"]) == (to, list(STATES.allowed(to)))
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
        assert answer.json()["allowed"] == list(STATES.allowed(former))
        assert now["status"] == former


async def test_the_course_is_in_the_decision_log_without_money_and_moves_no_project(scene: Scene) -> None:
    made = await scene.decided(**FORECAST)
    assert (made["course"], made["course_reason"], made["decided_on"]) == ("re_scope", "Half brings most", TODAY)
    [logged] = (await scene.client.get("/v1/decisions", params={"project_id": scene.shop["id"]})).json()["items"]
    assert logged["id"] == made["decision_id"]
    assert (logged["kind"], logged["subject_type"], logged["subject_id"]) == ("rescue", "rescue", made["id"])
    assert (logged["client_id"], logged["why"]) == (scene.shop["client_id"], "Half brings most")
    assert logged["impact"] == {"course": "re_scope", "forecast_finish_on": "2026-09-30"}
    assert (await scene.client.get("/v1/projects/SHOP")).json()["status"] == "active"


async def test_a_decision_keeps_the_forecasts_of_the_assessment(scene: Scene) -> None:
    made = await scene.open()
    assessed = {"assessment": "The scope grew", **FORECAST}
    head = {"If-Match": made["etag"]}
    answer = await scene.client.patch(f"/v1/rescues/{made['id']}", json=assessed, headers=head)
    assert answer.status_code == 200, answer.text
    decided = (await scene.act(made, "decide", course="recover", why="It pays", forecast_value="7000")).json()
    assert (decided["forecast_finish_on"], decided["assessment"]) == ("2026-09-30", "The scope grew")
    assert (decided["forecast_cost_to_complete"], decided["forecast_value"]) == ("1000.00", "7000.00")
    answer = await scene.client.patch(f"/v1/rescues/{made['id']}", json=assessed, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong-rescue-status")


async def test_closing_holds_the_outcome_against_the_forecast(scene: Scene) -> None:
    made = await scene.decided(**FORECAST)
    with day("2026-09-20"):
        actual = {"actual_finish_on": "2026-09-15", "actual_cost_to_complete": "1100", "actual_value": "5000"}
        closed = (await scene.act(made, "close", outcome="It is live", **actual)).json()
    assert (closed["met_forecast"], closed["closed_on"], closed["outcome"]) == (True, "2026-09-20", "It is live")
    outcomes = await scene.client.get("/v1/decision-outcomes", params={"decision_id": made["decision_id"]})
    [outcome] = outcomes.json()["items"]
    assert (outcome["as_expected"], outcome["statement"]) == (True, "It is live")


async def test_the_cost_to_complete_is_that_from_the_decision_on(scene: Scene) -> None:
    await add(scene.client, "rates", person_id=scene.maria, cost_rate="50", currency="EUR", valid_from=TODAY)
    line = {"project_id": scene.shop["id"], "person_id": scene.maria, "hours": "8"}
    await add(scene.client, "time-entries", **line, worked_on=TODAY)
    with day("2026-06-08"):
        made = await scene.decided(forecast_cost_to_complete="300")
    with day("2026-06-30"):
        await add(scene.client, "time-entries", **line, worked_on="2026-06-08")
        closed = (await scene.act(made, "close", outcome="Too dear")).json()
    assert (closed["actual_cost_to_complete"], closed["met_forecast"]) == ("400.00", False)


async def test_a_project_on_which_nothing_was_spent_met_a_forecast_of_no_cost(scene: Scene) -> None:
    made = await scene.decided(forecast_cost_to_complete="0")
    closed = (await scene.act(made, "close", outcome="Stopped at once")).json()
    assert (closed["actual_cost_to_complete"], closed["met_forecast"]) == ("0.00", True)


async def test_a_cost_of_which_some_hours_have_no_rate_is_not_held_against_the_forecast(scene: Scene) -> None:
    await add(scene.client, "rates", person_id=scene.maria, cost_rate="50", currency="EUR", valid_from=TODAY)
    made = await scene.decided(forecast_cost_to_complete="500")
    for person_id in (scene.maria, scene.jon):
        line = {"project_id": scene.shop["id"], "person_id": person_id, "hours": "8", "worked_on": TODAY}
        await add(scene.client, "time-entries", **line)
    closed = (await scene.act(made, "close", outcome="Nobody knows")).json()
    assert (closed["actual_cost_to_complete"], closed["met_forecast"]) == (None, None)


async def test_a_finish_that_lies_ahead_is_none(scene: Scene) -> None:
    made = await scene.decided()
    answer = await scene.act(made, "close", outcome="Soon", actual_finish_on="2026-06-02")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/actual_finish_on")


async def test_money_stays_with_those_who_may_see_it(scene: Scene, client_as: ClientFactory) -> None:
    made = await scene.decided(**FORECAST)
    jons = await client_as("manager", person_id=UUID(scene.jon))
    shown = (await jons.get(f"/v1/rescues/{made['id']}")).json()
    assert not {"triage", "forecast_value", "forecast_cost_to_complete"} & shown.keys()
    body = {"outcome": "Done", "actual_value": "1"}
    answer = await jons.post(f"/v1/rescues/{made['id']}/close", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "money-hidden")
    answer = await jons.post(f"/v1/rescues/{made['id']}/close", json={"outcome": "Done"})
    assert answer.status_code == 200
    assert (await jons.get("/v1/rescues?sort=opened_on&format=csv")).status_code == 200


async def test_actions_have_an_owner_and_are_ticked(scene: Scene) -> None:
    made = await scene.open()
    body = {"rescue_id": made["id"], "owner_id": scene.maria, "due_on": "2026-06-10", "statement": "Ask the client"}
    action = await add(scene.client, "rescue-actions", **body)
    assert (action["done"], action["done_at"]) == (False, None)
    path = f"/v1/rescue-actions/{action['id']}"
    done = (await scene.client.post(f"{path}/done")).json()
    assert done["done"] is True
    assert (await scene.client.post(f"{path}/done")).json() == done
    assert (await scene.client.post(f"{path}/done", json={"done": False})).json()["done_at"] is None
    changed = await scene.client.patch(path, json={"due_on": "2026-06-12"}, headers={"If-Match": "*"})
    assert changed.json()["due_on"] == "2026-06-12"
    listed = await scene.client.get("/v1/rescue-actions", params={"rescue_id": made["id"], "done": "false"})
    assert [item["id"] for item in listed.json()["items"]] == [action["id"]]
    assert (await scene.client.delete(path, headers={"If-Match": "*"})).status_code == 204


async def test_actions_of_a_rescue_that_is_over_stay(scene: Scene) -> None:
    made = await scene.open()
    body = {"rescue_id": made["id"], "owner_id": scene.maria, "due_on": "2026-06-10", "statement": "Ask the client"}
    action = await add(scene.client, "rescue-actions", **body)
    await scene.act(made, "cancel", reason="A false alarm")
    path, head = f"/v1/rescue-actions/{action['id']}", {"If-Match": "*"}
    for answer in (
        await scene.client.post("/v1/rescue-actions", json=body),
        await scene.client.patch(path, json={"statement": "Do"}, headers=head),
        await scene.client.delete(path, headers=head),
        await scene.client.post(f"{path}/done"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong-rescue-status")


async def test_events_tell_of_a_rescue_without_its_money(scene: Scene, database: RolledBack) -> None:
    made = await scene.decided(**FORECAST)
    await scene.act(made, "close", outcome="It is live")
    told = [(type, data) for type, data in await events(database) if type.startswith("rescue.")]
    assert [type for type, _ in told] == ["rescue.created", "rescue.decided", "rescue.closed"]
    assert "1000" not in str(told)


prospects = st.builds(
    Prospect,
    st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.none() | st.integers(0, 100).map(Decimal),
    st.none() | st.integers(0, 100).map(Decimal),
)


@given(prospects, st.decimals("0", "1", places=2))
def test_what_came_as_forecast_met_it(forecast: Prospect, tolerance: Decimal) -> None:
    nothing = forecast == Prospect(None, None, None)
    assert rules.met_forecast(forecast, forecast, tolerance) is (None if nothing else True)


@given(prospects, prospects)
def test_a_better_outcome_never_fails_where_a_worse_one_met_the_forecast(forecast: Prospect, actual: Prospect) -> None:
    better = Prospect(
        actual.finish_on and min(actual.finish_on, date(2026, 1, 1)),
        actual.cost and Decimal(0),
        actual.value if actual.value is None else Decimal(1000),
    )
    if rules.met_forecast(forecast, actual, Decimal(0)):
        assert rules.met_forecast(forecast, better, Decimal(0)) is True


def test_an_unknown_outcome_is_neither_met_nor_failed_unless_another_failed() -> None:
    forecast = Prospect(date(2026, 9, 1), Decimal(100), None)
    unknown, failed = Prospect(None, Decimal(100), None), Prospect(None, Decimal(101), None)
    assert rules.met_forecast(forecast, unknown, Decimal(0)) is None
    assert rules.met_forecast(forecast, failed, Decimal(0)) is False
