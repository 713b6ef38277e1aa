"""Before promising: what is known about the week in which it would be due. The same statements whatever there is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.calendar import Grain, period_of
from app.core.caller import Caller
from app.core.errors import invalid
from app.core.hours import from_seconds
from app.core.money import round_half_up
from app.features.capacity import service as capacity
from app.features.capacity.schemas import Portfolio
from app.features.capacity.service import Burdens, Days, PersonWeeks
from app.features.commitments import rules, week_queries
from app.features.commitments.rules import Outlook, Tally
from app.features.commitments.schemas import CommitmentCheck, LoadBand, Verdict
from app.features.commitments.service import REFERENCES, people
from app.measures.intervals import wilson_lower
from app.messaging import records
from app.messaging.records import Row

LOOKING_AHEAD = timedelta(weeks=6)
LOOKING_BACK = timedelta(weeks=8)
WORKING_DAYS_A_WEEK = 5
PLACES = 4


class Past:
    """Promises that were due: of the person, and of everybody, by how full the week of each was for its giver."""

    def __init__(self, rows: Sequence[Row], burdens: Burdens, person_id: UUID) -> None:
        self.own: defaultdict[LoadBand, Tally] = defaultdict(Tally)
        self.everybody: defaultdict[LoadBand, Tally] = defaultdict(Tally)
        self.overall = Tally()
        loads = {
            id: {portfolio: capacity.steps(weights) for portfolio, weights in burden.weights.items()}
            for id, burden in burdens.items()
        }
        for row in rows:
            start = period_of(row.due_on, Grain.WEEK).start
            week = Days(start, start + timedelta(7))
            shares = (
                rules.share_of(capacity.most(loads[row.promised_by_id][portfolio], week), cap)
                for portfolio, cap in burdens[row.promised_by_id].caps.items()
            )
            band = rules.band_of(rules.highest(shares))
            tallies = [self.everybody[band]]
            if row.promised_by_id == person_id:
                tallies += [self.own[band], self.overall]
            for tally in tallies:
                tally.add(row.n, int(row.kept))

    def bound(self, band: LoadBand) -> Decimal | None:
        """What can be counted on at such a load."""
        tally = rules.telling(self.own[band], self.everybody[band])
        return None if tally is None else wilson_lower(tally.kept, tally.n)


def check_commitment(conn: sa.Connection, caller: Caller, data: CommitmentCheck) -> dict[str, Any]:
    """The load, interruptions and promises of that week, how many promises were kept at such a load, and advice."""
    person, project_due_on = _asked(conn, caller, data)
    today = clock.today()
    week = period_of(data.due_on, Grain.WEEK)
    start = max(week.start, today)
    window = Days(start, period_of(data.due_on + LOOKING_AHEAD, Grain.WEEK).end)
    of_person = {"person_id": person.id, "start": start, "stop": window.stop}
    past = conn.execute(week_queries.PAST, {"today": today}).all()
    burdens = capacity.burdens(conn, {person.id, *(row.promised_by_id for row in past)})
    kept = Past(past, burdens, person.id)
    weeks = capacity.person_weeks(conn, person, burdens[person.id], window)
    promises = conn.execute(week_queries.OPEN, of_person).all()
    handovers = [_handover(row, person.id) for row in conn.execute(week_queries.HANDOVERS, of_person)]
    seen = _Ahead(person, weeks, kept, promises, handovers, project_due_on)
    until = {**of_person, "stop": week.end}
    return {
        "promised_by_id": person.id,
        "due_on": data.due_on,
        "project_id": data.project_id,
        "week": week.label,
        "from_on": start,
        "until_on": week.end - timedelta(1),
        "load": _load(weeks.weeks[0]),
        "interruptions": {
            "holidays": [row for row in weeks.days if row.day < week.end and _is_holiday(row)],
            "time_off": [row for row in weeks.away if row.from_on < week.end],
            "handovers": [move for move in handovers if _touches(move, start, week.end)],
            "milestones": conn.execute(week_queries.MILESTONES, until).all(),
            "rescue_actions": conn.execute(week_queries.ACTIONS, until).all(),
            "change_decisions": conn.execute(week_queries.CHANGES, until).all(),
            "firefighting_hours": _firefighting(conn, person.id, today),
        },
        "due_then": _due_then([row for row in promises if row.due_on < week.end], start, today),
        "kept_rate": _kept_rate(kept, rules.band_of(_share(weeks.weeks[0]))),
        "advice": seen.advice(data.due_on),
    }


class _Ahead:
    """What is known of each day from the week of the promise on."""

    def __init__(
        self,
        person: Row,
        weeks: PersonWeeks,
        kept: Past,
        promises: Sequence[Row],
        handovers: Sequence[Mapping[str, Any]],
        project_due_on: date | None,
    ) -> None:
        self._person = person
        self._away = weeks.away
        self._weeks = {week["week"]: week for week in weeks.weeks}
        self._working = {row.day for row in weeks.days if row.is_working}
        self._kept = kept
        self._promises = promises
        self._handovers = handovers
        self._project_due_on = project_due_on

    def advice(self, due_on: date) -> dict[str, Any]:
        """Whether to promise it for that day, and where not, when else."""
        found = rules.reasons(self.on(due_on))
        verdict = rules.verdict_of(found)
        better_on = None if verdict is Verdict.SAFE else self._better(due_on)
        return {"verdict": verdict, "reasons": [asdict(reason) for reason in found], "better_on": better_on}

    def on(self, day: date) -> Outlook:
        """What a promise for this day would meet."""
        period = period_of(day, Grain.WEEK)
        week = self._weeks[period.label]
        share = _share(week)
        return Outlook(
            free_hours=week["free_hours"],
            share=share,
            due=sum(max(period.start, week["starts_on"]) <= row.due_on < period.end for row in self._promises),
            bound=self._kept.bound(rules.band_of(share)),
            handovers=sum(_touches(move, week["starts_on"], period.end) for move in self._handovers),
            away=self._is_away(day),
            office_closed=day not in self._working,
            after_project=self._project_due_on is not None and day > self._project_due_on,
        )

    def _better(self, due_on: date) -> date | None:
        days = (due_on + timedelta(number) for number in range(1, LOOKING_AHEAD.days + 1))
        return next((day for day in days if day in self._working and not rules.reasons(self.on(day))), None)

    def _is_away(self, day: date) -> bool:
        daily = self._person.weekly_hours / WORKING_DAYS_A_WEEK
        with_us = (self._person.hired_on or date.min) <= day <= (self._person.left_on or date.max)
        return not with_us or any(
            off.from_on <= day <= off.until_on and (off.hours_per_day is None or off.hours_per_day >= daily)
            for off in self._away
        )


def _asked(conn: sa.Connection, caller: Caller, data: CommitmentCheck) -> tuple[Row, date | None]:
    """The person who would promise, and the day on which the project is due."""
    person_id, today = data.promised_by_id or caller.person_id, clock.today()
    if person_id is None:
        raise invalid("/promised_by_id", "is required: your key belongs to no person", "required")
    if data.due_on < today:
        raise invalid("/due_on", f"must not lie before today, {today}")
    records.check_references(conn, data.model_dump(include={"promised_by_id", "project_id"}), REFERENCES)
    due_on = conn.execute(week_queries.DUE_OF_PROJECT, {"which": data.project_id}).scalar_one_or_none()
    return records.get(conn, people, person_id), due_on


def _share(week: Mapping[str, Any]) -> Decimal | None:
    return rules.highest(rules.share_of(week[f"{portfolio}_load"], week[f"{portfolio}_cap"]) for portfolio in Portfolio)


def _load(week: Mapping[str, Any]) -> dict[str, Any]:
    portfolios = {
        str(portfolio): {
            "load": week[f"{portfolio}_load"],
            "cap": week[f"{portfolio}_cap"],
            "share": _shown(rules.share_of(week[f"{portfolio}_load"], week[f"{portfolio}_cap"])),
        }
        for portfolio in Portfolio
    }
    hours = {
        f"{name}_hours": week[f"{name}_hours"] for name in ("available", "booked", "tentative", "time_off", "free")
    }
    return {**portfolios, "share": _shown(_share(week)), **hours}


def _is_holiday(day: Row) -> bool:
    return not day.is_working and day.day.weekday() < WORKING_DAYS_A_WEEK


def _handover(row: Row, person_id: UUID) -> dict[str, Any]:
    return {
        "handover_id": row.handover_id,
        "project_id": row.project_id,
        "role": row.role,
        "gives": row.from_person_id == person_id,
        "from_on": row.effective_on - timedelta(row.overlap_days),
        "effective_on": row.effective_on,
    }


def _touches(move: Mapping[str, Any], start: date, stop: date) -> bool:
    return bool(move["from_on"] < stop and move["effective_on"] >= start)


def _due_then(promises: Sequence[Row], start: date, today: date) -> dict[str, Any]:
    items = [row for row in promises if row.due_on >= start]
    return {"count": len(items), "items": items, "overdue_now": sum(row.due_on < today for row in promises)}


def _firefighting(conn: sa.Connection, person_id: UUID, today: date) -> Decimal | None:
    """Mean hours a week; lines of several days count by their first."""
    binds = {"person_id": person_id, "start": today - LOOKING_BACK, "stop": today}
    found = conn.execute(week_queries.FIREFIGHTING, binds).one()
    weeks = LOOKING_BACK.days // 7
    return round_half_up(from_seconds(int(found.seconds)) / weeks, 2) if found.entries else None


def _kept_rate(past: Past, band: LoadBand) -> dict[str, Any]:
    own = past.own[band]
    everybody = _kept(past.everybody[band]) if own.n < rules.ENOUGH else None
    return {**_kept(own), "band": band, "everybody": everybody, "overall": _kept(past.overall)}


def _kept(tally: Tally) -> dict[str, Any]:
    return {
        "n": tally.n,
        "kept": tally.kept,
        "rate": _shown(rules.share_of(Decimal(tally.kept), Decimal(tally.n))) if tally.n else None,
        "wilson_lower": _shown(wilson_lower(tally.kept, tally.n)),
    }


def _shown(share: Decimal | None) -> Decimal | None:
    return None if share is None else round_half_up(share, PLACES)
