"""SQL functions that the two databases spell differently."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

# Number 0 of `day_number`; a Monday, so that a week's number is the seventh part.
DAY_ZERO = date(1900, 1, 1)


class day_number(sa.sql.functions.GenericFunction[int]):  # noqa: N801 (it reads as the SQL function that it is)
    """How many days a day lies after `DAY_ZERO`."""

    type = sa.Integer()
    inherit_cache = True


@compiles(day_number, "postgresql")
def _on_postgres(element: Any, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} - DATE '{DAY_ZERO}')"


@compiles(day_number, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(julianday({compiler.process(element.clauses, **options)}) - julianday('{DAY_ZERO}') AS INTEGER)"
