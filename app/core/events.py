"""What a domain event is: a name in the past tense and the ids of what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """`data` holds ids and figures, never names or free text (a person can be forgotten, an event cannot)."""

    type: str
    subject_type: str
    subject_id: UUID
    data: Mapping[str, object] = field(default_factory=dict)
