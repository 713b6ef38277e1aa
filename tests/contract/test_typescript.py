"""A TypeScript client that is generated from the contract compiles, where node is present."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from app.http.contract import render
from tests.contract.document import document

HERE = Path(__file__).parent / "typescript"
INSTALL = ("ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts")

# What has a default may be left out of a request.
OPTIONS = ("--default-non-nullable=false",)


@pytest.fixture(scope="module")
def packages(pytestconfig: pytest.Config) -> Path:
    """A folder with the locked packages, kept between runs; skips where they can't be had."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("typescript") / lock
    if not folder.exists():
        made = Path(tempfile.mkdtemp(dir=folder.parent))
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, made)
        try:
            subprocess.run([npm, *INSTALL], cwd=made, check=True, capture_output=True, timeout=120)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            shutil.rmtree(made, ignore_errors=True)
            said = (error.stderr or b"").decode(errors="replace").strip()[-500:]
            pytest.skip(f"npm can't install the packages here: {said or error}")
        made.rename(folder)
    return folder


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_a_generated_client_compiles(packages: Path, tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(render(document()), "utf-8")
    (tmp_path / "node_modules").symlink_to(packages / "node_modules", target_is_directory=True)
    for name in ("sample.ts", "tsconfig.json"):
        shutil.copy(HERE / name, tmp_path)
    programs = packages / "node_modules" / ".bin"
    generated = run(
        str(programs / "openapi-typescript"), "openapi.json", "-o", "contract.d.ts", *OPTIONS, folder=tmp_path
    )
    assert generated.returncode == 0, generated.stderr
    compiled = run(str(programs / "tsc"), "--project", "tsconfig.json", folder=tmp_path)
    assert compiled.returncode == 0, compiled.stdout
