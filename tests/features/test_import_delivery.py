"""Spreadsheets of what is planned, promised, risky and asked for: taken once, and then what differs."""

import httpx
import pytest

from tests.features.calls import day
from tests.features.test_imports import tandem, totals

FILES = {
    "milestones": "project,name,planned_on,reached_on,weight\nWEB,Launch,2026-05-29,,2\n",
    "estimates": "project,role,as_of,hours_budget,hours_remaining\nWEB,production_manager,2026-02-02,80,60.5\n",
    "goals": "code,name,target,ends_on\nCARE,Half of the revenue from care,50,2026-12-31\n",
    "goal_links": "project,goal,weight\nWEB,CARE,1\n",
    "status_reports": "project,reported_on,budget,percent_complete,narrative\nWEB,2026-02-06,at_risk,35,Slow\n",
    "commitments": "project,promised_by,promised_on,due_on,statement\n"
    "WEB,jon@agency.example,2026-02-02,2026-02-13,The start page is live\n",
    "risks": "project,event,cause,effect,likelihood,impact,owner\n"
    "WEB,Texts come late,Three departments,The launch slips,4,3,maria@agency.example\n",
    "change_requests": "project,title,value_statement,charge,urgency\n"
    "WEB,Gift cards,Christmas begins earlier,billable,4\n",
}
LISTS = {name: name.replace("_", "-") for name in FILES}


async def test_takes_what_a_spreadsheet_holds_of_projects(client: httpx.AsyncClient) -> None:
    for outcome in ((1, 0, 0, 0), (0, 0, 1, 0)):
        answer = await tandem(client, **FILES)
        assert answer.status_code == 200, answer.text
        assert {name: totals(answer.json())[name] for name in FILES} == dict.fromkeys(FILES, outcome)
    for plural in LISTS.values():
        assert len((await client.get(f"/v1/{plural}")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("name", "former", "latter"),
    [
        ("milestones", "2026-05-29,,", "2026-05-29,2026-05-28,"),
        ("estimates", "60.5", "40"),
        ("status_reports", "at_risk", "off_track"),
        ("risks", ",4,3,", ",2,3,"),
        ("change_requests", "billable", "included"),
    ],
)
async def test_takes_what_differs(client: httpx.AsyncClient, name: str, former: str, latter: str) -> None:
    await tandem(client, **FILES)
    answer = await tandem(client, **{name: FILES[name].replace(former, latter)})
    assert answer.status_code == 200, answer.text
    assert totals(answer.json())[name] == (0, 1, 0, 0)


async def test_a_file_does_not_move_a_promise(client: httpx.AsyncClient) -> None:
    await tandem(client, **FILES)
    refused = await tandem(client, commitments=FILES["commitments"].replace("2026-02-13", "2026-02-20"))
    assert refused.status_code == 422
    assert "renegotiate" in refused.text


async def test_a_promise_that_was_moved_stays_as_it_is_when_its_file_is_sent_again(client: httpx.AsyncClient) -> None:
    with day("2026-02-10"):
        await tandem(client, **FILES)
        [promise] = (await client.get("/v1/commitments")).json()["items"]
        moved = {"due_on": "2026-02-20", "reason": "The texts are late", "variance_reason": "client_late"}
        answer = await client.post(f"/v1/commitments/{promise['id']}/renegotiate", json=moved)
        assert answer.status_code == 200, answer.text
        again = await tandem(client, commitments=FILES["commitments"])
    assert totals(again.json())["commitments"] == (0, 0, 1, 0)
    [promise] = (await client.get("/v1/commitments")).json()["items"]
    assert (promise["due_on"], promise["original_due_on"]) == ("2026-02-20", "2026-02-13")


async def test_tells_of_each_row_that_a_rule_forbids(client: httpx.AsyncClient) -> None:
    risks = FILES["risks"] + "WEB,It rains,The sky,We get wet,9,1,\nNONE,It snows,The sky,We freeze,1,1,\n"
    refused = await tandem(client, **{**FILES, "risks": risks})
    assert refused.status_code == 422
    told = [(row["line"], row["errors"][0]["field"]) for row in refused.json()["report"]["rows"]]
    assert told == [(3, "likelihood"), (4, "project_id")]
    assert (await client.get("/v1/goals")).json()["items"] == []
