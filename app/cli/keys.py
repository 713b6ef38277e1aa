"""Commands about API keys."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
import typer
from pydantic import ValidationError

from app.cli.shared import Refused, in_database
from app.core import clock
from app.core.caller import SYSTEM, AccessRole
from app.db.dispatcher import Database
from app.features.access import service
from app.features.access.schemas import ApiKeyCreate
from app.messaging.records import Row

BY_EMAIL = sa.select(service.people.c.id).where(service.people.c.email == sa.bindparam("email"))

cli = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


@cli.command()
def create(
    role: Annotated[AccessRole, typer.Option(help="What the key may do.")],
    name: Annotated[str, typer.Option(help="What it is for, as the list of keys shows it.")],
    person: Annotated[str | None, typer.Option(metavar="EMAIL", help="Whom it belongs to.")] = None,
    expires_in_days: Annotated[int | None, typer.Option(min=1, max=3650, help="Default: never.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the key alone.")] = False,
) -> None:
    """Make an API key. It is shown this once."""

    def make(conn: sa.Connection) -> service.Issued:
        expires_at = clock.now() + timedelta(expires_in_days) if expires_in_days is not None else None
        try:
            data = ApiKeyCreate(name=name, role=role, person_id=_person(conn, person), expires_at=expires_at)
        except ValidationError as error:
            wrong = error.errors()[0]
            raise Refused(
                f"--{wrong['loc'][0]} can't be used: {wrong['msg'].removeprefix('Value error, ')}."
            ) from error
        return service.create_key(conn, SYSTEM, data)

    async def work(database: Database) -> service.Issued:
        return await database.write(make)

    issued = in_database(work)
    if quiet:
        typer.echo(issued.key)
        return
    typer.echo(f"{issued.key}\n\nKeep it: it is shown this once. Its id, to revoke it: {issued.row.id}")


@cli.command("list")
def list_() -> None:
    """List the API keys; their secrets are not known any more."""

    def find(conn: sa.Connection) -> list[Row]:
        statement = service.API_KEYS.select().order_by(service.keys.c.name, service.keys.c.id)
        return list(conn.execute(statement, {"now": clock.now()}))

    async def work(database: Database) -> list[Row]:
        return await database.read(find)

    for row in in_database(work):
        ends = f"until {row.expires_at:%Y-%m-%d}" if row.expires_at else "without end"
        typer.echo(f"{row.id}  {row.role:<12} {row.state:<8} {ends:<16} {row.name}")


@cli.command()
def revoke(id: Annotated[UUID, typer.Argument(metavar="ID", help="As `tandem keys list` shows it.")]) -> None:
    """End a key for good; the service stops taking it within 5 seconds."""

    async def work(database: Database) -> Row:
        return await database.write(service.revoke_key, SYSTEM, id, None)

    typer.echo(f"Revoked {in_database(work).name!r}.")


def _person(conn: sa.Connection, email: str | None) -> UUID | None:
    if email is None:
        return None
    found: UUID | None = conn.execute(BY_EMAIL, {"email": email.lower()}).scalar()
    if found is None:
        raise Refused(f"There is no person with the email {email!r}.")
    return found
