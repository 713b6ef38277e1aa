"""`tandem`: everything that is done from a terminal."""

import sys

import typer

from app.cli import databases, doctor, keys, portfolio, serving
from app.cli.shared import LOST, REFUSALS, sentence

cli = typer.Typer(
    name="tandem",
    help="The PMO back end of an agency in which every project is ridden by two.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    serving.serve,
    serving.worker,
    databases.migrate,
    databases.backup,
    databases.restore,
    doctor.doctor,
    portfolio.demo,
    portfolio.import_,
    serving.openapi,
):
    cli.command(name=command.__name__.rstrip("_"))(command)
cli.add_typer(keys.cli, name="keys")


def main() -> None:
    """Run a command. What a person can mend is said in one sentence; anything else is a bug and shows its trace."""
    try:
        cli()
    except (*REFUSALS, *LOST) as error:
        print(f"tandem: {sentence(error)}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
