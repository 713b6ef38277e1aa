"""Interleaved rounds, so that what disturbs one subject disturbs the others too."""

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping

Subject = Callable[[], Awaitable[None]]


async def interleaved(subjects: Mapping[str, Subject], rounds: int) -> dict[str, float]:
    """The median CPU of this process that each subject costs, in milliseconds; a first round warms up."""
    found: dict[str, list[float]] = {name: [] for name in subjects}
    for round in range(rounds + 1):
        for name, subject in subjects.items():
            began = time.process_time()
            await subject()
            if round:
                found[name].append((time.process_time() - began) * 1000)
    return {name: statistics.median(values) for name, values in found.items()}
