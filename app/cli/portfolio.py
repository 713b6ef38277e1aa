"""Commands that fill a portfolio: the demo's, or your own from files."""

import shlex
import tomllib
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from pydantic import ValidationError

from app import demo as portfolio
from app.cli.databases import bring
from app.cli.shared import Refused, in_database, read_settings
from app.core import clock
from app.core.caller import SYSTEM, AccessRole
from app.db.dispatcher import Database
from app.features.access import service as access
from app.features.access.schemas import ApiKeyCreate
from app.features.imports.errors import ImportRefused
from app.features.imports.mapping import known_mappings
from app.features.imports.schemas import ImportMapping, ImportReport
from app.features.imports.service import import_folder, mapping_named, needed_files
from app.settings import HttpSettings

DEMO_KEY = "Demo"
FORMER_DEMO_KEYS = sa.select(access.keys.c.id).where(
    access.keys.c.name == DEMO_KEY, access.keys.c.revoked_at.is_(None), access.keys.c.id != sa.bindparam("id")
)
HEAD_OF_PMO = sa.select(access.people.c.id).where(access.people.c.id == portfolio.HANNA)
FAILED_ROWS_SHOWN = 50


def demo(
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Load nothing where there is data already.")] = False,
    seed: Annotated[int, typer.Option(help="Another number makes another portfolio.")] = portfolio.SEED,
) -> None:
    """Migrate, load a lifelike portfolio, and print a key to try it with."""
    settings = read_settings()
    bring(settings)

    async def work(database: Database) -> str | None:
        if not await database.read(portfolio.has_data):
            counts = await database.write(portfolio.load, SYSTEM, portfolio.make_world(clock.today(), seed))
            typer.echo(
                f"Loaded the demo: {counts['person']} people, {counts['client']} clients, "
                f"{counts['project']} projects, {counts['time_entry']:,} time entries."
            )
        elif not if_empty:
            raise Refused("There is data already: name another database by TANDEM_DATABASE_URL, or add --if-empty.")
        return await database.write(_fresh_key) if await database.read(portfolio.is_demo) else None

    key = in_database(work)
    address = _address(settings.http)
    typer.echo(f"Documentation: {address}/docs")
    if key is None:
        typer.echo("The data is yours, not the demo's. A key for it: tandem keys create --role pmo_lead --name NAME")
        return
    header = shlex.quote(f"Authorization: Bearer {key}")
    typer.echo(f"API key:       {key}")
    typer.echo(f"Try:           curl -s -H {header} '{address}/v1/projects?limit=3'")


def import_(
    mapping: Annotated[str, typer.Argument(metavar="MAPPING", help="A shipped mapping such as tock, or a TOML file.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the files are that the mapping names.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, keep nothing.")] = False,
) -> None:
    """Import the CSV files of a folder: all rows or none. Sent again, it changes nothing."""
    chosen = _mapping(mapping)
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}.")
    names = needed_files(chosen)
    files: dict[str, str | bytes] = {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
    if not files:
        raise Refused(f"The folder {folder} has none of the files of the mapping: {', '.join(names)}.")

    async def work(database: Database) -> ImportReport:
        run = database.rehearse if dry_run else database.write
        return await run(import_folder, SYSTEM, chosen, files)

    try:
        report = in_database(work)
    except ImportRefused as refused:
        _show(ImportReport.model_validate(refused.extra["report"]))
        raise
    _show(report)
    if absent := [name for name in names if name not in files]:
        typer.echo(f"Not in the folder, and left out: {', '.join(absent)}.")
    typer.echo("Dry run: nothing was kept." if dry_run else "Imported.")


def _fresh_key(conn: sa.Connection) -> str:
    """A new key for the demo; those printed before are revoked, since only their hashes are known."""
    person_id = conn.execute(HEAD_OF_PMO).scalar()
    issued = access.create_key(conn, SYSTEM, ApiKeyCreate(name=DEMO_KEY, role=AccessRole.PMO_LEAD, person_id=person_id))
    for id in list(conn.execute(FORMER_DEMO_KEYS, {"id": issued.row.id}).scalars()):
        access.revoke_key(conn, SYSTEM, id, None)
    return issued.key


def _address(http: HttpSettings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(http.host, http.host)  # noqa: S104  not bound, only shown
    return f"http://{host}:{http.port}"


def _mapping(text: str) -> ImportMapping:
    if text in known_mappings():
        return mapping_named(text)
    path = Path(text)
    if not path.is_file():
        raise Refused(f"There is no mapping {text!r}: name one of {', '.join(known_mappings())}, or a TOML file.")
    try:
        return ImportMapping.model_validate({"name": path.stem, **tomllib.loads(path.read_text())})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{path} is no TOML file: {error}.") from error
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(str(part) for part in wrong["loc"])
        raise Refused(f"{path} is no mapping: {where}: {wrong['msg']}.") from error


def _show(report: ImportReport) -> None:
    for one in report.totals:
        typer.echo(
            f"{one.file}: {one.created} created, {one.updated} updated, {one.unchanged} unchanged, {one.failed} failed"
        )
    failed = [row for row in report.rows if row.errors]
    for row in failed[:FAILED_ROWS_SHOWN]:
        for error in row.errors:
            typer.echo(f"  {row.file} line {row.line}, {error.column or error.field or 'row'}: {error.detail}")
    if len(failed) > FAILED_ROWS_SHOWN:
        typer.echo(f"  … and {len(failed) - FAILED_ROWS_SHOWN} more")
