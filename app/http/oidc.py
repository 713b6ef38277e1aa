"""Sign-in by tokens of an OpenID Connect provider: signature, issuer, audience and time are checked, then the role."""

import asyncio
import time
from typing import Any

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from app.core import clock
from app.core.caller import AccessRole
from app.core.errors import Unavailable

ALGORITHMS = ("RS256", "ES256", "Ed25519", "EdDSA")
# Only keys that are public by their kind: a token must never be checked with a secret that stands in public.
KEY_TYPES = ("RSA", "EC", "OKP")
LEEWAY_SECONDS = 30
KEPT_SECONDS = 600.0
# A token with a key id that nobody knows makes us ask the provider, at most this often.
ASKED_AGAIN_SECONDS = 60.0
TIMEOUT_SECONDS = 5.0

log = structlog.get_logger("oidc")


class ProviderUnreachable(Unavailable):
    """Retry in a minute, or sign in with an API key; the operator checks `TANDEM_OIDC_ISSUER` and the way there."""

    code, title = "provider-unreachable", "The identity provider's keys can't be read just now"


class _Signatures(JWSRegistry):
    """Takes providers' own headers and, without a warning for each token, `EdDSA`: RFC 9864 names it `Ed25519`."""

    def __init__(self) -> None:
        super().__init__(algorithms=ALGORITHMS, strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name] if name == "EdDSA" else super().get_alg(name)


class Provider:
    """An identity provider, whose public keys are fetched when first needed and kept for ten minutes."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        jwks_url: str | None = None,
        role_claim: str = "tandem_role",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._role_claim = role_claim
        self._transport = transport
        self._signatures = _Signatures()
        self._claims = JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )
        self._keys: KeySet | None = None
        self._fresh_until = 0.0
        self._ask_after = 0.0
        self._asking = asyncio.Lock()

    async def verify(self, token: str) -> tuple[str, AccessRole] | None:
        """The e-mail and access role that a token vouches for, `None` when it is not to be trusted."""
        if token.count(".") != 2:
            return None
        keys = await self._current_keys()
        try:
            try:
                claims = self._read(token, keys)
            except InvalidKeyIdError:
                claims = self._read(token, await self._ask(keys))
        except (JoseError, ValueError) as error:
            log.info("token refused", reason=type(error).__name__)
            return None
        return self._vouched(claims)

    def _read(self, token: str, keys: KeySet) -> dict[str, Any]:
        claims = jwt.decode(token, keys, registry=self._signatures).claims
        self._claims.validate(claims)
        return claims

    def _vouched(self, claims: dict[str, Any]) -> tuple[str, AccessRole] | None:
        email, said = claims.get("email"), claims.get(self._role_claim)
        roles = {role for role in (said if isinstance(said, list) else [said]) if role in list(AccessRole)}
        if not isinstance(email, str) or claims.get("email_verified") in (False, "false") or len(roles) != 1:
            log.info("token without a verified e-mail or without one access role", claim=self._role_claim)
            return None
        return email, AccessRole(roles.pop())

    async def _current_keys(self) -> KeySet:
        if self._keys is not None and time.monotonic() < self._fresh_until:
            return self._keys
        return await self._ask(self._keys)

    async def _ask(self, known: KeySet | None) -> KeySet:
        """The provider's keys, asked for anew unless that has just been done; those known when it does not answer."""
        async with self._asking:
            now = time.monotonic()
            if self._keys is not known and self._keys is not None:
                return self._keys  # another request has asked meanwhile
            if now >= self._ask_after:
                self._ask_after = now + ASKED_AGAIN_SECONDS
                try:
                    self._keys = await self._fetch()
                    self._fresh_until = now + KEPT_SECONDS
                except (httpx.HTTPError, httpx.InvalidURL, JoseError, ValueError, KeyError, TypeError) as error:
                    log.warning("identity provider does not answer", reason=type(error).__name__)
        if self._keys is None:
            raise ProviderUnreachable("Try again in a minute, or use an API key.", headers={"Retry-After": "60"})
        return self._keys

    async def _fetch(self) -> KeySet:
        async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_SECONDS) as client:
            address = self._jwks_url
            if address is None:
                discovered = await _get(client, self._issuer.rstrip("/") + "/.well-known/openid-configuration")
                if discovered["issuer"] != self._issuer:
                    raise ValueError("the discovery document is of another issuer")
                address = discovered["jwks_uri"]
            found = await _get(client, address)
        keys: list[Key] = [
            JWKRegistry.import_key(key)
            for key in found["keys"]
            if key.get("kty") in KEY_TYPES and key.get("use", "sig") == "sig"
        ]
        return KeySet(keys)


async def _get(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    answer = await client.get(address)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found
