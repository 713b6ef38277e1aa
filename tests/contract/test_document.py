"""The document as a whole: its names, its words, and that it is the committed one."""

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from app.http.contract import render
from tests.contract.compatibility import breaking_changes
from tests.contract.document import Operation, document, operations

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "openapi" / "openapi.json"
CHANGELOG = ROOT / "openapi" / "CHANGELOG.md"


def test_operation_ids_are_unique() -> None:
    repeated = [id for id, times in Counter(operation.id for operation in operations()).items() if times > 1]
    assert repeated == []


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_an_operation_is_named_and_described(operation: Operation) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", operation.id), "operationId is verb_noun, in snake_case"
    assert operation.said.get("summary")
    assert operation.said.get("tags")
    for parameter in operation.parameters:
        assert parameter.get("description"), f"describe the parameter {parameter['name']}"
    assert all(response for response in operation.said["responses"].values())


def test_every_path_is_in_snake_case_or_kebab_case_under_v1() -> None:
    odd = [p for p in document()["paths"] if not re.fullmatch(r"(/v1)?(/[a-z0-9-]+|/\{[a-z_]+\})+(\.[a-z]+)?", p)]
    assert odd == []


def test_every_reference_of_the_document_leads_somewhere() -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document()))):
        node = document()
        for part in reference.split("/"):
            assert part in node, reference
            node = node[part]


def test_the_committed_contract_is_the_one_that_the_code_makes() -> None:
    assert CONTRACT.read_text("utf-8") == render(document()), "run `make openapi` and commit the result"


def git(*arguments: str) -> str | None:
    """What git answers; `None` where it can't."""
    program = shutil.which("git")
    if program is None or not (ROOT / ".git").exists():
        return None
    done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def test_a_breaking_change_has_a_new_entry_in_the_changelog() -> None:
    # The contract as it was when the changelog last got an entry: what has broken since needs one of its own.
    first = (git("log", "--format=%H", "--diff-filter=A", "--", "openapi/openapi.json") or "").split()
    last = (git("log", "-1", "--format=%H", "--", "openapi/CHANGELOG.md") or "").split()
    for commit in (*last, *first):
        if (contract := git("show", f"{commit}:openapi/openapi.json")) is not None:
            break
    else:
        pytest.skip("git has no earlier contract to compare with")
    broken = breaking_changes(json.loads(contract), document())
    said = set(CHANGELOG.read_text("utf-8").splitlines()) - set(
        (git("show", f"{commit}:openapi/CHANGELOG.md") or "").splitlines()
    )
    assert said or not broken, "say in openapi/CHANGELOG.md what clients must change:\n" + "\n".join(broken)
