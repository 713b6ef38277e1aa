"""Monotonic time that passes when a test says so."""

from types import ModuleType

import pytest


class Passing:
    """Stands for the module `time` in one of ours; the event loop keeps the real one."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def let_time_pass(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> Passing:
    """Let `module` see only the time that the test lets pass."""
    passing = Passing()
    monkeypatch.setattr(module, "time", passing)
    return passing
