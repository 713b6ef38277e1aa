"""Running `tandem` from tests: within this process where that is enough, as a process where it matters."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]
START_SECONDS = 60


@dataclass(frozen=True)
class Done:
    """What became of a command."""

    code: int
    out: str
    err: str


def environment(url: str, **settings: str) -> dict[str, str]:
    """The environment of a process of its own: ours, without any setting of Tandem's but these."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    return {**ours, "TANDEM_DATABASE_URL": url, "PYTHONPATH": str(Path(__file__).parents[1]), **settings}


def run_process(*arguments: str, url: str, **settings: str) -> Done:
    """Run a command to its end in a process of its own."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        env=environment(url, **settings),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


class Running:
    """A command that goes on until it is stopped. What it prints goes to a file, since a pipe that is full stops it."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def output(self) -> str:
        return self._log.read_text()

    def stop(self, number: int = signal.SIGTERM, seconds: float = 30) -> int:
        """Send a signal, wait for the end, and answer the exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


@contextmanager
def started(*arguments: str, url: str, **settings: str) -> Iterator[Running]:
    """A command that goes on until it is stopped; killed at the end of the block if it still runs."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*COMMAND, *arguments], env=environment(url, **settings), stdout=out, stderr=subprocess.STDOUT
            )
        try:
            yield Running(process, log)
        finally:
            process.kill()
            process.wait(10)


@contextmanager
def served(url: str, **settings: str) -> Iterator[tuple[Running, str]]:
    """The real service on a free port, with its address, once it is ready."""
    address = f"http://127.0.0.1:{free_port()}"
    with started("serve", "--port", address.rpartition(":")[2], url=url, **settings) as running:
        deadline = time.monotonic() + START_SECONDS
        while not _is_ready(address):
            if running.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(running.output)
            time.sleep(0.1)
        yield running, address


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
