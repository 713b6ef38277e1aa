"""The README's walk runs as written, against a real server with the demo; and what it points to exists."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.commands import run_process, served

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"<!-- walk -->\n```bash\n(.*?)```", re.DOTALL)
EXPECTED = "# → "
END_OF_STEP = "<end of step>"


def script_and_expectations() -> tuple[str, list[list[str]]]:
    """The blocks as one session, with a mark after each step that says what to expect."""
    lines = ["set -euo pipefail"]
    expected: list[list[str]] = []
    for line in "\n".join(BLOCK.findall(README)).splitlines():
        if not line.startswith(EXPECTED):
            lines.append(line)
            continue
        if not lines[-1].startswith(f"echo '{END_OF_STEP}'"):
            lines.append(f"echo '{END_OF_STEP}'")
            expected.append([])
        expected[-1].append(line.removeprefix(EXPECTED))
    return "\n".join(lines), expected


BASH = shutil.which("bash")


@pytest.mark.skipif(BASH is None or shutil.which("curl") is None, reason="bash or curl is not installed")
def test_the_walk_runs_as_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tandem.db'}"
    shown = run_process("demo", url=url)
    assert shown.code == 0, shown.err
    key = re.search(r"tdm_\w+", shown.out)
    assert key is not None
    script, expected = script_and_expectations()
    assert len(expected) >= 15
    with served(url) as (_, address):
        done = subprocess.run(
            [str(BASH), "-c", script],
            env={**os.environ, "TANDEM": address, "KEY": key.group(), "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    steps = done.stdout.split(f"{END_OF_STEP}\n")
    for said, step in zip(expected, steps, strict=False):
        for text in said:
            assert text in step.splitlines() if text.isdecimal() else text in step, f"expected {text}\n{step}"
    assert done.returncode == 0, done.stderr
    assert len(steps) == len(expected) + 1


def test_what_the_readme_points_to_exists() -> None:
    assert [path for path in re.findall(r"\]\(([^)#:]+)\)", README) if not (ROOT / path).exists()] == []


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\s+#", README)) <= targets
