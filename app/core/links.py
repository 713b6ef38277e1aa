"""Links for people at the client's, who have no account: signed, expiring, and kept nowhere."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OctKey
from joserfc.jwt import JWTClaimsRegistry

from app.core import clock
from app.core.errors import AppError, Conflict, NotFound

ALGORITHM = "HS256"
AUDIENCE = "tandem client link"
PATH = "/v1/client-links/"


class UnknownLink(NotFound):
    """Open the link as it was sent, whole; or ask your contact at the agency for another."""

    code, title = "unknown-link", "This link is not one of ours"


class LinkGone(AppError):
    """Ask your contact at the agency for a new link, or simply for the answer."""

    status, code, title = 410, "link-gone", "This link is no longer valid"


class AlreadyAnswered(Conflict):
    """Call your contact at the agency where you have changed your mind: a link takes one answer."""

    code, title = "already-answered", "This has been answered already"


class LinkKind(StrEnum):
    HANDOVER_NOTICE = "handover_notice"
    CHANGE_DECISION = "change_decision"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is about: a record, as it read when the link was made (`version`), and until when it holds."""

    kind: LinkKind
    subject_id: UUID
    version: str
    expires_at: datetime


class Signer:
    """Makes and reads links. Whoever has the secret could make their own, so it never leaves the settings."""

    def __init__(self, secret: str, days: int, base_url: str | None = None) -> None:
        self._key = OctKey.import_key(hashlib.sha256(secret.encode()).digest())
        self._days = days
        self._base = (base_url or "").rstrip("/") + PATH
        self._claims = JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
        )

    def sign(self, kind: LinkKind, subject_id: UUID, version: str) -> tuple[str, datetime]:
        """The address of a link, absolute where the base URL is set, and when it expires."""
        expires_at = (clock.now() + timedelta(days=self._days)).replace(microsecond=0)
        claims = {
            "aud": AUDIENCE,
            "kind": kind,
            "sub": str(subject_id),
            "version": version,
            "exp": int(expires_at.timestamp()),
        }
        return self._base + jwt.encode({"alg": ALGORITHM}, claims, self._key), expires_at

    def read(self, token: str) -> Link:
        """What a link's token says; 404 where it is not ours, 410 where it has expired."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            self._claims.validate(claims)
            return Link(
                LinkKind(claims["kind"]),
                UUID(claims["sub"]),
                str(claims["version"]),
                datetime.fromtimestamp(claims["exp"], UTC),
            )
        except ExpiredTokenError:
            raise LinkGone("It has expired: ask your contact at the agency for a new one.") from None
        except (JoseError, ValueError, KeyError, TypeError):
            raise UnknownLink("Open the link as it was sent, whole, or ask your contact at the agency.") from None


def version_of(*parts: str) -> str:
    """What binds a link to the words that were sent."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
