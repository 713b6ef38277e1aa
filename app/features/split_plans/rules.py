"""How a plan is told, compared and cut into waves: no database."""

import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.features.split_plans.model import LOAD_SCALE, POINT, Binding, Bucket, Holders, Loads, Objective, Problem
from app.features.split_plans.objective import TIER, loads
from app.models.client import ClientTier

PARTS = ("total", "disruption", "overload", "misfit", "fragmentation")


def objective_json(objective: Objective | None) -> dict[str, str] | None:
    """Points, as decimals in text."""
    if objective is None:
        return None
    return {part: str(Decimal(getattr(objective, part)) / POINT) for part in PARTS}


def difference(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> dict[str, str] | None:
    if one is None or other is None:
        return None
    return {part: str(Decimal(one[part]) - Decimal(other[part])) for part in PARTS}


def loads_json(problem: Problem, holders: Holders) -> list[dict[str, Any]]:
    """What all carry who may hold a seat or hold one, before and after."""
    concerned = {id for group in problem.candidates.values() for id in group} | set(problem.holders().values())
    before, after = loads(problem, problem.holders()), loads(problem, holders)
    concerned |= set(holders.values())
    return [
        {"person_id": str(id), **_of(problem, id, before, after)} for id in sorted(concerned) if id in problem.people
    ]


def _of(problem: Problem, id: UUID, before: Loads, after: Loads) -> dict[str, str]:
    found = {}
    for bucket in Bucket:
        found[f"{bucket}_before"] = _load(before[id][bucket])
        found[f"{bucket}_after"] = _load(after[id][bucket])
        found[f"{bucket}_cap"] = _load(problem.people[id].caps[bucket])
    return found


def _load(units: int) -> str:
    return str(Decimal(units) / LOAD_SCALE)


def binding_json(binding: Binding) -> dict[str, Any]:
    return {
        "kind": binding.kind,
        "by": _load(binding.by) if binding.kind == "cap" else str(binding.by),
        "limit": _load(binding.limit) if binding.limit is not None else None,
        "sentence": binding.sentence,
        "bucket": binding.bucket,
        "role": binding.role,
        **{name: _text(getattr(binding, name)) for name in ("person_id", "project_id", "client_id")},
    }


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def burden(tier: str, communication: int, moves: int) -> float:
    """How much a client's hand-over asks: seats, weighed by the tier and by how much there is to talk about."""
    return moves * TIER[ClientTier(tier)] * communication


def cut(clients: Sequence[UUID], waves: int | None, at_most: int | None) -> list[list[UUID]]:
    """Clients in their order as `waves` parts of about the same size, or parts of `at_most`; never an empty one."""
    if at_most is not None:
        return [list(clients[start : start + at_most]) for start in range(0, len(clients), at_most)]
    parts = min(waves or 1, len(clients))
    edges = [round(index * len(clients) / parts) for index in range(parts + 1)]
    return [list(clients[start:end]) for start, end in itertools.pairwise(edges)]
