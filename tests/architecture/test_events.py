"""Each event is in the past tense, and documented in docs/events.md."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EVENTS = sorted((ROOT / "app" / "features").glob("*/events.py"))
IRREGULAR = {"begun", "broken", "given", "held", "kept", "lost", "made", "met", "sent", "set", "told", "withdrawn"}


def types_in(module: Path) -> set[str]:
    """The first argument of each `DomainEvent(…)`."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "DomainEvent":
            assert isinstance(node.args[0], ast.Constant), f"{module}:{node.lineno}: say the type itself"
            found.add(str(node.args[0].value))
    return found


TYPES = sorted(set().union(*(types_in(module) for module in EVENTS)))


@pytest.mark.parametrize("type", TYPES)
def test_an_event_is_in_the_past_tense(type: str) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", type)
    verb = type.split(".")[1].removesuffix("_off").rpartition("_")[2]  # kicked_off
    assert verb.endswith("ed") or verb in IRREGULAR


def test_every_event_is_documented_and_nothing_else() -> None:
    documented = set(
        re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", (ROOT / "docs" / "events.md").read_text("utf-8"), re.MULTILINE)
    )
    assert documented == set(TYPES)
