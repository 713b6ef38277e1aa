"""How an agency splits its managers into account managers and production managers, told through HTTP alone."""

import httpx
import time_machine

from tests.conftest import ClientFactory
from tests.features.calls import Json, add
from tests.stories.agency import ACCOUNT, PRODUCTION, Agency

REASON = "Your work has grown: two people share it from now on, each doing what they do best."
BENEFIT = "You have one person for your goals, who is not busy with running the production."
MARCH = {"from": "2026-03-01", "until": "2026-04-01"}


async def found(agency: Agency) -> None:
    """Two managers, each with 6 active projects and 12 on the back burner, hold both seats of all of them."""
    await agency.hire("Maria", ACCOUNT, preferred_duty="client")
    await agency.hire("Jon", PRODUCTION, preferred_duty="project")
    for number in range(1, 7):
        code = f"C{number}"
        agency.clients[code] = await add(agency.http, "clients", code=code, name=f"Client {number}")
        contact = {"client_id": agency.clients[code]["id"], "name": f"Sponsor {number}", "role": "sponsor"}
        await add(agency.http, "contacts", **contact, is_primary=True)
        for name in ("Maria", "Jon"):
            for kind, status in (("LIVE", "active"), ("IDLE1", "back_burner"), ("IDLE2", "back_burner")):
                project = f"{code}-{name[0]}-{kind}"
                dated = {"status": status, "status_on": "2026-01-01", "management": "combined"}
                await agency.project(project, code, **dated)
                for role in (ACCOUNT, PRODUCTION):
                    await add(agency.http, "assignments", **agency.seat(project, role, name))
    billing = {"client_id": agency.clients["C1"]["id"], "name": "Bill", "role": "billing"}
    await add(agency.http, "contacts", **billing)


async def show_who_is_torn(agency: Agency) -> None:
    """Maria's hours are tagged by duty rules; Jon logs none, and says in his profile what he spends them on."""
    for issue_type, responsibility in (("Call", "client_relationship"), ("Task", "task_assignment")):
        rule = {"source": "jira", "issue_type": issue_type, "responsibility": responsibility}
        await add(agency.http, "duty-rules", **rule)
    for issue_type, hours in (("Call", "10"), ("Task", "8")):
        entry = {"project_id": agency.projects["C1-M-LIVE"]["id"], "person_id": agency.id("Maria"), "hours": hours}
        await add(agency.http, "time-entries", **entry, worked_on="2026-03-02", source="jira", issue_type=issue_type)
    for responsibility, hours in (("client_relationship", "20"), ("task_assignment", "10")):
        said = {"person_id": agency.id("Jon"), "responsibility": responsibility, "weekly_hours": hours}
        await add(agency.http, "duty-profiles", **said)
    strain = await agency.get("kpis/role_strain/values", group_by="person", grain="month", **MARCH)
    rows = {row["person_name"]: (row["value"], row["basis"]) for row in strain["rows"]}
    assert rows == {"Maria": ("4.8000", "logged"), "Jon": ("3.0000", "declared")}
    duties = await agency.get("people/maria@agency.example/duties", **MARCH)
    assert (duties["client_share"], duties["role_strain"]) == ("55.5556", "4.8000")


async def refuse_a_seventh(agency: Agency, manager: httpx.AsyncClient) -> None:
    """One more active project is refused, naming the load, the cap and the days; so is an idle one that wakes up."""
    load = await agency.get("people/maria@agency.example/load", on="2026-03-02")
    assert (load["active"]["load"], load["active"]["cap"], load["back_burner"]["load"]) == ("6", "6", "12")
    await agency.project("NEW", "C1", status="active", status_on="2026-03-02", management="combined")
    seat = agency.seat("NEW", ACCOUNT, "Maria", valid_from="2026-03-02")
    refused = await agency.post("assignments", seat, 409)
    assert refused["code"] == "over-capacity"
    assert all(part in refused["detail"] for part in ("Maria", "6.5", "6", "2026-03-02")), refused["detail"]
    woken = await agency.post("projects/C1-M-IDLE1/transitions", {"to": "active", "on": "2026-03-09"}, 409)
    assert woken["code"] == "over-capacity"
    assert all(part in woken["detail"] for part in ("7", "6", "2026-03-09")), woken["detail"]
    answer = await manager.post("/v1/assignments", json={**seat, "override_reason": "She says she can."})
    assert answer.status_code == 403
    await agency.post("projects/NEW/transitions", {"to": "on_hold", "on": "2026-03-02"})


async def take_inventory(agency: Agency) -> None:
    """Relationships, communication intensity, technical complexity: each project answers who leads it, and why."""
    for client, name, strength in (("C1", "Maria", 5), ("C2", "Jon", 4), ("C3", "Maria", 3)):
        known = {"client_id": agency.clients[client]["id"], "person_id": agency.id(name), "strength": strength}
        await add(agency.http, "relationships", **known, since_on="2021-03-01")
    await agency.patch("projects/C1-M-LIVE", communication_intensity=5, technical_complexity=2)
    await agency.patch("projects/C2-J-LIVE", communication_intensity=2, technical_complexity=5)
    talkative, technical = [await agency.get(f"projects/{code}/lead-role") for code in ("C1-M-LIVE", "C2-J-LIVE")]
    assert (talkative["role"], technical["role"]) == (ACCOUNT, PRODUCTION)
    assert talkative["reason"]
    said = {"role": ACCOUNT, "reason": "A new sponsor wants to hear from us weekly."}
    overridden = await agency.post("projects/C2-J-LIVE/lead-role", said)
    assert (overridden["role"], overridden["overridden"], overridden["derived_role"]) == (ACCOUNT, True, PRODUCTION)


async def plan(agency: Agency) -> Json:
    """A plan says who sits where; with too small caps it says which bind. One move is replaced by hand."""
    await agency.hire("Ada", ACCOUNT, hired_on="2026-03-01")
    lock = {"client_id": agency.clients["C1"]["id"], "person_id": agency.id("Maria"), "role": ACCOUNT}
    asked = {"name": "The split", "locks": {"relationships": [lock]}}
    small = {agency.id("Maria"): {"active_cap": "3"}, agency.id("Ada"): {"active_cap": "1"}}
    nothing = await agency.post("split-plans", {**asked, "caps": small}, 201)
    assert (nothing["status"], nothing["moves"]) == ("infeasible", [])
    assert {binding["kind"] for binding in nothing["binding"]} >= {"cap"}
    assert all(binding["sentence"] for binding in nothing["binding"])
    made = await agency.post("split-plans", asked, 201)
    assert made["status"] == "optimal"
    assert all(move["reason"] for move in made["moves"])
    assert {move["to_person_id"] for move in made["moves"] if move["role"] == PRODUCTION} == {agency.id("Jon")}
    of_c1 = {project["id"] for code, project in agency.projects.items() if code.startswith("C1-")}
    locked = [move for move in made["moves"] if move["role"] == ACCOUNT and move["project_id"] in of_c1]
    assert {move["to_person_id"] for move in locked} == {agency.id("Maria")}
    moved = next(
        move for move in made["moves"] if move["to_person_id"] == agency.id("Maria") and move["project_id"] not in of_c1
    )
    replaced = {"project_id": moved["project_id"], "role": ACCOUNT, "to_person_id": agency.id("Ada")}
    edited = await agency.post(f"split-plans/{made['id']}/replace-move", replaced)
    assert [move["project_id"] for move in edited["moves"] if move["by_hand"]] == [moved["project_id"]]
    assert float(edited["objective"]["total"]) >= float(made["objective"]["total"])
    assert await agency.holders("C1-M-LIVE", "2026-03-16") == ("Maria", "Maria")  # a plan moves nobody
    return edited


async def tell(agency: Agency, handover: Json, concern: bool = False, waived: str | None = None) -> None:
    """Each client hears why, how it benefits them, what happens next, whom to ask, and when they meet."""
    scheduled = await agency.post(f"handovers/{handover['id']}/schedule")
    assert scheduled["state"] == "scheduled"
    notices = await agency.items("handover-notices", handover_id=handover["id"])
    assert len(notices) == 2  # the sponsors of two clients, and nobody who only pays
    if waived is not None:
        await agency.post(f"handover-notices/{notices.pop()['id']}/waive", {"reason": waived})
    for index, notice in enumerate(notices):
        assert all(part in notice["body"] for part in (REASON, BENEFIT, "Whom to ask", "When we meet"))
        link = (await agency.post(f"handover-notices/{notice['id']}/notify"))["link"]
        async with httpx.AsyncClient(transport=agency.http._transport, base_url="http://tandem.test") as reader:
            path = httpx.URL(link).path
            read = await reader.get(path)
            assert (read.status_code, read.json()["answer"]) == (200, None)
            page = await reader.get(path, headers={"Accept": "text/html"})
            assert page.headers["content-type"].startswith("text/html")
            said = {"answer": "concern", "text": "Who knows our shop as she does?"}
            answer = await reader.post(path, json=said if concern and index == 0 else {"answer": "acknowledged"})
            assert answer.status_code == 200, answer.text


async def missing(agency: Agency, handover: Json) -> set[str]:
    refused = await agency.post(f"handovers/{handover['id']}/complete", status=409)
    assert refused["code"] == "handover-incomplete"
    return {item["what"] for item in refused["missing"]}


async def tick(agency: Agency, handover: Json) -> None:
    for task in await agency.items("handover-tasks", handover_id=handover["id"]):
        await agency.patch(f"handover-tasks/{task['id']}", done=True)


async def hand_over(agency: Agency, split: Json) -> None:
    """Wave after wave, a client's seats change hands together, once everybody knows."""
    words = {"reason": REASON, "benefit": BENEFIT, "notice_days": 10, "overlap_days": 5}
    waves = await agency.post(
        f"split-plans/{split['id']}/handovers", {**words, "waves": 3, "first_effective_on": "2026-04-01"}, 201
    )
    first, second, third = waves["items"]
    assert [wave["effective_on"] for wave in waves["items"]] == ["2026-04-01", "2026-04-15", "2026-04-29"]
    moves = {wave["id"]: await agency.items("handover-moves", handover_id=wave["id"]) for wave in waves["items"]}
    assert sum(len(of_wave) for of_wave in moves.values()) == len(split["moves"])
    codes = {project["id"]: code for code, project in agency.projects.items()}

    agency.on("2026-03-16")
    await tell(agency, first, concern=True)
    assert await missing(agency, first) == {"effective_on", "notice", "task", "concern"}

    agency.on("2026-03-28")
    assert (await agency.get(f"handovers/{first['id']}"))["state"] == "overlapping"
    move = moves[first["id"]][0]
    beside = (await agency.sits(codes[move["project_id"]], "2026-03-28"))[move["role"]]
    assert (beside["person_id"], beside["shadows"]) == (move["from_person_id"], [move["to_person_id"]])

    agency.on("2026-04-01")
    await tick(agency, first)
    assert await missing(agency, first) == {"concern"}
    (worried,) = await agency.items("handover-notices", handover_id=first["id"], answer="concern")
    await agency.post(f"handover-notices/{worried['id']}/resolve", {"resolution": "She stays for the launch."})
    assert (await agency.post(f"handovers/{first['id']}/complete"))["state"] == "completed"
    for done in moves[first["id"]]:
        seat = (await agency.sits(codes[done["project_id"]], "2026-04-01"))[done["role"]]
        assert (seat["person_id"], seat["shadows"]) == (done["to_person_id"], [])
        project = await agency.get(f"projects/{done['project_id']}")
        assert (project["management"], project["split_on"]) == ("split", "2026-04-01")
    progress = await agency.get("handovers/progress", split_plan_id=split["id"])
    assert 0 < float(progress["done_percent"]) < 50

    await tell(agency, second)
    agency.on("2026-04-16")
    assert (await agency.get(f"handovers/{second['id']}"))["state"] == "late"
    await tick(agency, second)
    await agency.post(f"handovers/{second['id']}/complete")
    progress = await agency.get("handovers/progress", split_plan_id=split["id"])
    assert float(progress["done_percent"]) > 50
    assert progress["seats"] == progress["done"] + progress["open"] == len(split["moves"])

    await tell(agency, third, waived="The managing director has told them in person.")
    agency.on("2026-04-29")
    await tick(agency, third)
    await agency.post(f"handovers/{third['id']}/complete")
    assert (await agency.get("handovers/progress", split_plan_id=split["id"]))["done_percent"] == "100"


async def cover_a_holiday(agency: Agency) -> None:
    """Jon goes on holiday, and is covered without a hand-over."""
    agency.on("2026-06-15")
    await agency.hire("Lea", PRODUCTION, hired_on="2026-06-01")
    away = {"person_id": agency.id("Jon"), "from_on": "2026-07-06", "until_on": "2026-07-17"}
    await add(agency.http, "time-off", **away)
    days = {"kind": "cover", "valid_from": "2026-07-06", "valid_to": "2026-07-18"}
    await add(agency.http, "assignments", **agency.seat("C1-M-LIVE", PRODUCTION, "Lea", **days))
    seat = (await agency.sits("C1-M-LIVE", "2026-07-10"))[PRODUCTION]
    assert (seat["person_id"], seat["covers"]) == (agency.id("Jon"), [agency.id("Lea")])
    assert (await agency.sits("C1-M-LIVE", "2026-07-18"))[PRODUCTION]["covers"] == []


async def let_somebody_go(agency: Agency) -> None:
    """Ada leaves: that she holds seats is refused, and offboarding lists and drafts everything."""
    agency.on("2026-08-03")
    await agency.hire("Tom", ACCOUNT, hired_on="2026-08-01")
    refused = await agency.patch("people/ada@agency.example", 409, left_on="2026-09-30")
    assert "offboarding" in refused["detail"]
    left = await agency.post("people/ada@agency.example/offboarding", {"left_on": "2026-09-30"})
    held = await agency.items("assignments", person_id=agency.id("Ada"), kind="holder", state="active")
    assert {seat["assignment_id"] for seat in left["seats"]} == {seat["id"] for seat in held} != set()
    assert all(seat["successor_id"] and seat["handover_id"] for seat in left["seats"])
    for drafted in left["handovers"]:
        assert (drafted["effective_on"], (await agency.get(f"handovers/{drafted['id']}"))["state"]) == (
            "2026-10-01",
            "draft",
        )


async def fill_one_seat(agency: Agency) -> None:
    """A new project needs a seat: who should take it, with the reason; and it becomes active."""
    agency.on("2026-08-10")
    for role in (ACCOUNT, PRODUCTION):
        params = {"role": role, "from": "2026-08-10"}
        candidates = await agency.items("projects/NEW/seat-candidates", **params)
        best = candidates[0]
        assert best["fits"]
        assert best["reason"]
        assert (best["load_before"], best["cap"]) != ("", "")
        seat = {"project_id": agency.projects["NEW"]["id"], "role": role, "person_id": best["person_id"]}
        await add(agency.http, "assignments", **seat, valid_from="2026-08-10")
    await agency.post("projects/NEW/transitions", {"to": "active", "on": "2026-08-10"})
    capacity = await agency.get("capacity", **{"from": "2026-08-10", "until": "2026-08-17"})
    assert capacity["overloads"] == []
    woken: Json = {"to": "active", "on": "2026-08-17"}
    assert (await agency.post("projects/C1-M-IDLE1/transitions", woken, 409))["code"] == "over-capacity"
    await agency.post("projects/C1-M-IDLE1/transitions", {**woken, "override_reason": "Only until the fair."})


async def look_back(agency: Agency) -> None:
    """Six months later the history of every seat, the audit and the decision log tell who sat where, and why."""
    agency.on("2026-10-01")
    for code in (code for code in agency.projects if code.startswith("C")):
        before = "Maria" if "-M-" in code else "Jon"
        assert await agency.holders(code, "2026-03-20") == (before, before)
        account, production = await agency.holders(code, "2026-05-01")
        assert (account in ("Maria", "Ada"), production) == (True, "Jon")
    kinds = {decision["kind"] for decision in await agency.items("decisions")}
    assert {"lead_role", "waiver", "override"} <= kinds
    (seat,) = await agency.items("assignments", project_id=agency.projects["C1-M-LIVE"]["id"], kind="cover")
    (written,) = [
        entry for entry in await agency.items("audit", subject_id=seat["id"]) if entry["subject_type"] == "assignment"
    ]
    assert (written["action"], written["at"][:10]) == ("created", "2026-06-15")
    strain = await agency.get("kpis/role_strain/values", group_by="person", grain="month", **MARCH)
    assert {row["value"] for row in strain["rows"]} == {"4.8000", "3.0000"}


async def test_an_agency_splits_the_role_of_its_managers(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    manager = await client_as("manager")
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as lasts:
        agency = Agency(client, lasts)
        await found(agency)
        await show_who_is_torn(agency)
        await refuse_a_seventh(agency, manager)
        await take_inventory(agency)
        split = await plan(agency)
        await hand_over(agency, split)
        await cover_a_holiday(agency)
        await let_somebody_go(agency)
        await fill_one_seat(agency)
        await look_back(agency)
