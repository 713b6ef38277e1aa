"""The agency: twelve people, what they can do, what an hour of theirs costs, and when they are away."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from app.core.calendar import FIRST_DAY
from app.demo.rows import Values, World, monday
from app.messaging.records import search_text
from app.models.person import Person, PersonRate, PersonSkill, TimeOff, TimeOffKind
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER, Responsibility, Role

MARIA = UUID("01890000-0000-7000-8000-000000000002")
JON = UUID("01890000-0000-7000-8000-000000000004")
HANNA = UUID("01890000-0000-7000-8000-0000000000fd")  # the head of the PMO

ROLES = (
    ("designer", "Designer", "Designs what the client's users see and touch."),
    ("developer", "Developer", "Builds it, and keeps it running."),
    ("illustrator", "Illustrator", "Draws what no stock photo shows."),
)
CRAFT = (
    ("designer", "design_work", "Design pages, screens and their parts"),
    ("developer", "development_work", "Build and change the software"),
)


class Employee(NamedTuple):
    """A person of the agency before they are a row. `hired` is in days ago."""

    email: str
    name: str
    title: str
    team: str
    role: str | None
    duty: str | None
    hired: int
    cost: int
    hours: int = 40
    skills: tuple[tuple[str, int], ...] = ()
    id: UUID | None = None


EMPLOYEES = (
    Employee(
        "maria.lopez@agency.example",
        "María López",
        "Account manager",
        "Client service",
        ACCOUNT_MANAGER,
        "client",
        2900,
        58,
        skills=(("negotiation", 5), ("workshops", 4)),
        id=MARIA,
    ),
    Employee(
        "jon.berg@agency.example",
        "Jon Berg",
        "Production manager",
        "Production",
        PRODUCTION_MANAGER,
        "project",
        2400,
        56,
        skills=(("planning", 5), ("testing", 4)),
        id=JON,
    ),
    Employee(
        "priya.nair@agency.example",
        "Priya Nair",
        "Account manager",
        "Client service",
        ACCOUNT_MANAGER,
        "client",
        1500,
        54,
        skills=(("workshops", 5), ("analytics", 3)),
    ),
    Employee(
        "tomasz.zielinski@agency.example",
        "Tomasz Zieliński",
        "Production manager",
        "Production",
        PRODUCTION_MANAGER,
        "project",
        1100,
        52,
        skills=(("planning", 4), ("accessibility", 3)),
    ),
    Employee(
        "hanna.vogel@agency.example",
        "Hanna Vogel",
        "Head of the PMO",
        "Management",
        None,
        None,
        3300,
        72,
        32,
        skills=(("planning", 5), ("negotiation", 4)),
        id=HANNA,
    ),
    Employee(
        "chloe.martin@agency.example",
        "Chloé Martin",
        "Senior designer",
        "Design",
        "designer",
        "craft",
        2000,
        50,
        skills=(("interface design", 5), ("accessibility", 4)),
    ),
    Employee(
        "kenji.sato@agency.example",
        "Kenji Sato",
        "Designer",
        "Design",
        "designer",
        "craft",
        900,
        44,
        skills=(("interface design", 4), ("illustration", 3)),
    ),
    Employee(
        "amara.okafor@agency.example",
        "Amara Okafor",
        "Designer",
        "Design",
        "designer",
        "craft",
        410,
        41,
        32,
        skills=(("branding", 4), ("illustration", 4)),
    ),
    Employee(
        "lukas.brandt@agency.example",
        "Lukas Brandt",
        "Lead developer",
        "Development",
        "developer",
        "craft",
        2700,
        60,
        skills=(("TypeScript", 5), ("Python", 4)),
    ),
    Employee(
        "sofia.rossi@agency.example",
        "Sofia Rossi",
        "Developer",
        "Development",
        "developer",
        "craft",
        1300,
        52,
        skills=(("PHP", 5), ("accessibility", 4)),
    ),
    Employee(
        "david.cohen@agency.example",
        "David Cohen",
        "Developer",
        "Development",
        "developer",
        "craft",
        1000,
        51,
        skills=(("TypeScript", 4), ("SQL", 4)),
    ),
    Employee(
        "emily.clarke@agency.example",
        "Emily Clarke",
        "Developer",
        "Development",
        "developer",
        "craft",
        330,
        47,
        skills=(("TypeScript", 3), ("testing", 4)),
    ),
)


def make_people(world: World) -> list[Values]:
    """The roles that the agency adds, and its people. Returns the people, in the order above."""
    for key, name, purpose in ROLES:
        world.add(Role, world.begins, key=key, name=name, purpose=purpose)
    for role, key, name in CRAFT:
        world.add(Responsibility, world.begins, role=role, key=key, name=name, duty="craft")
    people = [_person(world, one) for one in EMPLOYEES]
    for person, one in zip(people, EMPLOYEES, strict=True):
        _rates(world, person, one)
        for skill, level in one.skills:
            world.add(PersonSkill, world.begins, person_id=person["id"], skill=skill, level=level)
        _time_off(world, person)
    return people


def _person(world: World, one: Employee) -> Values:
    hired_on = monday(world.ago(one.hired))
    given = {"id": one.id} if one.id else {}
    return world.add(
        Person,
        max(hired_on, world.begins),
        **given,
        email=one.email,
        display_name=one.name,
        job_title=one.title,
        team=one.team,
        home_role=one.role,
        preferred_duty=one.duty,
        weekly_hours=Decimal(one.hours),
        hired_on=hired_on,
        search_text=search_text(one.email, one.name),
    )


def _rates(world: World, person: Values, one: Employee) -> None:
    """The rate at the beginning, and a rise each January since."""
    first = max(person["hired_on"], world.begins - timedelta(60))
    januaries = [date(year, 1, 1) for year in range(first.year + 1, world.today.year + 1)]
    cost = Decimal(one.cost) / Decimal("1.03") ** len(januaries)
    for day in (person["hired_on"], *januaries):
        world.add(
            PersonRate,
            max(day, world.begins),
            person_id=person["id"],
            cost_rate=cost.quantize(Decimal("0.50")),
            currency="EUR",
            valid_from=day,
        )
        cost *= Decimal("1.03")


def _time_off(world: World, person: Values) -> None:
    """About six weeks a year: holidays in summer, in winter and between, sick days and a course; some planned ahead."""
    begin = max(world.begins, person["hired_on"] + timedelta(90))
    for year in range(begin.year, world.today.year + 2):
        summer = monday(date(year, 7, 1) + timedelta(world.rng.randint(0, 50)))
        _away(world, person, begin, summer, 11, TimeOffKind.VACATION)
        _away(world, person, begin, date(year, 12, 23), 10, TimeOffKind.VACATION)
        _away(world, person, begin, monday(date(year, world.rng.randint(3, 5), 10)), 4, TimeOffKind.VACATION)
        _away(world, person, begin, monday(date(year, world.rng.randint(9, 11), 5)), 1, TimeOffKind.TRAINING)
        for _ in range(world.rng.randint(1, 4)):
            day = world.day_between(date(year, 1, 2), date(year, 12, 10))
            if day < world.today:
                _away(world, person, begin, monday(day), world.rng.randint(0, 3), TimeOffKind.SICK)


def _away(world: World, person: Values, begin: date, day: date, more_days: int, kind: TimeOffKind) -> None:
    until = day + timedelta(more_days)
    taken = (row for row in world.of(TimeOff) if row["person_id"] == person["id"])
    overlaps = any(row["from_on"] <= until and day <= row["until_on"] for row in taken)
    if begin <= day <= min(world.today + timedelta(180), date.max) and not overlaps:
        made_on = max(day - timedelta(0 if kind == TimeOffKind.SICK else 40), begin, FIRST_DAY)
        world.add(TimeOff, made_on, person_id=person["id"], from_on=day, until_on=until, kind=kind)
