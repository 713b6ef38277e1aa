import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Path, Request, Response
from pydantic import TypeAdapter, ValidationError

from app.core.caller import Caller, Right
from app.core.errors import invalid
from app.core.schema import Schema
from app.features.kpis import schemas, service
from app.features.kpis.schemas import FormatQuery, Include, ValuesQuery
from app.http.answers import PRIVATE, csv_lines, json_response, read
from app.http.lists import MEDIA_TYPES, Format, accepted
from app.http.preconditions import is_known
from app.http.problems import from_validation
from app.http.resource import TEXT, operation, router
from app.http.routing import requires
from app.measures.definition import Conventions
from app.settings import Settings

Query = TypeVar("Query", bound=Schema)

KPI: TypeAdapter[Any] = TypeAdapter(schemas.KpiRead)
PAGE: TypeAdapter[Any] = TypeAdapter(schemas.KpiPage)
VALUES: TypeAdapter[Any] = TypeAdapter(schemas.KpiValues)
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": TEXT}, "application/x-ndjson": {"schema": TEXT}}}
}
Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]*$", max_length=60, description="The KPI's name.")]

kpis = router("kpis")


def parameters(query: type[Schema]) -> list[dict[str, Any]]:
    """A query's parameters as the OpenAPI document states them."""
    found = []
    shape = query.model_json_schema(by_alias=True)
    for name, schema in shape["properties"].items():
        # What may be left out is no null: it is absent.
        kind = next((part for part in schema.get("anyOf", ()) if part.get("type") != "null"), schema)
        kind = {key: value for key, value in _inlined(kind, shape.get("$defs", {})).items() if key not in _SAID_APART}
        parameter = {"name": name, "in": "query", "required": False, "schema": kind}
        parameter |= {"description": schema["description"]}
        if kind.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        found.append(parameter)
    return found


_SAID_APART = frozenset({"description", "title"})


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        schema = schema | definitions[schema["$ref"].rpartition("/")[2]]
    return {key: _inlined(value, definitions) for key, value in schema.items() if key not in ("$ref", "title")}


def parse(request: Request, query: type[Query]) -> Query:
    """The query string, checked and typed; 422 by parameter."""
    given = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        return query.model_validate(given)
    except ValidationError as error:
        # The item of a comma's list is no parameter of its own.
        raise from_validation([{**found, "loc": found["loc"][:1]} for found in error.errors()], "query") from None


def conventions(request: Request) -> Conventions:
    """What the settings say of KPIs."""
    settings: Settings = request.app.state.settings
    return Conventions(
        fiscal_start_month=settings.calendar.fiscal_start_month,
        week_line_rule=settings.kpi.week_line_rule,
        budget_tolerance=Decimal(str(settings.kpi.budget_tolerance)).quantize(Decimal("0.0001")),
        time_zone=settings.calendar.time_zone,
    )


def table(name: str, format: Format, columns: Iterable[str], rows: Iterable[Mapping[str, Any]], bom: bool) -> Response:
    """Rows as CSV or NDJSON, with the same columns whatever the rows hold."""
    names = list(columns)
    if format is Format.CSV:
        body = (b"\xef\xbb\xbf" if bom else b"") + csv_lines(names, rows, header=True)
    else:
        body = "".join(json.dumps({name: row.get(name) for name in names}) + "\n" for row in rows).encode()
    headers = {
        "Content-Type": MEDIA_TYPES[format],
        "Content-Disposition": f'attachment; filename="{name}.{format}"',
        **PRIVATE,
    }
    return Response(body, headers=headers)


def format_of(request: Request, query: FormatQuery) -> Format:
    return Format(query.format) if query.format is not None else accepted(request)


@kpis.get(
    "",
    response_model=schemas.KpiPage,
    responses=FILES,
    description="The catalogue: every KPI that there is, with its formula.",
    openapi_extra={"parameters": parameters(FormatQuery)},
    **operation("list_kpis"),
)
@requires(Right.READ)
async def list_kpis(request: Request) -> Response:
    query = parse(request, FormatQuery)
    format = format_of(request, query)
    page = PAGE.validate_python({"items": service.list_kpis(), "next_cursor": None})
    if format is Format.JSON:
        return json_response(PAGE.dump_json(page))
    return table("kpis", format, schemas.KpiRead.model_fields, PAGE.dump_python(page, mode="json")["items"], query.bom)


@kpis.get("/{name}", response_model=schemas.KpiRead, **operation("get_kpi"))
@requires(Right.READ)
async def get_kpi(request: Request, name: Name) -> Response:
    found = service.get_kpi(name)
    headers = {"ETag": found["etag"]}
    if is_known(request, found["etag"]):
        return Response(status_code=304, headers={**headers, **PRIVATE})
    return json_response(KPI.dump_json(KPI.validate_python(found)), 200, headers)


@kpis.get(
    "/{name}/values",
    response_model=schemas.KpiValues,
    responses=FILES,
    description=(
        "One KPI as a series, or grouped, or as one figure. A ratio's total is the ratio of the sums; where there is "
        "nothing to divide by, the value is null with a reason. Money is never added across currencies."
    ),
    openapi_extra={"parameters": parameters(ValuesQuery)},
    **operation("get_kpi_values"),
)
@requires(Right.READ)
async def get_kpi_values(request: Request, name: Name) -> Response:
    query = parse(request, ValuesQuery)
    format = format_of(request, query)
    if format is not Format.JSON and Include.TOTALS in (query.include or ()):
        raise invalid("?include", "takes totals in JSON only: a table holds rows of one kind")

    def render(found: service.Table, caller: Caller) -> Response:
        values = VALUES.validate_python(found.content)
        if format is Format.JSON:
            return json_response(VALUES.dump_json(values, exclude_unset=True))
        rows = VALUES.dump_python(values, mode="json", exclude_unset=True)["rows"]
        return table(name, format, found.columns, rows, query.bom)

    return await read(request, render, service.kpi_values, name, query, conventions(request), long=True)
