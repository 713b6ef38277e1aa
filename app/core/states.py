"""State machines as data: which moves are legal, what a refusal says, and how the documentation draws them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.core.errors import Conflict

S = TypeVar("S", bound=StrEnum)


class IllegalTransition(Conflict):
    """Choose one of the statuses that `allowed` lists; where a planned transition is in the way, cancel that first."""

    code, title = "illegal-transition", "It does not move from this status to that one"


@dataclass(frozen=True, eq=False)
class StateMachine(Generic[S]):
    """The statuses of a `subject`, each with those that it may move to and by which endpoint.

    `begins` are the statuses in which one may be made. A status without moves is final.
    """

    subject: str
    begins: tuple[S, ...]
    moves: Mapping[S, Mapping[S, str]]

    def allowed(self, former: S) -> tuple[S, ...]:
        """The statuses to which `former` may move."""
        return tuple(self.moves[former])

    @property
    def final(self) -> frozenset[S]:
        """The statuses that are the end."""
        return frozenset(status for status, moves in self.moves.items() if not moves)

    def check(self, former: S, to: S, instead: str = "") -> None:
        """409 that names the legal moves, where `former → to` is none."""
        if to not in self.moves[former]:
            raise self.refusal(former, self.allowed(former), instead)

    def refusal(self, former: S, allowed: tuple[S, ...], instead: str = "") -> IllegalTransition:
        """Says where `former` can move to, and `instead` of what."""
        names = ", ".join(f"`{status}`" for status in allowed)
        names = names or ("nothing: it is final" if former in self.final else "nothing")
        told = f"The {self.subject} is `{former}`; from there it can move to {names}. {instead}".rstrip()
        return IllegalTransition(told, extra={"allowed": [str(status) for status in allowed]})

    def mermaid(self) -> str:
        """The machine as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", *(f"    [*] --> {status}" for status in self.begins)]
        for former, moves in self.moves.items():
            lines += [f"    {former} --> {to}: {how}" for to, how in moves.items()]
        lines += [f"    {status} --> [*]" for status in self.moves if status in self.final]
        return "\n".join(lines)
