"""`docs/states.md`, drawn from the state machines themselves; `python -m app.cli.states` prints it."""

from typing import Any

import typer

from app.core.states import StateMachine
from app.features.change_requests import rules as change_requests
from app.features.commitments import rules as commitments
from app.features.periods import rules as periods
from app.features.projects import rules as projects
from app.features.rescues import rules as rescues
from app.features.risks import rules as risks

MACHINES: tuple[StateMachine[Any], ...] = (
    projects.STATES,
    change_requests.STATES,
    commitments.STATES,
    risks.RISKS,
    risks.ISSUES,
    rescues.STATES,
    periods.STATES,
)


def document() -> str:
    """Every machine as a diagram and as a table."""
    lines = [
        "# States",
        "",
        "What has a status moves as is drawn here, and in no other way: an illegal move is 409 `illegal-transition`,",
        "and `allowed` in the problem names the legal ones. Answers carry `allowed_transitions`. A project's status is",
        "dated: what counts is the status of the day on which it moves.",
    ]
    for machine in MACHINES:
        lines += ["", f"## {machine.subject.capitalize()}", "", "```mermaid", machine.mermaid(), "```", ""]
        lines += ["| From | To | By |", "|---|---|---|"]
        lines += [
            f"| `{former}` | `{to}` | {how} |" for former, moves in machine.moves.items() for to, how in moves.items()
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    typer.echo(document())
