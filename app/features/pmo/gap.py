"""What projects need people to be able to do against what people have: a few statements for the whole window."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.calendar import Grain, periods_between
from app.core.caller import Caller
from app.core.hours import SECONDS, to_seconds
from app.features.capacity import service as capacity
from app.features.capacity.service import Days
from app.features.pmo import queries, rules
from app.features.pmo.rules import WORKING_DAYS_A_WEEK, Need, Skill
from app.measures.figures import rounded
from app.messaging.records import Row
from app.models.project import ProjectStatus

# Hours are shared as whole numbers: in fifths of a second, since a day bears a fifth of a week.
AN_HOUR = SECONDS * WORKING_DAYS_A_WEEK


def get_skills_gap(conn: sa.Connection, caller: Caller, start: date | None, until: date | None) -> dict[str, Any]:
    """The gap of each week and skill, and of each skill with a gap who could be trained by whom."""
    days = capacity.window(start, until)
    binds = {"start": days.start, "stop": days.stop}
    rows = conn.execute(queries.NEEDS_IN, binds).all()
    needed = rules.needed_by_week([need for need, chance in _needs(rows, days) if chance is None])
    likely = _likely([(need, chance) for need, chance in _needs(rows, days) if chance is not None])
    names = sorted({row.skill for row in rows})
    staff = _staff(capacity.get_capacity(conn, caller, days.start, days.stop, None, None)["people"])
    for row in conn.execute(queries.SKILLS_OF, {"skills": names}):
        if row.person_id in staff:
            staff[row.person_id].levels[row.skill] = row.level
    weeks = []
    totals: dict[Skill, _Total] = defaultdict(_Total)
    for period in periods_between(days.start, days.stop, Grain.WEEK):
        shown = _week(needed.get(period.start, {}), likely.get(period.start, {}), staff, period.label, totals)
        gap = sum((skill["gap_hours"] for skill in shown), Decimal(0))
        starts_on = max(period.start, days.start)
        weeks.append({"week": period.label, "starts_on": starts_on, "gap_hours": gap, "skills": shown})
    under_way = conn.execute(queries.UNDER_WAY, {"skills": names, "stop": days.stop}).all()
    short = sorted((skill for skill, total in totals.items() if total.gap), key=lambda s: (-totals[s].gap, s))
    return {
        "valid_from": days.start,
        "valid_to": days.stop,
        "gaps": [_gap(skill, totals[skill], staff, under_way) for skill in short],
        "weeks": weeks,
    }


@dataclass
class _Person:
    """Somebody's free hours by week, and levels by skill."""

    id: UUID
    free: Mapping[str, int]
    levels: dict[str, int] = field(default_factory=dict)

    def can(self, skill: Skill) -> bool:
        return self.levels.get(skill[0], 0) >= skill[1]

    @property
    def all_free(self) -> int:
        return sum(self.free.values())


@dataclass
class _Total:
    needed: int = 0
    likely: Fraction = Fraction(0)
    gap: int = 0


def _needs(rows: Sequence[Row], window: Days) -> list[tuple[Need, Fraction | None]]:
    """The needs of each status of a project; with the chance that they come where that is not certain."""
    found = []
    for row in rows:
        stop = min(row.until_on + timedelta(1), row.valid_to or date.max, window.stop)
        start = max(row.from_on, row.valid_from, window.start)
        if start < stop:
            chance = Fraction(row.win_probability or 0) if row.status == ProjectStatus.PIPELINE else None
            found.append((Need((row.skill, row.level), to_seconds(row.weekly_hours), start, stop), chance))
    return found


def _likely(needs: Sequence[tuple[Need, Fraction]]) -> dict[date, dict[Skill, Fraction]]:
    found: dict[date, dict[Skill, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for need, chance in needs:
        for monday, skills in rules.needed_by_week([need]).items():
            for skill, amount in skills.items():
                found[monday][skill] += amount * chance
    return found


def _staff(people: Sequence[Mapping[str, Any]]) -> dict[UUID, _Person]:
    return {
        person["person_id"]: _Person(
            person["person_id"], {week["week"]: int(week["free_hours"] * AN_HOUR) for week in person["weeks"]}
        )
        for person in people
    }


def _week(
    needed: Mapping[Skill, int],
    likely: Mapping[Skill, Fraction],
    staff: Mapping[UUID, _Person],
    week: str,
    totals: dict[Skill, _Total],
) -> list[dict[str, Any]]:
    """The skills that are needed in a week, and what is covered of them."""
    skills = sorted(needed.keys() | likely.keys())
    pools: dict[frozenset[Skill], int] = defaultdict(int)  # whoever can do the same gives as one
    can: dict[Skill, list[_Person]] = {skill: [] for skill in skills}
    for person in staff.values():
        able = frozenset(skill for skill in skills if person.can(skill))
        if able and person.free[week] > 0:
            pools[able] += person.free[week]
            for skill in able:
                can[skill].append(person)
    given = rules.share({skill: needed.get(skill, 0) for skill in skills}, list(pools), list(pools.values()))
    shown = []
    for skill in skills:
        wanted, chance = needed.get(skill, 0), likely.get(skill, Fraction(0))
        covered = sum(hours.get(skill, 0) for hours in given)
        total = totals[skill]
        total.needed, total.likely, total.gap = (
            total.needed + wanted,
            total.likely + chance,
            total.gap + wanted - covered,
        )
        shown.append(
            {
                "skill": skill[0],
                "level": skill[1],
                "needed_hours": _hours(wanted),
                "likely_hours": _hours(chance),
                "people": len(can[skill]),
                "free_hours": _hours(sum(person.free[week] for person in can[skill])),
                "covered_hours": _hours(covered),
                "gap_hours": _hours(wanted - covered),
            }
        )
    return shown


def _gap(skill: Skill, total: _Total, staff: Mapping[UUID, _Person], under_way: Sequence[Row]) -> dict[str, Any]:
    name, level = skill
    have = [person for person in staff.values() if name in person.levels]
    have.sort(key=lambda person: (-person.levels[name], -person.all_free, person.id))
    return {
        "skill": name,
        "level": level,
        "needed_hours": _hours(total.needed),
        "likely_hours": _hours(total.likely),
        "gap_hours": _hours(total.gap),
        "trainable": [_skilled(person, name) for person in have if not person.can(skill) and person.all_free],
        "mentors": [_skilled(person, name) for person in have if person.can(skill)],
        "in_training": [
            row for row in under_way if row.skill == name and row.target_level >= level and row.person_id in staff
        ],
    }


def _skilled(person: _Person, skill: str) -> dict[str, Any]:
    return {"person_id": person.id, "level": person.levels[skill], "free_hours": _hours(person.all_free)}


def _hours(amount: int | Fraction) -> Decimal:
    return rounded(Fraction(amount) / AN_HOUR, 2)
