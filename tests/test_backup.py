"""Backups are made and put back while somebody writes, and are of one moment."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.db.backup import BackupRefused, back_up, put_back

# Each transaction adds to both tables, so a copy of one moment has as many rows in the one as in the other.
WRITER = """
import sqlite3, sys
conn = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
print("ready", flush=True)
while True:
    conn.execute("BEGIN IMMEDIATE")
    conn.execute("INSERT INTO left_hand VALUES (zeroblob(500))")
    conn.execute("INSERT INTO right_hand VALUES (zeroblob(500))")
    conn.execute("COMMIT")
"""


@pytest.fixture
def live(sqlite_template: Path, sqlite_tests: object, tmp_path: Path) -> Path:
    """A migrated file with two tables more, and some data."""
    file = tmp_path / "live.db"
    file.write_bytes(sqlite_template.read_bytes())
    with closing(sqlite3.connect(file)) as conn:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("CREATE TABLE left_hand (x)")
        conn.execute("CREATE TABLE right_hand (x)")
        add_data(conn)
        conn.commit()
    return file


def add_data(conn: sqlite3.Connection) -> None:
    conn.execute(
        "INSERT INTO audit_entry (id, at, action, subject_type, subject_id, request_id)"
        " VALUES ('a', '2026-01-01', 'created', 'client', 'b', 'r')"
    )


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Another process writes all the while."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(0.2)
        try:
            yield
        finally:
            writer.kill()


def hands(file: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(file)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        left = conn.execute("SELECT count(*) FROM left_hand").fetchone()[0]
        return left, conn.execute("SELECT count(*) FROM right_hand").fetchone()[0]


def test_a_backup_is_of_one_moment_while_another_process_writes(live: Path, tmp_path: Path) -> None:
    with writing(live):
        copies = []
        for number in range(5):
            copies.append(tmp_path / f"copy{number}.db")
            back_up(live, copies[-1])
    found = [hands(copy) for copy in copies]
    assert all(left == right > 0 for left, right in found)
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_a_backup_is_one_file_and_needs_no_other(live: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    back_up(live, folder / "copy.db")
    assert [path.name for path in folder.iterdir()] == ["copy.db"]


def test_a_backup_is_for_its_owner_alone(live: Path, tmp_path: Path) -> None:
    back_up(live, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0


def test_a_backup_never_overwrites_a_file(live: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(BackupRefused, match="exists already"):
        back_up(live, tmp_path / "copy.db")
    with pytest.raises(BackupRefused, match="no folder"):
        back_up(live, tmp_path / "nowhere" / "copy.db")
    with pytest.raises(BackupRefused, match="no database"):
        back_up(tmp_path / "absent.db", tmp_path / "other.db")


def test_what_is_put_back_is_what_was_backed_up(live: Path, tmp_path: Path) -> None:
    back_up(live, tmp_path / "copy.db")
    with closing(sqlite3.connect(live)) as conn:
        conn.execute("INSERT INTO left_hand VALUES (1)")
        conn.commit()
    with pytest.raises(BackupRefused, match="--force"):
        put_back(tmp_path / "copy.db", live)
    put_back(tmp_path / "copy.db", live, force=True)
    assert hands(live) == (0, 0)


def test_is_put_back_without_force_where_nothing_has_been_written(
    live: Path, sqlite_template: Path, tmp_path: Path
) -> None:
    back_up(live, tmp_path / "copy.db")
    migrated, absent = tmp_path / "migrated.db", tmp_path / "absent.db"
    migrated.write_bytes(sqlite_template.read_bytes())
    for target in (migrated, absent):
        put_back(tmp_path / "copy.db", target)
        assert hands(target) == (0, 0)


def test_whoever_has_the_file_open_sees_the_old_state_or_the_new_one(live: Path, tmp_path: Path) -> None:
    back_up(live, tmp_path / "copy.db")
    seen: set[tuple[int, int]] = set()
    stop = threading.Event()
    with closing(sqlite3.connect(live)) as conn:
        conn.executescript(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
            "INSERT INTO left_hand SELECT zeroblob(900) FROM n; INSERT INTO right_hand SELECT x FROM left_hand;"
        )

    def look() -> None:
        with closing(sqlite3.connect(live, timeout=30)) as reader:
            while not stop.is_set():
                counts = "SELECT (SELECT count(*) FROM left_hand), (SELECT count(*) FROM right_hand)"
                seen.add(reader.execute(counts).fetchone())

    looking = threading.Thread(target=look)
    looking.start()
    time.sleep(0.1)
    put_back(tmp_path / "copy.db", live, force=True)
    time.sleep(0.1)
    stop.set()
    looking.join()
    assert seen == {(2000, 2000), (0, 0)}


def test_a_kill_while_it_is_put_back_leaves_one_state_whole(live: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(live)) as conn:
        conn.executescript(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            "INSERT INTO left_hand SELECT zeroblob(900) FROM n; INSERT INTO right_hand SELECT x FROM left_hand;"
        )
    back_up(live, tmp_path / "copy.db")
    with closing(sqlite3.connect(live)) as conn:
        conn.execute("DELETE FROM left_hand")
        conn.execute("DELETE FROM right_hand")
        conn.commit()
    code = "import sys; from pathlib import Path; from app.db.backup import put_back; print('go', flush=True);"
    code += "put_back(Path(sys.argv[1]), Path(sys.argv[2]), True)"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    for delay in (0.0, 0.05, 0.15):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "copy.db"), str(live)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        ) as restoring:
            assert restoring.stdout is not None
            assert restoring.stdout.readline() == "go\n"
            time.sleep(delay)
            restoring.kill()
        assert hands(live) in {(0, 0), (20000, 20000)}


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to look like one" * 20])
def test_refuses_a_file_that_is_no_backup_of_ours(live: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(BackupRefused, match="no backup of Tandem"):
        put_back(tmp_path / "other", live, force=True)
    assert hands(live) == (0, 0)


def test_refuses_the_database_of_another_program_and_of_a_newer_version(live: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as conn:
        conn.execute("CREATE TABLE orders (id)")
    with pytest.raises(BackupRefused, match="no backup of Tandem"):
        put_back(tmp_path / "other.db", live, force=True)
    with pytest.raises(BackupRefused, match="the database itself"):
        put_back(live, live, force=True)
    with closing(sqlite3.connect(live)) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
        conn.commit()
    back_up(live, tmp_path / "newer.db")
    with pytest.raises(BackupRefused, match="upgrade the service"):
        put_back(tmp_path / "newer.db", tmp_path / "fresh.db")


def test_refuses_a_damaged_backup(live: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(live, copy)
    content = bytearray(copy.read_bytes())
    content[40 * 4096 : 60 * 4096] = b"\xff" * (20 * 4096)
    copy.write_bytes(content)
    with pytest.raises(BackupRefused, match="damaged"):
        put_back(copy, tmp_path / "fresh.db")
