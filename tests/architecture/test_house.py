"""The habits of the house that import-linter can't see, read from the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
MODULES = sorted(APP.rglob("*.py"))
FEATURE_MODULES = [module for module in MODULES if module.parent.parent == APP / "features"]

# The very top of a process, which answers for what nobody foresaw.
CATCHES_ALL = {"app/http/observe.py", "app/worker.py"}
EVERYTHING = {"Exception", "BaseException"}
# What one feature may see of another.
SHARED = {"service", "events", "schemas"}
# In a feature a file uses those below it; other names (a second part of the service) stand beside `service`.
HEIGHT = {"router": 4, "rules": 2, "queries": 2, "events": 1, "errors": 1, "schemas": 1}
# Pure computing of split plans: its values lie below their schemas, its costs beside the rules.
HEIGHT |= {"model": 0, "milp": 0, "objective": 2}
# Pure computing of the day of finishing and of impact.
HEIGHT |= {"finish_rules": 2, "impact_rules": 2, "impact_schemas": 1}
SERVICE = 3
LONGEST = 400


def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text("utf-8"))


def name_of(module: Path) -> str:
    return module.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names of all that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches everything, and does not raise it on."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    everything = any(node is None or (isinstance(node, ast.Name) and node.id in EVERYTHING) for node in caught)
    last = handler.body[-1]
    return everything and not (isinstance(last, ast.Raise) and last.exc is None)


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_imports_stand_at_the_top_and_hide_no_circle(module: Path) -> None:
    tree = tree_of(module)
    inside = [
        node.lineno
        for parent in ast.walk(tree)
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If)
        for node in ast.walk(parent)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == [], "move the code down instead of the import inside"
    assert "__future__.annotations" not in imports(tree)
    assert "typing.TYPE_CHECKING" not in imports(tree)


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_error_is_swallowed(module: Path) -> None:
    if name_of(module) in CATCHES_ALL:
        return
    handlers = [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.ExceptHandler)]
    assert [handler.lineno for handler in handlers if swallows(handler)] == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_file_is_a_room_and_not_a_hall(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= LONGEST, "it is asking for a second room"


@pytest.mark.parametrize("module", FEATURE_MODULES, ids=name_of)
def test_a_feature_shows_others_its_service_its_events_and_its_schemas(module: Path) -> None:
    own = f"app.features.{module.parent.name}."
    others = [
        name for name in imports(tree_of(module)) if name.startswith("app.features.") and not name.startswith(own)
    ]
    assert [name for name in others if name.split(".")[3] not in SHARED] == []


@pytest.mark.parametrize("module", FEATURE_MODULES, ids=name_of)
def test_the_files_of_a_feature_use_those_below_them(module: Path) -> None:
    own = f"app.features.{module.parent.name}."
    height = HEIGHT.get(module.stem, SERVICE)
    used = {name.removeprefix(own).split(".")[0] for name in imports(tree_of(module)) if name.startswith(own)}
    files = {path.stem for path in module.parent.glob("*.py")}
    beside = height in (2, SERVICE)
    above = {n for n in used & files if HEIGHT.get(n, SERVICE) > height - (0 if beside else 1)}
    assert above == set()


@pytest.mark.parametrize("module", FEATURE_MODULES, ids=name_of)
def test_only_routers_know_of_http_and_rules_of_no_database(module: Path) -> None:
    roots = {name.split(".")[0] for name in imports(tree_of(module))}
    if module.stem != "router":
        assert not roots & {"fastapi", "starlette"}
        assert not [name for name in imports(tree_of(module)) if name.startswith("app.http")]
    if module.stem == "rules":
        assert not roots & {"sqlalchemy", "sqlmodel"}
        assert not [name for name in imports(tree_of(module)) if name.startswith(("app.db", "app.messaging"))]


def test_time_has_one_source() -> None:
    found = [
        f"{name_of(module)}:{node.lineno}"
        for module in MODULES
        if name_of(module) != "app/core/clock.py"
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
    ]
    assert found == [], "ask app.core.clock"


def test_nothing_but_the_dispatcher_and_the_migrator_commits() -> None:
    allowed = {"app/db/dispatcher.py", "app/db/migrate.py", "app/db/hot.py"}
    found = {
        name_of(module)
        for module in MODULES
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    assert found - allowed == set()
