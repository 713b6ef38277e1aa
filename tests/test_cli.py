"""The commands, run for real."""

import asyncio
import json
import shlex
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest
import pytest_asyncio
import sqlalchemy as sa

from app.cli import main
from app.core import clock
from app.db.dispatcher import open_database
from app.db.migrate import head
from app.settings import settings as read_settings
from tests.commands import Done, free_port, run_process
from tests.databases import Admin


class Tandem(Protocol):
    def __call__(self, *arguments: str, **environment: str) -> Done: ...


@pytest_asyncio.fixture(params=["sqlite", "postgres"], loop_scope="session")
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str) -> AsyncIterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tandem.db'}"
        return
    async with Admin(postgres_url) as admin:
        name = f"tandem_empty_{uuid4().hex[:12]}"
        yield await admin.create(name)
        await admin.drop(name)


@pytest.fixture
def migrated_file(sqlite_template: Path, sqlite_tests: object, tmp_path: Path) -> Path:
    """A migrated SQLite file of one's own."""
    file = tmp_path / "tandem.db"
    file.write_bytes(sqlite_template.read_bytes())
    return file


@pytest.fixture
def tandem(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Tandem]:
    """Runs a command within this process, on an SQLite file of its own unless told otherwise."""
    monkeypatch.setenv("TANDEM_DATABASE_URL", f"sqlite:///{tmp_path / 'tandem.db'}")

    def run(*arguments: str, **environment: str) -> Done:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["tandem", *arguments])
        read_settings.cache_clear()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    yield run
    read_settings.cache_clear()
    clock.use_time_zone("UTC")


def execute(url: str, *statements: str) -> None:
    def each(conn: sa.Connection) -> None:
        for statement in statements:
            conn.exec_driver_sql(statement)

    async def run() -> None:
        database = open_database(url)
        await database.write(each)
        await database.close()

    asyncio.run(run())


def test_migrates_and_says_from_where_to_where(tandem: Tandem, empty_url: str) -> None:
    first = tandem("migrate", TANDEM_DATABASE_URL=empty_url)
    assert (first.code, first.out) == (0, f"The schema went from nothing to {head()}.\n")
    assert tandem("migrate").out == f"The schema is at {head()} already.\n"


def test_makes_triggers_anew_that_somebody_has_dropped(tandem: Tandem, migrated_file: Path) -> None:
    execute(f"sqlite:///{migrated_file}", "DROP TRIGGER decision_append_only_update")
    assert "FAIL  triggers: missing: decision_append_only_update" in tandem("doctor").out
    tandem("migrate")
    assert "ok    triggers" in tandem("doctor").out


def test_leaves_a_database_alone_that_a_newer_version_has_migrated(tandem: Tandem, clone_url: str) -> None:
    execute(clone_url, "UPDATE alembic_version SET version_num = '9999'")
    for command in (("migrate",), ("serve",), ("keys", "list")):
        done = tandem(*command, TANDEM_DATABASE_URL=clone_url)
        assert done.code == 1
        assert "9999" in done.err
        assert "pgrade the service" in done.err


def test_leaves_a_database_alone_that_holds_the_tables_of_others(tandem: Tandem, empty_url: str) -> None:
    execute(empty_url, "CREATE TABLE orders (id integer)")
    done = tandem("migrate", TANDEM_DATABASE_URL=empty_url)
    assert (done.code, "tables that are not Tandem's (orders)" in done.err) == (1, True)


def test_goes_down_only_when_the_loss_is_accepted(tandem: Tandem, clone_url: str) -> None:
    refused = tandem("migrate", "--to", "base", TANDEM_DATABASE_URL=clone_url)
    assert (refused.code, "--accept-loss" in refused.err) == (1, True)
    assert tandem("migrate", "--to", "base", "--accept-loss").out == f"The schema went from {head()} to nothing.\n"
    assert tandem("migrate", "--to", "nowhere").err.startswith("tandem: There is no revision 'nowhere'")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://tandem@127.0.0.1:{closed}/tandem", "127.0.0.1:{closed} can't be reached"),
        ("{server}/not_there", "has no database 'not_there'"),
        ("sqlite:////not/there/tandem.db", "There is no folder /not/there"),
        ("mysql://localhost/tandem", "TANDEM_DATABASE_URL can't be used: must begin with sqlite:///"),
    ],
)
def test_says_in_one_sentence_what_is_wrong_with_the_address(
    tandem: Tandem, postgres_url: str, url: str, says: str
) -> None:
    places = {"closed": str(free_port()), "server": postgres_url.rpartition("/")[0]}
    done = tandem("migrate", TANDEM_DATABASE_URL=url.format(**places))
    assert done.code == 1
    assert says.format(**places) in done.err
    assert "Traceback" not in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TANDEM_HTTP_PORT", "many"),
        ("TANDEM_CALENDAR_TIME_ZONE", "Mars/Olympus"),
        ("TANDEM_LOG_FORMAT", "xml"),
        ("TANDEM_HTTP_PROT", "8000"),
    ],
)
def test_names_the_variable_that_it_cannot_use(tandem: Tandem, variable: str, value: str) -> None:
    done = tandem("keys", "list", **{variable: value})
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert variable in done.err


def test_refuses_to_serve_what_is_not_migrated(tandem: Tandem, empty_url: str) -> None:
    done = tandem("serve", TANDEM_DATABASE_URL=empty_url)
    assert (done.code, "tandem migrate" in done.err) == (1, True)


def test_refuses_several_processes_on_sqlite(tandem: Tandem, migrated_file: Path) -> None:
    done = tandem("serve", "--workers", "2")
    assert (done.code, "SQLite is served by one process" in done.err) == (1, True)


def test_refuses_an_address_that_is_taken(tandem: Tandem, migrated_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = tandem("serve", "--port", str(port))
    assert (done.code, f"port {port}" in done.err) == (1, True)


def test_a_key_is_shown_once_listed_and_revoked(tandem: Tandem, clone_url: str) -> None:
    made = tandem("keys", "create", "--role", "pmo_lead", "--name", "First", "--quiet", TANDEM_DATABASE_URL=clone_url)
    assert made.out.startswith("tdm_")
    assert len(made.out.split()) == 1
    second = tandem("keys", "create", "--role", "viewer", "--name", "Second", "--expires-in-days", "30")
    assert "shown this once" in second.out
    listed = tandem("keys", "list").out.splitlines()
    assert [line.split()[1] for line in listed] == ["pmo_lead", "viewer"]
    assert made.out.strip().rpartition("_")[2] not in "".join(listed)
    assert tandem("keys", "revoke", listed[1].split()[0]).out == "Revoked 'Second'.\n"
    assert "revoked" in tandem("keys", "list").out


def test_keeps_the_last_key_that_can_administer(tandem: Tandem, migrated_file: Path) -> None:
    tandem("keys", "create", "--role", "pmo_lead", "--name", "Only")
    id = tandem("keys", "list").out.split()[0]
    done = tandem("keys", "revoke", id)
    assert (done.code, "Create another key" in done.err) == (1, True)


def test_names_what_a_key_cannot_have(tandem: Tandem, migrated_file: Path) -> None:
    assert "--name" in tandem("keys", "create", "--role", "viewer", "--name", " ").err
    assert "no person" in tandem("keys", "create", "--role", "viewer", "--name", "N", "--person", "a@b.example").err
    assert "--role" in tandem("keys", "create", "--role", "king", "--name", "N").err


def test_prints_the_same_openapi_document_each_time() -> None:
    first, second = (run_process("openapi", url="sqlite:///absent.db", PYTHONHASHSEED=seed) for seed in "12")
    assert first == second
    assert first.code == 0
    assert first.out == json.dumps(json.loads(first.out), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def test_the_demo_prints_a_curl_line_that_works_each_time(tandem: Tandem, empty_url: str) -> None:
    first = tandem("demo", "--if-empty", TANDEM_DATABASE_URL=empty_url, TANDEM_HTTP_PORT="8123")
    again = tandem("demo", "--if-empty")
    assert "Loaded the demo: 12 people, 15 clients, 60 projects" in first.out
    assert "Loaded" not in again.out
    for done in (first, again):
        assert done.code == 0
        assert "Documentation: http://127.0.0.1:8123/docs" in done.out
    assert shlex.split(again.out.splitlines()[-1])[-1] == "http://127.0.0.1:8123/v1/projects?limit=3"
    states = [line.split()[2] for line in tandem("keys", "list").out.splitlines()]
    assert sorted(states) == ["active", "revoked"]
    refused = tandem("demo")
    assert (refused.code, "There is data already" in refused.err) == (1, True)


def test_the_demo_leaves_data_alone_that_is_not_its_own(tandem: Tandem, migrated_file: Path) -> None:
    folder = migrated_file.parent
    (folder / "agencies.csv").write_text("Agency\nHarbour Agency\n")
    tandem("import", "tock", str(folder))
    done = tandem("demo", "--if-empty")
    assert "The data is yours" in done.out
    assert tandem("keys", "list").out == ""


def test_stores_the_public_holidays_of_the_office(tandem: Tandem, migrated_file: Path) -> None:
    done = tandem("migrate", TANDEM_CALENDAR_COUNTRY="DE", TANDEM_CALENDAR_SUBDIVISION="BY")
    assert "Public holidays of DE" in done.out
    assert "Public holidays of DE: 0 days" in tandem("migrate").out
    with closing(sqlite3.connect(migrated_file)) as conn:
        epiphany = f"{clock.today().year}-01-06"
        assert conn.execute("SELECT source FROM calendar_day WHERE day = ?", (epiphany,)).fetchone() == ("holidays",)


def test_imports_a_folder_after_a_dry_run_and_changes_nothing_the_second_time(
    tandem: Tandem, clone_url: str, tmp_path: Path
) -> None:
    (tmp_path / "agencies.csv").write_text("Agency\nHarbour Agency\nLakeside Agency\n")
    run = ("import", "tock", str(tmp_path))
    rehearsed = tandem(*run, "--dry-run", TANDEM_DATABASE_URL=clone_url)
    assert "agencies.csv: 2 created, 0 updated, 0 unchanged, 0 failed" in rehearsed.out
    assert "nothing was kept" in rehearsed.out
    assert "agencies.csv: 2 created" in tandem(*run).out
    again = tandem(*run)
    assert (again.code, "0 created, 0 updated, 2 unchanged" in again.out) == (0, True)
    assert "employees.csv" in again.out  # what is not there is named


def test_an_import_with_a_bad_row_names_it_and_keeps_nothing(tandem: Tandem, migrated_file: Path) -> None:
    folder = migrated_file.parent
    (folder / "agencies.csv").write_text(f"Agency\nHarbour Agency\n{'x' * 300}\n")
    done = tandem("import", "tock", str(folder))
    assert done.code == 1
    assert "agencies.csv line 3" in done.out
    with closing(sqlite3.connect(migrated_file)) as conn:
        assert conn.execute("SELECT count(*) FROM client").fetchone() == (0,)


def test_takes_a_mapping_file_of_ones_own(tandem: Tandem, migrated_file: Path) -> None:
    folder = migrated_file.parent
    own = folder / "own.toml"
    own.write_text(
        'title = "Ours"\n[[tables]]\nresource = "clients"\nfile = "customers.csv"\n'
        '[tables.fields]\ncode = "No"\nname = "Customer"\n'
    )
    (folder / "customers.csv").write_text("No,Customer\nC1,Müller\n")
    assert "customers.csv: 1 created" in tandem("import", str(own), str(folder)).out
    own.write_text("title = ")
    assert "no TOML file" in tandem("import", str(own), str(folder)).err
    own.write_text('title = "Ours"')
    assert "is no mapping: tables" in tandem("import", str(own), str(folder)).err
    assert "There is no mapping 'nix'" in tandem("import", "nix", str(folder)).err


def test_the_doctor_finds_everything_in_order(tandem: Tandem, clone_url: str) -> None:
    tandem("keys", "create", "--role", "pmo_lead", "--name", "N", TANDEM_DATABASE_URL=clone_url)
    done = tandem("doctor")
    assert (done.code, "FAIL" in done.out) == (0, False)
    for what in ("settings", "time zone", "clock", "schema", "triggers", "API keys"):
        assert f"ok    {what}: " in done.out


def test_the_doctor_says_what_to_do(tandem: Tandem, empty_url: str) -> None:
    before = tandem("doctor", TANDEM_DATABASE_URL=empty_url)
    assert (before.code, "tandem migrate" in before.out.lower()) == (1, True)
    tandem("migrate")
    without_key = tandem("doctor")
    assert (without_key.code, without_key.out.count("FAIL")) == (1, 1)
    assert "tandem keys create --role pmo_lead" in without_key.out
    wrong = tandem("doctor", TANDEM_HTTP_PORT="0")
    assert (wrong.code, "TANDEM_HTTP_PORT" in wrong.out) == (1, True)


def test_the_doctor_tells_a_server_that_does_not_answer(tandem: Tandem) -> None:
    done = tandem("doctor", TANDEM_DATABASE_URL=f"postgresql://tandem@127.0.0.1:{free_port()}/tandem")
    assert (done.code, "FAIL  database: The database server 127.0.0.1:" in done.out) == (1, True)


def test_a_time_zone_decides_which_day_it_is(tandem: Tandem, migrated_file: Path) -> None:
    assert "in Pacific/Kiritimati" in tandem("doctor", TANDEM_CALENDAR_TIME_ZONE="Pacific/Kiritimati").out
