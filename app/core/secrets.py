"""API keys as their owners send them: `tdm_<id>_<secret>`, and what is stored of the secret."""

import hashlib
import secrets
from uuid import UUID

KEY_PREFIX = "tdm"


def new_secret() -> str:
    """256 random bits, without the `_` that parts a key."""
    return secrets.token_hex(32)


def hash_secret(secret: str) -> str:
    """What is stored of a secret. It has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def write_key(id: UUID, secret: str) -> str:
    """A key as its owner sends it."""
    return f"{KEY_PREFIX}_{id.hex}_{secret}"


def read_key(text: str) -> tuple[UUID, str] | None:
    """The id and the secret in a key, `None` when the text is none."""
    prefix, _, rest = text.partition("_")
    id, _, secret = rest.partition("_")
    if prefix != KEY_PREFIX or not secret or "_" in secret:
        return None
    try:
        return UUID(hex=id), secret
    except ValueError:
        return None
