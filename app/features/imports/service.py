"""Imports: files whose rows become records through a mapping, all or none, with a report row by row.

Rows are found by their natural key: one that is new is created, one that differs is updated, any other stays as it is.
So an import that is sent again changes nothing.
"""

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import FieldError, invalid
from app.core.ids import new_id
from app.features.imports import events, rules
from app.features.imports.errors import ImportRefused
from app.features.imports.files import Unreadable, rows_of
from app.features.imports.mapping import mapping_named, needed_files
from app.features.imports.schemas import (
    ImportCreate,
    ImportMapping,
    ImportReport,
    ImportRow,
    ImportRowError,
    ImportTotals,
    Outcome,
    TableMapping,
)
from app.features.imports.targets import TARGETS, Line, Target
from app.messaging.audit import audit
from app.messaging.outbox import emit
from app.messaging.records import IDS_AT_ONCE

__all__ = ["create_import", "import_folder", "mapping_named", "needed_files"]

# What a refused import tells of at most; its totals count the rest.
FAILED_ROWS_TOLD = 1000

Known = dict[str, dict[str, UUID]]  # ids by resource and natural key


def create_import(conn: sa.Connection, caller: Caller, data: ImportCreate) -> ImportReport:
    return import_folder(conn, caller, mapping_named(data.mapping), data.files)


def import_folder(
    conn: sa.Connection, caller: Caller, mapping: ImportMapping, files: Mapping[str, str | bytes]
) -> ImportReport:
    """Import those of the mapping's files that are given. 422 `import-refused`, with the report, when any row fails."""
    unknown = sorted(set(files) - set(needed_files(mapping)))
    if unknown:
        raise invalid(f"/files/{unknown[0]}", f"must be one of: {', '.join(needed_files(mapping))}", "unknown-file")
    known: Known = {}
    done: list[tuple[TableMapping, list[Line]]] = []
    for table in mapping.tables:
        if table.file in files:
            lines = _read(conn, table, files[table.file], known)
            done.append((table, lines))
            if not _failed(done):
                _write(conn, caller, TARGETS[table.resource], lines)
            names = known.setdefault(table.resource, {})
            names |= {str(line.key[-1]): line.id for line in lines if line.key is not None}
    if _failed(done):
        raise _refusal(mapping, done)
    _note(conn, caller, mapping, done)
    return _report(mapping, done)


def _read(conn: sa.Connection, table: TableMapping, content: str | bytes, known: Known) -> list[Line]:
    """The rows of a file, checked and compared with what is there."""
    target = TARGETS[table.resource]
    found: list[tuple[Line, dict[str, Any]]] = []
    lines: list[Line] = []
    told: set[str] = set()
    try:
        for cells in rows_of(content, rules.columns_of(table)):
            line = Line(cells.line)
            lines.append(line)
            if cells.fault is not None:
                line.errors.append(FieldError("", cells.fault, "malformed-row"))
                continue
            values, errors = rules.fields_of(table, cells.by_column)
            line.errors.extend(errors)
            line.key = rules.key_of(values, target.key, target.fold)
            told = told or rules.fields_in(table, cells.by_column)
            found.append((line, values))
    except Unreadable as error:
        return [*lines, Line(error.line, errors=[FieldError("", error.detail, "unreadable-file")])]
    for field, source in table.fields.items():
        if source.refers_to is not None:
            _resolve(conn, field, source.refers_to, found, known)
    for line, values in found:
        if not line.errors:
            line.data, errors = rules.checked(target.schema, values)
            line.errors.extend(errors or target.faults(line.data))
            if not line.errors:
                line.identity = tuple(getattr(line.data, name) for name in target.key)
    for place, first in rules.repeated([line.identity or line.key for line in lines]).items():
        detail = f"is the same as on line {lines[first].number}"
        lines[place].errors.append(FieldError(f"/{target.key[-1]}", detail, "duplicate"))
    _compare(conn, target, told, lines)
    return lines


def _resolve(
    conn: sa.Connection, field: str, resource: str, found: Sequence[tuple[Line, dict[str, Any]]], known: Known
) -> None:
    """Put ids in the place of the natural keys that a field holds."""
    target = TARGETS[resource]
    names = known.setdefault(resource, {})
    asked = {target.fold(values[field]) for _, values in found if field in values} - names.keys()
    column = target.table.c[target.key[-1]]
    for chunk in _chunks(sorted(asked)):
        names |= {name: id for id, name in conn.execute(_ids_of(column), {"keys": chunk})}
    for line, values in found:
        if field in values:
            text = values.pop(field)
            if (id := names.get(target.fold(text))) is None:
                noun = target.table.name.replace("_", " ")
                line.errors.append(FieldError(f"/{field}", f"there is no {noun} {text[:100]!r}", "unknown-reference"))
            else:
                values[field] = id


def _compare(conn: sa.Connection, target: Target, told: set[str], lines: Sequence[Line]) -> None:
    """Find what is there already under the lines' natural keys, and how it differs in the fields that they tell."""
    by_key = {line.identity: line for line in lines if line.identity is not None and not line.errors}
    scopes = {name: sorted({key[i] for key in by_key}) for i, name in enumerate(target.key[:-1])}
    for chunk in _chunks(sorted({key[-1] for key in by_key})):
        rows = conn.execute(_rows_of(target.table, target.key), {**scopes, target.key[-1]: chunk})
        for row in rows:
            line = by_key.get(tuple(row._mapping[name] for name in target.key))
            if line is not None:
                line.before, line.id = row, row.id
                wanted = {name: getattr(line.data, name) for name in sorted(told) if name in target.table.c}
                line.changes = {
                    name: value
                    for name, value in wanted.items()
                    if row._mapping[target.first.get(name, name)] != value
                    and not (value is None and name in target.kept)
                }


def _write(conn: sa.Connection, caller: Caller, target: Target, lines: Sequence[Line]) -> None:
    writing = [line for line in lines if line.outcome in (Outcome.CREATED, Outcome.UPDATED)]
    if writing:
        target.write(conn, caller, writing)


def _note(
    conn: sa.Connection, caller: Caller, mapping: ImportMapping, done: Sequence[tuple[TableMapping, list[Line]]]
) -> None:
    """One audit entry and one event for each resource of which the import has changed something."""
    import_id = new_id()
    for table, lines in done:
        counts = Counter(line.outcome for line in lines)
        created, updated = counts[Outcome.CREATED], counts[Outcome.UPDATED]
        if created or updated:
            what = {"mapping": mapping.name, "resource": table.resource, "created": created, "updated": updated}
            audit(conn, caller, "imported", "import", import_id, None, what)
            emit(conn, caller, events.import_completed(import_id, table.resource, created, updated))


def _failed(done: Sequence[tuple[TableMapping, list[Line]]]) -> bool:
    return any(line.errors for _, lines in done for line in lines)


def _report(
    mapping: ImportMapping, done: Sequence[tuple[TableMapping, list[Line]]], failed_only: bool = False
) -> ImportReport:
    totals, rows = [], []
    for table, lines in done:
        counts = Counter(line.outcome for line in lines)
        numbers = {str(outcome): counts[outcome] for outcome in Outcome}
        totals.append(ImportTotals(resource=table.resource, file=table.file, **numbers))
        rows += [_row(table, line) for line in lines if line.errors or not failed_only]
    return ImportReport(mapping=mapping.name, totals=totals, rows=rows[:FAILED_ROWS_TOLD] if failed_only else rows)


def _row(table: TableMapping, line: Line) -> ImportRow:
    key = None if line.key is None else "/".join(str(part) for part in line.key)[:300]
    errors = [_row_error(table, error) for error in line.errors]
    return ImportRow(file=table.file, line=line.number, outcome=line.outcome, key=key, errors=errors)


def _row_error(table: TableMapping, error: FieldError) -> ImportRowError:
    field = error.pointer.removeprefix("/")
    source = table.fields.get(field)
    column = source.column if source is not None else None
    return ImportRowError(field=field, column=column, detail=error.detail, code=error.code)


def _refusal(mapping: ImportMapping, done: Sequence[tuple[TableMapping, list[Line]]]) -> ImportRefused:
    report = _report(mapping, done, failed_only=True)
    errors = [
        FieldError(
            f"/files/{row.file}", f"line {row.line}, {error.column or error.field or 'row'}: {error.detail}", error.code
        )
        for row in report.rows
        for error in row.errors
    ]
    failed = sum(total.failed for total in report.totals)
    return ImportRefused(
        f"Correct {failed} row(s), then send all again; `report` tells which, and nothing was kept.",
        errors=errors[:100],
        extra={"report": report.model_dump(mode="json")},
    )


@functools.cache
def _ids_of(column: sa.Column[Any]) -> sa.Select[UUID, str]:
    keys = sa.bindparam("keys", type_=column.type, expanding=True)
    return sa.select(column.table.c.id, column).where(column.in_(keys))


@functools.cache
def _rows_of(table: sa.Table, key: tuple[str, ...]) -> sa.Select[Any]:
    same = [table.c[name].in_(sa.bindparam(name, type_=table.c[name].type, expanding=True)) for name in key]
    statement = sa.select(table).where(*same)
    return statement.where(table.c.superseded_at.is_(None)) if "superseded_at" in table.c else statement


def _chunks(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[start : start + IDS_AT_ONCE] for start in range(0, len(values), IDS_AT_ONCE)]
