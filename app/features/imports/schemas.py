from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from app.core.schema import Example, Name, Schema

EXAMPLE: Example = {
    "mapping": "tock",
    "files": {"agencies.csv": "Agency\r\nHarbour Agency\r\nLakeside Agency\r\n"},
}

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$", max_length=100)]


class ImportCreate(Schema):
    """Files to import, as text, and the mapping that says what their columns are."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    mapping: Name = Field(description="The name of a mapping that ships with the product, such as `tock`.")
    files: dict[FileName, str] = Field(
        min_length=1, max_length=20, description="CSV by file name: some or all of them."
    )


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class ImportRowError(Schema):
    """What is wrong with a row: the field, and the column that it comes from."""

    field: str
    column: str | None
    detail: str
    code: str


class ImportRow(Schema):
    """What became of a row. `line` is the one in the file on which it begins, the header's being 1."""

    file: str
    line: int
    outcome: Outcome
    key: str | None
    errors: list[ImportRowError]


class ImportTotals(Schema):
    """How many rows of a file had which outcome."""

    resource: str
    file: str
    created: int
    updated: int
    unchanged: int
    failed: int


class ImportReport(Schema):
    """What an import did, row by row."""

    mapping: str
    totals: list[ImportTotals]
    rows: list[ImportRow]


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class FieldSource(Schema):
    """Where a field's value comes from: a column (perhaps through a table of values), or a constant."""

    column: str | None = None
    value: str | bool | int | None = None
    values: dict[str, str | bool | int] | None = None
    as_key: bool = Field(False, description="Make a key of it: what a key may not hold becomes a hyphen.")
    refers_to: str | None = Field(None, description="The resource whose natural key it is.")
    optional: bool = Field(False, description="A file may lack the column; the field is left alone then.")


class TableMapping(Schema):
    """A file, and the fields of the resource that its rows are."""

    resource: str
    file: FileName
    fields: dict[str, Annotated[FieldSource, BeforeValidator(_column)]]


class ImportMapping(Schema):
    """A mapping file: its tables in the order in which they refer to each other."""

    name: str
    title: str
    tables: list[TableMapping]
