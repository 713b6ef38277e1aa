"""Time entries. Each function is one step of a transaction that the caller has opened.

On every write the person's cost rate of the first day is kept on the row.
"""

import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller, Right
from app.core.errors import AppError, Duplicate, FieldError, Invalid, NotFound
from app.core.ids import new_id
from app.db.listing import Listing, ListQuery, Page, columns_of, page
from app.db.record import table_of
from app.features.time_entries import events, rules
from app.features.time_entries.queries import (
    COUNT_UNTAGGED,
    DUTY_RULES,
    IN_CLOSED_PERIOD,
    OF_BOUND_VALUES,
    TO_TAG,
    entries,
)
from app.features.time_entries.schemas import TimeEntryBatch, TimeEntryCreate
from app.messaging import records
from app.messaging.audit import audit, audit_all
from app.messaging.outbox import emit, emit_all
from app.messaging.records import Row
from app.messaging.references import changes_elsewhere
from app.models.person import Person, PersonRate
from app.models.project import Project
from app.models.role import Responsibility

people = table_of(Person)
projects = table_of(Project)
rates = table_of(PersonRate)
responsibilities = table_of(Responsibility)

RESPONSIBILITY = {"responsibility": (responsibilities, "key")}
REFERENCES = {"project_id": (projects, "id"), "person_id": (people, "id"), **RESPONSIBILITY}
WHAT_PRICES = {"project_id", "person_id", "worked_on"}
WHAT_TAGS = frozenset(rules.TAGGED_BY)

_person_id = sa.bindparam("person_id", type_=sa.Uuid)
_day = sa.bindparam("worked_on", type_=sa.Date)
_rate = (
    sa.select(rates.c.cost_rate, rates.c.currency)
    .where(rates.c.person_id == _person_id, rates.c.valid_from <= _day, rates.c.superseded_at.is_(None))
    .order_by(rates.c.valid_from.desc())
    .limit(1)
    .subquery("rate")
)
# Every write of hours asks this: whether project and person exist, what the person costs on that day, and which
# responsibility the duty rules find.
KNOWN_AND_RATE = sa.select(
    sa.exists().where(projects.c.id == sa.bindparam("project_id", type_=sa.Uuid)).label("project_id"),
    sa.exists().where(people.c.id == _person_id).label("person_id"),
    _rate.c.cost_rate,
    _rate.c.currency,
    OF_BOUND_VALUES,
).select_from(sa.select(sa.literal(1).label("one")).subquery("one").outerjoin(_rate, sa.true()))

RATES_OF = (
    sa.select(rates.c.person_id, rates.c.valid_from, rates.c.cost_rate, rates.c.currency)
    .where(rates.c.person_id.in_(sa.bindparam("people", expanding=True)), rates.c.superseded_at.is_(None))
    .order_by(rates.c.person_id, rates.c.valid_from)
)
TAKEN = sa.select(entries.c.source, entries.c.external_id).where(
    entries.c.source.in_(sa.bindparam("sources", expanding=True)),
    entries.c.external_id.in_(sa.bindparam("external_ids", expanding=True)),
    entries.c.superseded_at.is_(None),
)
_until = sa.bindparam("until_on", type_=sa.Date)
TO_REPRICE = (
    sa.select(entries, IN_CLOSED_PERIOD)
    .where(
        entries.c.person_id == _person_id,
        entries.c.superseded_at.is_(None),
        entries.c.worked_on >= sa.bindparam("from_on", type_=sa.Date),
        sa.or_(_until.is_(None), entries.c.worked_on < _until),
    )
    .with_for_update()
)


def _people_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    return _embedded(conn, rows, "person_id", PEOPLE)


def _projects_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    return _embedded(conn, rows, "project_id", PROJECTS)


_ids = sa.bindparam("ids", type_=sa.Uuid, expanding=True)
PEOPLE = sa.select(people.c.id, people.c.email, people.c.display_name).where(people.c.id.in_(_ids))
PROJECTS = sa.select(projects.c.id, projects.c.code, projects.c.name).where(projects.c.id.in_(_ids))

TIME_ENTRIES = Listing(
    name="time_entries",
    columns=columns_of(entries),
    source=entries,
    where=(entries.c.superseded_at.is_(None),),
    filters=(
        "project_id",
        "person_id",
        "worked_on",
        "hours",
        "billable",
        "approval",
        "responsibility",
        "issue_type",
        "component",
        "activity",
        "is_rework",
        "change_request_id",
        "source",
        "external_id",
    ),
    sorts=("worked_on", "hours", "created_at", "updated_at"),
    default_sort=(("worked_on", True),),
    includes={"person": _people_of, "project": _projects_of},
)
# Who recorded an entry first keeps reading it, whoever has approved or corrected it since.
_first = entries.alias("first")
RECORDED = sa.exists().where(
    _first.c.version == 1, _first.c.recorded_by == sa.bindparam("writer", type_=_first.c.recorded_by.type)
)
WRITTEN = replace(TIME_ENTRIES, where=(*TIME_ENTRIES.where, RECORDED.where(_first.c.id == entries.c.id)))
HAS_WRITTEN = sa.select(RECORDED.where(_first.c.id == sa.bindparam("which", type_=sa.Uuid)))
BY_IDS = TIME_ENTRIES.select().where(entries.c.id.in_(_ids))


def list_time_entries(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    if caller.may(Right.READ):
        return page(conn, TIME_ENTRIES, query)
    return page(conn, WRITTEN, query, {"writer": caller.key_id})


def get_time_entry(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = records.get(conn, entries, id)
    if not caller.may(Right.READ) and not _has_written(conn, caller, id):
        raise NotFound(f"There is no time entry {str(id)!r} that you have written: look it up in the list.")
    return row


def create_time_entry(conn: sa.Connection, caller: Caller, data: TimeEntryCreate) -> Row:
    values = data.model_dump()
    rules.check_may_record(caller, data.person_id, data.approval)
    _refuse(faults(data))
    records.check_references(conn, values, RESPONSIBILITY)
    _refuse(changes_elsewhere(conn, [values]))
    row = records.record(conn, caller, entries, values | _found(conn, values))
    emit(conn, caller, events.time_entry_created(row.id, row.project_id, row.person_id))
    return row


def create_time_entries(conn: sa.Connection, caller: Caller, data: TimeEntryBatch) -> list[Row]:
    """All of them or none; `errors` point to `/entries/3/hours`. Answers them in the order given."""
    made = record_time_entries(conn, caller, data.entries)
    emit_all(conn, caller, [events.time_entry_created(e["id"], e["project_id"], e["person_id"]) for e in made])
    found = {row.id: row for row in conn.execute(BY_IDS, {"ids": [entry["id"] for entry in made]})}
    return [found[entry["id"]] for entry in made]


def update_time_entry(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_time_entry(conn, caller, id)
    rules.check_may_change(caller, before._asdict(), changes)
    after = {**before._mapping, **changes}
    _refuse(rules.faults(after["worked_on"], after["worked_until"], after["hours"]))
    records.check_references(conn, changes, RESPONSIBILITY)
    if changes.keys() & {"project_id", "change_request_id"}:
        _refuse(changes_elsewhere(conn, [after]))
    found = _found(conn, after) if changes.keys() & (WHAT_PRICES | WHAT_TAGS) else {}
    if not _to_tag(after, changes):
        found.pop("responsibility", None)
    row = records.correct(conn, caller, entries, before, {**changes, **found}, expected)
    if row is not before:
        emit(conn, caller, events.time_entry_updated(row.id, row.project_id, row.person_id, sorted(changes)))
    return row


def delete_time_entry(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_time_entry(conn, caller, id)
    rules.check_may_touch(caller, before._asdict())
    records.withdraw(conn, caller, entries, before, expected)
    emit(conn, caller, events.time_entry_deleted(before.id, before.project_id, before.person_id))


def faults(data: TimeEntryCreate) -> list[FieldError]:
    """What is wrong with an entry that its schema can't see."""
    return rules.faults(data.worked_on, data.worked_until, data.hours)


def record_time_entries(conn: sa.Connection, caller: Caller, given: Sequence[TimeEntryCreate]) -> list[dict[str, Any]]:
    """Add many entries, all or none, in the same few statements for any number; events are the caller's to emit."""
    for entry in given:
        rules.check_may_record(caller, entry.person_id, entry.approval)
    many = [entry.model_dump() for entry in given]
    known = {name: _existing(conn, *where, (entry[name] for entry in many)) for name, where in REFERENCES.items()}
    _refuse(
        [
            FieldError(f"/entries/{index}{fault.pointer}", fault.detail, fault.code)
            for index, entry in enumerate(given)
            for fault in [*faults(entry), *_unknown(many[index], known)]
        ]
    )
    _refuse(changes_elsewhere(conn, many, "/entries/{}"))
    _refuse(_duplicates(conn, given), Duplicate)
    rates_of = _rates_of(conn, (entry.person_id for entry in given))
    tag = _tagger(conn)
    for values in many:
        values |= _cost(rules.rate_on(rates_of[values["person_id"]], values["worked_on"]))
        if values["responsibility"] is None:
            values["responsibility"] = tag(values)
    return records.record_all(conn, caller, entries, many)


def correct_time_entries(
    conn: sa.Connection, caller: Caller, corrections: Sequence[tuple[Row, Mapping[str, Any]]]
) -> None:
    """Correct many entries, in the same few statements for any number; their references are known to exist."""
    after = [{**before._mapping, **changes} for before, changes in corrections]
    _refuse(changes_elsewhere(conn, after, "/entries/{}"))
    rates_of = _rates_of(conn, (values["person_id"] for values in after))
    tag = _tagger(conn)
    priced = []
    for (before, changes), values in zip(corrections, after, strict=True):
        rules.check_may_change(caller, before._asdict(), changes)
        _refuse(rules.faults(values["worked_on"], values["worked_until"], values["hours"]))
        rate = rules.rate_on(rates_of[values["person_id"]], values["worked_on"])
        tagged = {"responsibility": tag(values)} if _to_tag(values, changes) else {}
        priced.append((before, {**changes, **tagged, **_cost(rate)}))
    made = records.correct_all(conn, caller, entries, priced)
    written = [(row["id"], before._asdict(), row) for (before, _), row in zip(corrections, made, strict=True)]
    audit_all(conn, caller, "updated", entries.name, written)


def reprice(conn: sa.Connection, caller: Caller, person_id: UUID, from_on: date, until_on: date | None) -> int:
    """Give this person's entries the cost rates that now hold on their days.

    It looks at those worked from `from_on` up to, and without, `until_on` (`None`: open) and supersedes the ones that
    differ, in a few statements; answers how many they were. Those in closed periods keep the rate they have; audit and
    event count them.
    """
    found = conn.execute(TO_REPRICE, {"person_id": person_id, "from_on": from_on, "until_on": until_on}).all()
    rates_of = _rates_of(conn, [person_id])[person_id]
    priced = [(entry, rules.rate_on(rates_of, entry.worked_on)) for entry in found]
    differing = [(entry, _cost(rate)) for entry, rate in priced if rate != (entry.cost_rate, entry.cost_currency)]
    open_ones = [(entry, cost) for entry, cost in differing if not entry.in_closed_period]
    if differing:
        records.correct_all(conn, caller, entries, open_ones)
        left = len(differing) - len(open_ones)
        span = {"from_on": from_on, "until_on": until_on}
        counts = {"time_entries": len(open_ones), "in_closed_periods": left}
        audit(conn, caller, "repriced", "person", person_id, None, span | counts)
        emit(conn, caller, events.time_entries_repriced(person_id, len(open_ones), left))
    return len(open_ones)


def tag_time_entries(
    conn: sa.Connection, caller: Caller, from_on: date | None, until_on: date | None
) -> tuple[Counter[str], int]:
    """Give untagged entries worked in these days (the last one included) the responsibility that duty rules find.

    Answers how many were tagged, by responsibility, and how many no rule matches; in a few statements. Those in closed
    periods stay as they are; audit and event count them.
    """
    span = {"from_on": from_on, "until_on": until_on}
    found = conn.execute(TO_TAG, span).all()
    tagged = [(entry, {"responsibility": entry.found}) for entry in found if not entry.in_closed_period]
    left = len(found) - len(tagged)
    if found:
        records.correct_all(conn, caller, entries, tagged)
        counts = {"time_entries": len(tagged), "in_closed_periods": left}
        tagging = new_id()
        audit(conn, caller, "tagged", "tagging", tagging, None, span | counts)
        emit(conn, caller, events.time_entries_tagged(tagging, len(tagged), left))
    unmatched = conn.execute(COUNT_UNTAGGED, span).scalar_one() - left
    return Counter(entry.found for entry, _ in tagged), unmatched


def _has_written(conn: sa.Connection, caller: Caller, id: UUID) -> bool:
    return bool(conn.execute(HAS_WRITTEN, {"which": id, "writer": caller.key_id}).scalar_one())


def _to_tag(after: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Whether a change of what duty rules look at tags an entry: one that has no responsibility, and is given none."""
    return after["responsibility"] is None and "responsibility" not in changes and bool(changes.keys() & WHAT_TAGS)


def _tagger(conn: sa.Connection) -> Callable[[Mapping[str, Any]], str | None]:
    """What finds the responsibility of untagged hours by the duty rules, read once."""
    duty_rules = [rule._asdict() for rule in conn.execute(DUTY_RULES)]

    @functools.cache
    def of(*attributes: str | None) -> str | None:
        return rules.responsibility_of(duty_rules, dict(zip(rules.TAGGED_BY, attributes, strict=True)))

    return lambda values: of(*(values[name] for name in rules.TAGGED_BY))


def _found(conn: sa.Connection, values: Mapping[str, Any]) -> dict[str, Any]:
    """The cost rate for an entry, and the responsibility of one that has none; 422 when its project or person does not
    exist."""
    asked = {name: values[name] for name in (*WHAT_PRICES, *WHAT_TAGS)}
    found = conn.execute(KNOWN_AND_RATE, asked).one()
    known = {name: {values[name]} if found._mapping[name] else set() for name in ("project_id", "person_id")}
    _refuse(_unknown(values, known))
    tagged = {"responsibility": found.responsibility} if values["responsibility"] is None else {}
    return tagged | _cost((found.cost_rate, found.currency))


def _cost(rate: rules.Rate) -> dict[str, Any]:
    return {"cost_rate": rate[0], "cost_currency": rate[1]}


def _unknown(values: Mapping[str, Any], known: Mapping[str, set[Any]]) -> list[FieldError]:
    return [
        FieldError(f"/{name}", f"there is no {name.removesuffix('_id')} {str(values[name])!r}", "unknown-reference")
        for name in known
        if values[name] is not None and values[name] not in known[name]
    ]


def _refuse(errors: Sequence[FieldError], problem: type[AppError] = Invalid) -> None:
    if errors:
        fields = ", ".join(error.pointer for error in errors[:5])
        raise problem(f"Correct {fields}; `errors` says what is allowed.", errors=errors[:100])


def _duplicates(conn: sa.Connection, given: Sequence[TimeEntryCreate]) -> list[FieldError]:
    keys = [(entry.source, entry.external_id) for entry in given]
    external_ids = sorted({external_id for _, external_id in keys if external_id is not None})
    sources = sorted({source for source, _ in keys})
    taken: set[tuple[str, str | None]] = set()
    for chunk in _chunks(external_ids):
        taken |= {
            (row.source, row.external_id) for row in conn.execute(TAKEN, {"sources": sources, "external_ids": chunk})
        }
    errors = []
    for index, key in enumerate(keys):
        if key in taken:
            errors.append(FieldError(f"/entries/{index}/external_id", f"is taken in {key[0]!r}", "duplicate"))
        elif key[1] is not None:
            taken.add(key)
    return errors


@functools.cache
def _which(table: sa.Table, column: str) -> sa.Select[Any]:
    values = sa.bindparam("values", type_=table.c[column].type, expanding=True)
    return sa.select(table.c[column]).where(table.c[column].in_(values))


def _existing(conn: sa.Connection, table: sa.Table, column: str, values: Iterable[Any]) -> set[Any]:
    asked = sorted({value for value in values if value is not None})
    return {
        found for chunk in _chunks(asked) for found in conn.execute(_which(table, column), {"values": chunk}).scalars()
    }


def _rates_of(conn: sa.Connection, people: Iterable[UUID]) -> dict[UUID, list[tuple[date, Decimal, str]]]:
    found: dict[UUID, list[tuple[date, Decimal, str]]] = defaultdict(list)
    for chunk in _chunks(sorted(set(people))):
        for row in conn.execute(RATES_OF, {"people": chunk}):
            found[row.person_id].append((row.valid_from, row.cost_rate, row.currency))
    return found


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    size = records.IDS_AT_ONCE
    return (values[start : start + size] for start in range(0, len(values), size))


def _embedded(conn: sa.Connection, rows: Sequence[Row], name: str, statement: sa.Select[Any]) -> Mapping[UUID, Any]:
    """What `include=` embeds: for each row's id, the record that its column `name` refers to."""
    found = {row.id: row._asdict() for row in conn.execute(statement, {"ids": records.ids(rows, name)})}
    return {row.id: found[row._mapping[name]] for row in rows}
