"""State machines: complete, reachable, documented, and clear when they refuse."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest

import app.features
from app.cli.states import MACHINES, document
from app.core.states import IllegalTransition, StateMachine

DOCUMENT = Path(__file__).parents[1] / "docs" / "states.md"
PAIRS = [
    pytest.param(machine, former, to, id=f"{machine.subject}: {former} to {to}")
    for machine in MACHINES
    for former in machine.moves
    for to in machine.moves
]


def test_the_document_draws_the_machines_there_are() -> None:
    assert DOCUMENT.read_text("utf-8") == document() + "\n", "python -m app.cli.states > docs/states.md"


def test_no_machine_is_missing_in_the_document() -> None:
    declared = set()
    for feature in pkgutil.iter_modules(app.features.__path__):
        for part in pkgutil.iter_modules([f"{app.features.__path__[0]}/{feature.name}"]):
            if part.name == "rules":
                module = importlib.import_module(f"app.features.{feature.name}.rules")
                declared |= {value for value in vars(module).values() if isinstance(value, StateMachine)}
    assert declared == set(MACHINES)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.subject)
def test_every_status_is_declared_and_can_be_reached(machine: StateMachine[Any]) -> None:
    statuses = set(type(machine.begins[0]).__members__.values())
    assert set(machine.moves) == statuses
    reached, news = set(machine.begins), set(machine.begins)
    while news:
        news = {to for status in news for to in machine.allowed(status)} - reached
        reached |= news
    assert reached == statuses


@pytest.mark.parametrize(("machine", "former", "to"), PAIRS)
def test_a_move_is_made_or_refused_with_the_legal_ones(machine: StateMachine[Any], former: Any, to: Any) -> None:
    if to in machine.moves[former]:
        machine.check(former, to)
        return
    with pytest.raises(IllegalTransition) as refused:
        machine.check(former, to)
    assert refused.value.extra["allowed"] == list(machine.allowed(former))
    assert all(f"`{status}`" in refused.value.detail for status in machine.allowed(former))
