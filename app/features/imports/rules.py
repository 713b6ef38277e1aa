"""From the cells of a row to the fields of a resource, as a mapping says. Pure functions."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from app.core.errors import FieldError
from app.core.schema import Schema
from app.core.validation import code_of, message_of
from app.features.imports.schemas import FieldSource, TableMapping

NO_KEY = re.compile(r"[^A-Za-z0-9._@+-]+")


def columns_of(table: TableMapping) -> set[str]:
    """The columns that a file needs."""
    return {source.column for source in table.fields.values() if source.column is not None and not source.optional}


def fields_in(table: TableMapping, cells: Mapping[str, str]) -> set[str]:
    """The fields of which a file, of which these are a row's cells, says something."""
    return {name for name, source in table.fields.items() if source.column is None or source.column in cells}


def fields_of(table: TableMapping, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[FieldError]]:
    """The values that a row has for the mapped fields, references still as text; an empty cell has none."""
    values: dict[str, Any] = {}
    errors = []
    for field, source in table.fields.items():
        if source.column is None:
            values[field] = source.value
            continue
        text = cells.get(source.column)
        if not text:
            continue
        if source.values is not None and text not in source.values:
            errors.append(FieldError(f"/{field}", f"must be one of: {', '.join(source.values)}", "enum"))
            continue
        values[field] = _value(source, text)
    return values, errors


def _value(source: FieldSource, text: str) -> Any:
    if source.values is not None:
        return source.values[text]
    return NO_KEY.sub("-", text).strip("-") if source.as_key else text


def checked(schema: type[Schema], values: Mapping[str, Any]) -> tuple[Any, list[FieldError]]:
    """The values as their resource's Create schema takes them, or what it has against them."""
    try:
        return schema.model_validate(dict(values)), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return None, [FieldError(f"/{item['loc'][0]}", message_of(item), code_of(item["type"])) for item in found]


def key_of(values: Mapping[str, Any], names: Sequence[str], fold: Callable[[str], str]) -> tuple[str, ...] | None:
    """The natural key of a row, `None` where it lacks a part of it."""
    if any(values.get(name) in (None, "") for name in names):
        return None
    return tuple(fold(str(values[name])) for name in names)


def repeated(keys: Sequence[tuple[Any, ...] | None]) -> dict[int, int]:
    """The places of keys that have come before, with the place where each came first."""
    first: dict[tuple[Any, ...], int] = {}
    return {
        place: first[key] for place, key in enumerate(keys) if key is not None and first.setdefault(key, place) != place
    }
