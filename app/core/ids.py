"""Identifiers: UUIDv7 (RFC 9562), so that ids sort by the time they were made."""

import os
import time
from uuid import UUID, uuid4


def new_id() -> UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62
    return UUID(int=value | random & 0x3FFF_FFFF_FFFF_FFFF)


def timeless_id() -> UUID:
    """A new UUIDv4, for what must not tell when it was made: it sorts by nothing."""
    return uuid4()
