from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.features.projects import rules
from app.features.projects.rules import FrozenFigures, FrozenMilestone, MilestoneMove
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day
from tests.features.test_project_changes import FIGURES, apply, baselines
from tests.features.test_seats import add_role

WORKING = [date(2026, 1, 1) + timedelta(n) for n in range(90) if (date(2026, 1, 1) + timedelta(n)).weekday() < 5]
MIRRORED = {MilestoneMove.ADDED: MilestoneMove.REMOVED, MilestoneMove.REMOVED: MilestoneMove.ADDED}

amounts = st.none() | st.decimals(0, 1000, places=2)
planned = st.none() | st.dates(date(2026, 1, 1), date(2026, 3, 30))
weights = st.sampled_from([Decimal(0), Decimal(1), Decimal("2.5")])
frozen = st.builds(FrozenMilestone, st.sampled_from(["Design", "Launch"]), planned, weights)
figures = st.builds(
    FrozenFigures,
    st.sampled_from(["EUR", "CHF"]),
    amounts,
    amounts,
    amounts,
    planned,
    planned,
    st.dictionaries(st.sampled_from([UUID(int=n) for n in range(4)]), frozen),
)


def turned(difference: Json) -> Json:
    """A difference as it is seen from the other side."""
    signs = {name: difference[name] for name in ("difference", "days", "working_days") if name in difference}
    what = {"what": [MIRRORED.get(w, w) for w in difference["what"]]} if "what" in difference else {}
    return {
        **difference,
        **what,
        "before": difference["after"],
        "after": difference["before"],
        **{name: None if value is None else -value for name, value in signs.items()},
    }


@given(figures)
def test_a_baseline_does_not_differ_from_itself(one: FrozenFigures) -> None:
    compared = rules.compare(one, one, WORKING)
    assert compared.pop("milestones") == []
    for difference in compared.values():
        assert difference["before"] == difference["after"]
        assert not any(difference.get(name) for name in ("difference", "days", "working_days"))


@given(figures, figures)
def test_a_comparison_is_the_mirror_of_the_other_way_round(one: FrozenFigures, other: FrozenFigures) -> None:
    there, back = rules.compare(one, other, WORKING), rules.compare(other, one, WORKING)
    assert [turned(difference) for difference in there.pop("milestones")] == back.pop("milestones")
    assert {name: turned(difference) for name, difference in there.items()} == back


async def compare(client: httpx.AsyncClient, project: Json, **params: Any) -> Json:
    answer = await client.get(f"/v1/projects/{project['id']}/baselines/compare", params=params)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def agreed_twice(client: httpx.AsyncClient, database: RolledBack) -> tuple[Json, UUID, list[Json]]:
    """A project with two baselines, the change that lies between them, and its milestones then."""
    with day("2026-03-02"):
        await add_role(client, "designer")
        project = await add_project(client, **{**FIGURES, "status": "pipeline"})
        names = ("Design", "Content", "Launch")
        of = {"project_id": project["id"], "planned_on": "2026-04-30"}
        stones = [await add(client, "milestones", **of, name=name) for name in names]
        answer = await client.post(f"/v1/projects/{project['id']}/transitions", json={"to": "active"})
        assert answer.status_code == 200, answer.text
        await add(client, "milestones", **of, name="Training")
        for stone, changes in zip(stones[1:], ({"weight": "3"}, {"planned_on": "2026-05-04"}), strict=True):
            await client.patch(f"/v1/milestones/{stone['id']}", json=changes, headers={"If-Match": "*"})
        await client.delete(f"/v1/milestones/{stones[0]['id']}", headers={"If-Match": "*"})
        change = await apply(database, project)
    return project, change, stones


async def test_two_baselines_are_compared(client: httpx.AsyncClient, database: RolledBack) -> None:
    project, change, stones = await agreed_twice(client, database)
    compared = await compare(client, project, **{"from": 1, "to": 2})
    assert compared == await compare(client, project)
    assert (compared["from_baseline"]["number"], compared["to_baseline"]["number"]) == (1, 2)
    assert compared["fee"] == {"before": "50000.00", "after": "54200.50", "difference": "4200.50"}
    assert compared["cost_budget"]["difference"] == "2500.00"
    assert compared["hours_budget"] == {"before": "400", "after": "430", "difference": "30"}
    assert compared["start_on"]["days"] == 0
    moved = {"before": "2026-06-30", "after": "2026-07-14", "days": 14, "working_days": 10}
    assert compared["due_on"] == moved
    assert compared["change_request_ids"] == [str(change)]
    by_name = {(m["after"] or m["before"])["name"]: m for m in compared["milestones"]}
    assert {name: m["what"] for name, m in by_name.items()} == {
        "Design": ["removed"],
        "Content": ["re_weighted"],
        "Launch": ["moved"],
        "Training": ["added"],
    }
    assert (by_name["Launch"]["days"], by_name["Launch"]["working_days"]) == (4, 2)
    assert by_name["Design"]["milestone_id"] == stones[0]["id"]


async def test_a_milestone_that_is_gone_stays_readable_in_its_baseline(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project, _, stones = await agreed_twice(client, database)
    assert (await client.get(f"/v1/milestones/{stones[0]['id']}")).status_code == 404
    params = {"project_id": project["id"], "number": 1, "include": "milestones"}
    [first] = (await client.get("/v1/baselines", params=params)).json()["items"]
    assert {m["name"] for m in first["milestones"]} == {"Design", "Content", "Launch"}
    assert {m["weight"] for m in first["milestones"]} == {"1"}


async def test_a_number_that_is_not_there_is_answered_with_those_that_are(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project, _, _ = await agreed_twice(client, database)
    answer = await client.get(f"/v1/projects/{project['id']}/baselines/compare", params={"to": 7})
    assert answer.status_code == 404
    assert "no baseline 7: choose among 1, 2" in answer.json()["detail"]
    bare = await add_project(client, "BARE")
    answer = await client.get(f"/v1/projects/{bare['id']}/baselines/compare")
    assert answer.status_code == 404
    assert "none yet" in answer.json()["detail"]


async def test_money_is_left_out_for_those_who_may_not_see_it(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack
) -> None:
    project, _, _ = await agreed_twice(client, database)
    viewer = await client_as("viewer")
    compared = await compare(viewer, project)
    assert not {"fee", "cost_budget"} & compared.keys()
    assert compared["hours_budget"]["difference"] == "30"


async def test_a_comparison_takes_the_same_statements_for_any_number_of_milestones(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project, _, _ = await agreed_twice(client, database)
    with database.counting() as for_few:
        await compare(client, project)
    for number in range(5):
        await add(client, "milestones", project_id=project["id"], name=f"M{number}")
    with day("2026-03-03"):
        await apply(database, project)
    with database.counting() as for_more:
        await compare(client, project, to=3)
    assert len(for_few) == len(for_more) == 4


async def test_baselines_are_found_by_the_change_that_made_them(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project, change, _ = await agreed_twice(client, database)
    [found] = (await client.get("/v1/baselines", params={"change_request_id": str(change)})).json()["items"]
    assert found == (await baselines(client, project))[1]


@pytest.mark.parametrize("values", [{"due_on": "2026-08-01"}, {"fee": "1"}])
async def test_an_edit_moves_the_project_and_no_baseline(client: httpx.AsyncClient, values: Json) -> None:
    project = await add_project(client, **FIGURES)
    answer = await client.patch(f"/v1/projects/{project['id']}", json=values, headers={"If-Match": "*"})
    assert answer.status_code == 200
    [baseline] = await baselines(client, project)
    assert (baseline["due_on"], baseline["fee"]) == ("2026-06-30", "50000.00")
