"""The base of all schemas, and the types that their fields share. Each says what is allowed."""

import functools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    create_model,
)
from typing_extensions import TypedDict, is_typeddict

from app.core.calendar import CALENDAR_FIRST, CALENDAR_LAST, FIRST_DAY, LAST_DAY
from app.core.hours import to_seconds
from app.core.money import MAX_AMOUNT, format_decimal, format_plain


class Schema(BaseModel):
    """Unknown fields are refused; rows of the database are read by attribute."""

    model_config = ConfigDict(
        extra="forbid", from_attributes=True, frozen=True, json_schema_serialization_defaults_required=False
    )


class Sensitive:
    """Marks a field that only those with the right to see money may see, sort and filter by."""


SENSITIVE = Sensitive()

Example = dict[str, Any]

KEY_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$"
# Words that stand where a key may stand in a path.
RESERVED_KEYS = frozenset(
    {"batch", "check", "compare", "import", "me", "progress", "readiness", "values", "within-allowance"}
)


def _plain(value: str) -> str:
    if any((ord(c) < 32 and c not in "\n\t\r") or 0xD800 <= ord(c) <= 0xDFFF or ord(c) == 127 for c in value):
        raise ValueError("must not contain control characters")
    return value


def _one_line(value: str) -> str:
    if any(ord(c) < 32 or ord(c) in (127, 0x2028, 0x2029) or 0xD800 <= ord(c) <= 0xDFFF for c in value):
        raise ValueError("must be one line without control characters")
    return value


def _key(value: str) -> str:
    try:
        UUID(value)
    except ValueError:
        if value.lower() not in RESERVED_KEYS:
            return value
    raise ValueError("must not look like an id or be a word of the routes")


def _iso_day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("must be a day as YYYY-MM-DD")
    if not isinstance(value, str | date) or isinstance(value, datetime):
        raise ValueError("must be a day as YYYY-MM-DD")
    return value


def _iso_instant(value: Any) -> Any:
    if not isinstance(value, str | datetime) or (isinstance(value, str) and "T" not in value.upper()):
        raise ValueError("must be an instant with its offset, as 2026-01-31T12:00:00Z")
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("must be a decimal number, best as a string")
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", value):
        raise ValueError("must be a plain decimal number such as 12.50")
    return value


def _decimal_schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]}, mode="serialization")


def _input_schema(minimum: float, maximum: float, places: int) -> WithJsonSchema:
    sign = "-?" if minimum < 0 else ""
    return WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": minimum, "maximum": maximum},
                {"type": "string", "pattern": rf"^{sign}\d{{1,11}}(\.\d{{1,{places}}})?$"},
            ]
        },
        mode="validation",
    )


_PLAIN_TEXT = PlainSerializer(format_plain, return_type=str, when_used="json-unless-none")
_MONEY_TEXT = PlainSerializer(format_decimal, return_type=str, when_used="json-unless-none")
_SIGNED = r"^-?\d+(\.\d+)?$"

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_plain)]
# Text that must say something.
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(_plain)
]
Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN, min_length=1, max_length=60), AfterValidator(_key)]
RoleKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60), AfterValidator(_key)]
Email = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", max_length=200, to_lower=True),
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Day = Annotated[date, BeforeValidator(_iso_day), Field(ge=FIRST_DAY, le=LAST_DAY)]
FactDay = Annotated[date, BeforeValidator(_iso_day), Field(ge=CALENDAR_FIRST, le=CALENDAR_LAST)]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_iso_instant),
    Field(
        ge=datetime.fromisoformat("1970-01-01T00:00:00+00:00"), le=datetime.fromisoformat("2199-12-31T23:59:59+00:00")
    ),
]
Bool = Annotated[bool, Field(strict=True)]
Scale5 = Annotated[int, Field(strict=True, ge=1, le=5)]

Money = Annotated[
    Decimal,
    BeforeValidator(_number),
    Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT, decimal_places=4),
    _MONEY_TEXT,
    SENSITIVE,
    _input_schema(-99_999_999_999, 99_999_999_999, 4),
    _decimal_schema(_SIGNED, "1250.00"),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_number),
    Field(ge=0, le=MAX_AMOUNT, decimal_places=4),
    _MONEY_TEXT,
    SENSITIVE,
    _input_schema(0, 99_999_999_999, 4),
    _decimal_schema(_SIGNED, "1250.00"),
]

# What is computed has no bounds: it is shown as it came out.
Sum = Annotated[Decimal, _MONEY_TEXT, SENSITIVE, _decimal_schema(_SIGNED, "1250.00")]
Figure = Annotated[Decimal, _PLAIN_TEXT, _decimal_schema(_SIGNED, "0.5")]


def _whole_seconds(value: Decimal) -> Decimal:
    to_seconds(value)
    return value


def hours_marks(most: int) -> tuple[Any, ...]:
    """What `Annotated[Decimal, *hours_marks(24)]` says: a number of hours from 0 to `most`, in hundredths."""
    return (
        BeforeValidator(_number),
        Field(ge=0, le=most, decimal_places=2),
        AfterValidator(_whole_seconds),
        _PLAIN_TEXT,
        _input_schema(0, most, 2),
        _decimal_schema(_SIGNED, "7.5"),
    )


def hours_type(most: int) -> Any:
    """A number of hours from 0 to `most`, in hundredths."""
    return Annotated[Decimal, *hours_marks(most)]


def decimal_marks(least: int, most: int, places: int) -> tuple[Any, ...]:
    """What `Annotated[Decimal, *decimal_marks(…)]` says: a decimal that is no money, as a weight, a share, a cap."""
    return (
        BeforeValidator(_number),
        Field(ge=least, le=most, decimal_places=places),
        _PLAIN_TEXT,
        _input_schema(least, most, places),
        _decimal_schema(_SIGNED, "0.5"),
    )


def decimal_type(least: int, most: int, places: int) -> Any:
    """A decimal that is no money: a weight, a share, a cap."""
    return Annotated[Decimal, *decimal_marks(least, most, places)]


def sensitive_fields(schema: type[BaseModel]) -> frozenset[str]:
    """The names of the fields of `schema` that show money."""
    return frozenset(name for name, field in schema.model_fields.items() if _marked(field.annotation, field.metadata))


def _marked(annotation: Any, metadata: list[Any]) -> bool:
    if any(isinstance(mark, Sensitive) for mark in metadata):
        return True
    inner = getattr(annotation, "__metadata__", ())
    if any(isinstance(mark, Sensitive) for mark in inner):
        return True
    return any(_marked(argument, []) for argument in getattr(annotation, "__args__", ()) if argument is not type(None))


class Read(Schema):
    """What every answer about a record begins with. `etag` is what `If-Match` wants."""

    id: UUID
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(examples=['"1"'])


def partial(
    name: str, schema: type[Schema], *, without: frozenset[str] = frozenset(), example: dict[str, Any]
) -> type[Schema]:
    """The Update schema for a Create schema: every field may be left out; null clears what may be null."""
    fields: dict[str, Any] = {}
    for field_name, field in schema.model_fields.items():
        if field_name in without:
            continue
        annotation: Any = field.annotation
        for mark in field.metadata:
            annotation = Annotated[annotation, mark]
        fields[field_name] = (annotation, Field(default_factory=_nothing, description=field.description))
    made: type[Schema] = create_model(
        name,
        __base__=_Partial,
        __doc__="Changes as a JSON merge patch (RFC 7396): what is not sent stays.",
        **fields,
    )
    made.model_config["json_schema_extra"] = {"examples": [example]}
    made.model_rebuild(force=True)
    return made


class _Partial(Schema):
    @property
    def changes(self) -> dict[str, Any]:
        """What was sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Shown:
    """What a Read schema says of an answer, for checking and writing rows fast.

    `type` is a TypedDict of its types, without what only guards input (patterns, lengths, functions): that was checked
    on the way in, and tests hold every answer against the whole schema. `texts` are the fields that are written as text
    (ids, decimals), and how: whole columns are converted at once. `nested` are the fields that hold another schema's
    values.
    """

    type: Any
    texts: Mapping[str, Callable[[Any], str | None]]
    nested: frozenset[str]


def shown(schema: type[BaseModel]) -> Shown:
    """How `schema` is shown."""
    types: dict[str, Any] = {}
    texts: dict[str, Callable[[Any], str | None]] = {}
    nested: set[str] = set()
    for name, field in schema.model_fields.items():
        kind = _shown(field.annotation, field.metadata)
        core, marks = _core(kind)
        writer = next((mark.func for mark in marks if isinstance(mark, PlainSerializer)), None)
        if core is UUID or writer is not None:
            texts[name] = _id_text if writer is None else _remembered(writer)
            kind = str | None if type(None) in get_args(field.annotation) else str
        if is_typeddict(core) or any(is_typeddict(argument) for argument in get_args(core)):
            nested.add(name)
        types[name] = NotRequired[kind]
    return Shown(_typed_dict(schema, types), texts, frozenset(nested))


def _typed_dict(schema: type[BaseModel], types: dict[str, Any]) -> Any:
    make: Any = TypedDict
    return make(f"{schema.__name__}Shown", types)


def _id_text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


@functools.cache
def _remembered(write: Callable[[Any], str]) -> Callable[[Any], str | None]:
    """`write` as a whole column takes it: `None` stays, and values that come again cost nothing."""
    return functools.lru_cache(maxsize=16384)(lambda value: None if value is None else write(value))


def _core(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without its `None`, and the marks on it."""
    if get_origin(kind) in (Union, UnionType):
        kind = next(argument for argument in get_args(kind) if argument is not type(None))
    if get_origin(kind) is Annotated:
        inner, *marks = get_args(kind)
        return _core(inner)[0], tuple(marks)
    return kind, ()


def _shown(annotation: Any, metadata: Sequence[Any]) -> Any:
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return _shown(inner, [*marks, *metadata])
    if get_origin(annotation) in (Union, UnionType):
        annotation = functools.reduce(operator.or_, (_shown(argument, ()) for argument in get_args(annotation)))
    elif get_origin(annotation) in (list, tuple):
        arguments = tuple(a if a is Ellipsis else _shown(a, ()) for a in get_args(annotation))
        annotation = get_origin(annotation)[arguments]
    elif annotation is AwareDatetime:
        annotation = datetime
    elif isinstance(annotation, type) and issubclass(annotation, StrEnum):
        annotation = Literal[tuple(str(value) for value in annotation)]
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        nested = {name: NotRequired[_shown(f.annotation, f.metadata)] for name, f in annotation.model_fields.items()}
        annotation = _typed_dict(annotation, nested)
    for mark in metadata:
        if isinstance(mark, PlainSerializer):
            annotation = Annotated[annotation, mark]
    return annotation
