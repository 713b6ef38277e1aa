"""A deal is won, delivered, closed and looked back on; a month is closed, a Monday begins: told through HTTP alone."""

import httpx
import time_machine

from tests.features.calls import Json, add
from tests.stories.agency import ACCOUNT, PRODUCTION, Agency

TEMPLATE: Json = {
    "code": "SITE",
    "name": "Website",
    "duration_days": 84,
    "seats": [{"role": ACCOUNT}, {"role": PRODUCTION}, {"role": "developer", "load_weight": "0"}],
    "milestones": [
        {"name": "Design", "day": 28, "weight": "1", "deliverable": "Screens"},
        {"name": "Launch", "day": 77, "weight": "2"},
    ],
    "estimates": [{"role": "developer", "hours": "160"}],
    "skills": [{"skill": "accessibility", "level": 4, "weekly_hours": "6"}],
}


async def found(agency: Agency) -> None:
    """Three people of the agency, a client with two contacts, and a deal that is all but won."""
    await add(agency.http, "roles", key="developer", name="Developer", purpose="Builds it.", exclusive=False)
    for name, role in (("Maria", ACCOUNT), ("Jon", PRODUCTION), ("Dev", "developer")):
        person = await agency.hire(name, role, hired_on="2025-01-01")
        if name != "Dev":  # whose rate is forgotten
            await add(agency.http, "rates", person_id=person, cost_rate="60", currency="EUR", valid_from="2025-01-01")
    await add(agency.http, "skills", person_id=agency.id("Dev"), skill="accessibility", level=3)
    await add(agency.http, "skills", person_id=agency.id("Jon"), skill="accessibility", level=5)
    for code in ("ACME", "QUIET"):
        account = {"account_manager_id": agency.id("Maria"), "since_on": "2025-01-01"}
        agency.clients[code] = await add(agency.http, "clients", code=code, name=code.title(), **account)
    for name, role in (("Ida", "sponsor"), ("Marc", "approver")):
        await add(agency.http, "contacts", client_id=agency.clients["ACME"]["id"], name=name, role=role)
    await agency.project("SITE-1", "ACME", fee="20000", cost_budget="15000", hours_budget="250", currency="EUR")
    await add(agency.http, "project-templates", **TEMPLATE)


async def kick_off(agency: Agency) -> None:
    """One call begins the project; what nobody can fill is said before anything is written."""
    agency.on("2026-01-05")
    seats: list[Json] = [{"role": ACCOUNT, "person_id": agency.id("Maria")}]
    seats.append({"role": PRODUCTION, "person_id": agency.id("Jon")})
    path, body = "projects/SITE-1/kick-off", {"template": "SITE", "start_on": "2026-01-05", "seats": seats}
    refused = await agency.post(path, body, 409)
    assert (refused["code"], [seat["role"] for seat in refused["unfilled"]]) == ("seats-unfilled", ["developer"])
    assert await agency.items("milestones") == []
    seats.append({"role": "developer", "person_id": agency.id("Dev"), "allocation_percent": "80"})
    rehearsed = await agency.post(f"{path}?dry_run=true", body)
    assert rehearsed["baseline"]["cause"] == "kick_off"
    assert await agency.items("baselines") == []
    made = await agency.post(path, body)
    assert (made["project"]["status"], made["baseline"]["number"]) == ("active", 1)
    assert made["project"]["due_on"] == "2026-03-30"
    assert len(made["milestones"]) == 2
    assert made["tasks"]
    (again,) = [await agency.post(path, body, 409)]
    assert again["code"] == "already-kicked-off"


async def review(agency: Agency) -> None:
    """A deliverable comes back for rework, the client finds one defect."""
    site = agency.projects["SITE-1"]["id"]
    agency.on("2026-02-03")
    for day, outcome, defects in (("2026-01-30", "rework", 3), ("2026-02-03", "accepted", 0)):
        looked = {"reviewed_on": day, "reviewer_id": agency.id("Jon"), "outcome": outcome, "defects_found": defects}
        row = await add(agency.http, "deliverable-reviews", project_id=site, deliverable="Screens", **looked)
    assert row["round"] == 2
    agency.on("2026-03-25")
    defect = await add(
        agency.http, "defects", project_id=site, title="The menu covers the logo", found_on="2026-03-24", escaped=True
    )
    assert (await agency.post(f"defects/{defect['id']}/resolve"))["resolved_on"] == "2026-03-25"


async def speak(agency: Agency) -> None:
    """A client whom nobody has called for three weeks stands out; a contact answers a short link."""
    for client, day in (("ACME", "2026-03-23"), ("QUIET", "2026-03-02")):
        called = {"client_id": agency.clients[client]["id"], "person_id": agency.id("Maria")}
        await add(agency.http, "touchpoints", **called, kind="proactive", happened_on=day)
    gaps = await agency.get("touchpoint-gaps", on="2026-03-25")
    first = gaps["items"][0]
    assert (first["client"]["code"], first["days"]) == ("QUIET", 23)
    (ida,) = await agency.items("contacts", role="sponsor")
    site = agency.projects["SITE-1"]["id"]
    asked = await agency.post(
        "feedback-requests", {"subject": "project", "project_id": site, "contact_id": ida["id"]}, 201
    )
    assert (await agency.http.get(asked["link"], headers={"Accept": "text/html"})).status_code == 200
    said = {"csat": 5, "nps": 9, "comment": "We always knew what comes next."}
    answered = await agency.http.post(asked["link"], json=said)
    assert answered.status_code == 200, answered.text
    assert (await agency.http.post(asked["link"], json={"csat": 1})).status_code == 409
    (feedback,) = await agency.items("feedback")
    assert (feedback["csat"], feedback["contact_id"]) == (5, ida["id"])


async def close_the_project(agency: Agency) -> None:
    """On time and on budget, in one call, once nothing is open."""
    site = agency.projects["SITE-1"]["id"]
    outcome = {"measure": "Editors who publish by themselves", "target": "8", "review_on": "2026-09-28"}
    await add(agency.http, "outcomes", project_id=site, **outcome, owner_id=agency.id("Maria"))
    refused = await agency.post("projects/SITE-1/close", {"on": "2026-03-25"}, 409)
    assert refused["code"] == "not-ready-to-close"
    for milestone in await agency.items("milestones"):
        await agency.patch(f"milestones/{milestone['id']}", reached_on=milestone["planned_on"])
    await agency.post("projects/SITE-1/prepare-closing")
    for task in await agency.items("project-tasks", project_id=site):
        await agency.patch(f"project-tasks/{task['id']}", done=True)
    agency.on("2026-03-27")
    closed = await agency.post("projects/SITE-1/close", {"on": "2026-03-27"})
    assert closed["project"]["status"] == "closed"
    on_time = await agency.get("kpis/on_time/values")
    assert on_time["rows"][0]["value"] == "100.0000"


async def close_the_month(agency: Agency) -> None:
    """Readiness lists what is in the way; a late correction needs the month to be opened again, with a reason."""
    site = agency.projects["SITE-1"]["id"]
    weeks = ("2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23")
    hours = {"project_id": site, "hours": "6", "approval": "approved"}
    for name in ("Maria", "Jon", "Dev"):
        missing = weeks[3] if name in ("Maria", "Jon") else None
        for week in weeks:
            if week != missing:
                approval = {"approval": "submitted"} if name == "Jon" else {}
                entry = {**hours, **approval, "person_id": agency.id(name), "worked_on": week}
                await add(agency.http, "time-entries", **entry)
    found = await agency.get("periods/2026-02/readiness")
    counts = {kind: count for kind, count in found["counts"].items() if count}
    assert (found["ready"], counts) == (
        False,
        {"missing_timesheet": 2, "unapproved_hours": 3, "missing_rate": 1},
    )
    refused = await agency.post("periods/2026-02/close", {}, 409)
    assert refused["code"] == "period-not-ready"
    for name in ("Maria", "Jon"):
        await add(agency.http, "time-entries", **hours, person_id=agency.id(name), worked_on=weeks[3])
    dev = {"person_id": agency.id("Dev"), "cost_rate": "50", "currency": "EUR", "valid_from": "2025-01-01"}
    await add(agency.http, "rates", **dev)
    for entry in await agency.items("time-entries", approval="submitted"):
        await agency.patch(f"time-entries/{entry['id']}", approval="approved")
    closed = await agency.post("periods/2026-02/close", {})
    assert (closed["status"], closed["revision"]) == ("closed", 1)
    (late,) = await agency.items("time-entries", person_id=agency.id("Dev"), worked_on=weeks[0])
    refused = await agency.patch(f"time-entries/{late['id']}", 409, hours="7")
    assert (refused["code"], refused["period"]) == ("period-closed", "2026-02")
    await agency.post("periods/2026-02/reopen", {"reason": "An hour of Dev's lay on the wrong day."})
    await agency.patch(f"time-entries/{late['id']}", hours="7")
    assert (await agency.post("periods/2026-02/close", {}))["revision"] == 2
    (reopening,) = await agency.items("decisions", kind="reopening")
    assert reopening["why"] == "An hour of Dev's lay on the wrong day."


async def look_at_monday(agency: Agency) -> None:
    """One call shows the portfolio, and what changed since Friday; another what is due."""
    await agency.project("SITE-2", "ACME", fee="9000", status="active", status_on="2026-03-01")
    agency.on("2026-03-30")
    await agency.patch("projects/SITE-2", priority=5)
    view = await agency.get("portfolio", changed_since="2026-03-27T18:00:00Z")
    (item,) = view["items"]
    assert item["code"] == "SITE-2"
    assert {change["type"] for change in item["changed"]} == {"project.updated"}
    assert [seat["vacant"] for seat in item["seats"]] == [True, True]
    due = await agency.get("reminders", on="2026-04-20")
    assert ("stale_health", item["id"]) in {(one["kind"], one["subject_id"]) for one in due["items"]}


async def look_back(agency: Agency) -> None:
    """Half a year later nobody uses the system: not achieved. Once a year the charter says what the PMO was worth."""
    agency.on("2026-09-28")
    due = await agency.get("reminders", on="2026-09-28", kind="outcome_review")
    (outcome,) = await agency.items("outcomes")
    assert [one["subject_id"] for one in due["items"]] == [outcome["id"]]
    looked = {"actual": "0", "evidence": "Nobody has signed in since May."}
    reviewed = await agency.post(f"outcomes/{outcome['id']}/review", looked)
    assert reviewed["achieved"] is False
    measure = {"kpi": "on_time", "baseline": "50", "baseline_on": "2026-01-01", "target": "80", "by": "2026-12-31"}
    charter = {
        "purpose": "Two people with time for every project.",
        "value_proposition": "Projects end when we said.",
        "services": ["Reports"],
        "guiding_values": ["We say it early"],
        "success_measures": [measure],
        "members": [agency.id("Jon")],
    }
    written = await agency.http.put("/v1/charter", json=charter, headers={"If-Match": "*"})
    assert written.status_code in (200, 201), written.text
    worth = await agency.get("worth", **{"from": "2026-01-01", "until": "2027-01-01"})
    (held,) = worth["measures"]
    assert (held["kpi"], held["reached"]) == ("on_time", True)


async def test_an_office_sees_a_project_through_and_says_what_it_is_worth(client: httpx.AsyncClient) -> None:
    with time_machine.travel("2026-01-02T09:00:00Z", tick=False) as lasts:
        agency = Agency(client, lasts)
        await found(agency)
        await kick_off(agency)
        await review(agency)
        await speak(agency)
        await close_the_project(agency)
        await close_the_month(agency)
        await look_at_monday(agency)
        await look_back(agency)
