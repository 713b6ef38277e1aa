import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import time_machine
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.core import clock
from app.core.caller import AccessRole
from app.http import oidc
from app.http.oidc import Provider, ProviderUnreachable
from app.http.sign_in import SignIn
from app.main import create_app
from app.settings import OidcSettings, Settings
from tests.databases import RolledBack
from tests.factories import make_person
from tests.passing import Passing, let_time_pass

ISSUER = "https://login.example"
AUDIENCE = "tandem"
EMAIL = "maria@agency.example"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig", "alg": "RS256"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
ENCRYPTING = RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"})


class Issuer:
    """An identity provider on no network, which counts what it is asked."""

    def __init__(self) -> None:
        self.keys: list[Any] = [RSA, EC, ED, ENCRYPTING]
        self.issuer = ISSUER
        self.works = True
        self.asked = 0
        routes = [Route("/.well-known/openid-configuration", self.discovery), Route("/keys", self.jwks)]
        self.transport = httpx.ASGITransport(Starlette(routes=routes))

    async def discovery(self, request: Request) -> Response:
        return JSONResponse({"issuer": self.issuer, "jwks_uri": f"{ISSUER}/keys"})

    async def jwks(self, request: Request) -> Response:
        self.asked += 1
        if not self.works:
            return Response(status_code=502)
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    def provider(self, **options: Any) -> Provider:
        return Provider(ISSUER, AUDIENCE, transport=self.transport, **options)


def claims(**changed: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    said = {"iss": ISSUER, "aud": AUDIENCE, "exp": now + 300, "nbf": now, "iat": now, "email": EMAIL}
    said |= {"email_verified": True, "tandem_role": "manager", **changed}
    return {name: value for name, value in said.items() if value is not None}


def token(said: dict[str, Any] | None = None, key: Key = RSA, alg: str = "RS256", kid: str | None = None) -> str:
    header = {"alg": alg, "kid": kid or str(key.kid)}
    return jwt.encode(header, said or claims(), key, algorithms=[alg])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    return let_time_pass(monkeypatch, oidc)


@pytest.mark.parametrize(("key", "alg"), [(RSA, "RS256"), (EC, "ES256"), (ED, "Ed25519")])
async def test_trusts_a_token_signed_with_a_key_of_the_issuer(issuer: Issuer, key: Key, alg: str) -> None:
    assert await issuer.provider().verify(token(key=key, alg=alg)) == (EMAIL, AccessRole.MANAGER)


async def test_trusts_the_former_name_of_ed25519_without_a_warning(issuer: Issuer) -> None:
    with pytest.warns(SecurityWarning):
        signed = token(key=ED, alg="EdDSA")
    assert await issuer.provider().verify(signed) == (EMAIL, AccessRole.MANAGER)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["other", "another"]},
        {"aud": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"nbf": 4_000_000_000},
        {"email": None},
        {"email": ["maria@agency.example"]},
        {"email_verified": False},
        {"email_verified": "false"},
        {"tandem_role": None},
        {"tandem_role": "emperor"},
        {"tandem_role": {"manager": True}},
        {"tandem_role": ["manager", "viewer"]},
    ],
    ids=str,
)
async def test_trusts_no_token_with_other_claims(issuer: Issuer, changed: dict[str, Any]) -> None:
    assert await issuer.provider().verify(token(claims(**changed))) is None


async def test_takes_one_audience_or_role_of_a_list(issuer: Issuer) -> None:
    said = claims(aud=["other", AUDIENCE], tandem_role=["staff", "viewer"])
    assert await issuer.provider().verify(token(said)) == (EMAIL, AccessRole.VIEWER)


async def test_takes_the_role_from_the_claim_that_is_set(issuer: Issuer) -> None:
    said = claims(tandem_role="pmo_lead", access="analyst")
    assert await issuer.provider(role_claim="access").verify(token(said)) == (EMAIL, AccessRole.ANALYST)


async def test_allows_for_clocks_that_differ_a_little(issuer: Issuer) -> None:
    now = int(clock.now().timestamp())
    provider = issuer.provider()
    assert await provider.verify(token(claims(exp=now - 10, nbf=now + 10))) is not None
    assert await provider.verify(token(claims(exp=now - 60))) is None
    assert await provider.verify(token(claims(nbf=now + 60))) is None


async def test_a_token_stops_when_it_expires(issuer: Issuer) -> None:
    provider, signed = issuer.provider(), token()
    assert await provider.verify(signed) is not None
    with time_machine.travel(clock.now().timestamp() + 400, tick=True):
        assert await provider.verify(signed) is None


async def test_an_unsigned_token_is_worth_nothing(issuer: Issuer) -> None:
    provider = issuer.provider()
    for alg in ("none", "None", "NONE", ""):
        for kid in ({}, {"kid": "rsa"}):
            assert await provider.verify(f"{part({'alg': alg, **kid})}.{part(claims())}.") is None


async def test_the_public_key_is_no_secret_to_sign_with(issuer: Issuer) -> None:
    provider = issuer.provider()
    known = (RSA.as_pem(private=False), RSA.as_der(private=False), json.dumps(RSA.as_dict(private=False)).encode())
    for public in known:
        signed = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(claims())}"
        mac = hmac.digest(public, signed.encode(), "sha256")
        assert await provider.verify(f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}") is None


async def test_a_secret_among_the_public_keys_is_not_used(issuer: Issuer) -> None:
    secret = OctKey.import_key("0123456789abcdef0123456789abcdef", {"kid": "oct"})

    class Published:
        def as_dict(self, private: bool) -> Any:
            return {**secret.as_dict(), "kid": "oct"}

    issuer.keys.append(Published())
    assert await issuer.provider().verify(token(key=secret, alg="HS256")) is None


async def test_a_key_for_encrypting_signs_nothing(issuer: Issuer) -> None:
    other = RSAKey.import_key(ENCRYPTING.as_dict(private=True) | {"use": "sig"})
    assert await issuer.provider().verify(token(key=other, kid="enc")) is None


async def test_another_key_with_the_same_id_signs_nothing(issuer: Issuer) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "rsa"})
    assert await issuer.provider().verify(token(key=stranger)) is None


async def test_an_algorithm_that_is_not_the_key_s_is_refused(issuer: Issuer) -> None:
    provider = issuer.provider()
    for alg in ("RS512", "PS256"):
        assert (
            await provider.verify(token(key=RSAKey.import_key(RSA.as_pem(private=True), {"kid": "rsa"}), alg=alg))
            is None
        )
    header, payload, signature = token(key=EC, alg="ES256").split(".")
    assert await provider.verify(f"{part({'alg': 'RS256', 'kid': 'ec'})}.{payload}.{signature}") is None
    assert await provider.verify(f"{part({'alg': 'ES256', 'kid': 'rsa'})}.{payload}.{signature}") is None
    assert header


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "x",
        "..",
        "a.b.c",
        "é.é.é",
        f"{part([])}.{part({})}.AA",
        f"{part(None)}.{part({})}.AA",
        f"{part({'alg': ['RS256'], 'kid': 'rsa'})}.{part({})}.AA",
        f"{part({'alg': 'RS256', 'kid': ['rsa']})}.{part({})}.AA",
        f"{part({'alg': 'RS256', 'kid': 'rsa', 'crit': ['exp']})}.{part({})}.AA",
        f"{part({'alg': 'RS256', 'kid': 'rsa', 'b64': False, 'crit': ['b64']})}.x.AA",
        "A" * 200_000 + ".B.C",
    ],
)
async def test_garbage_is_no_token(issuer: Issuer, garbage: str) -> None:
    assert await issuer.provider().verify(garbage) is None


async def test_asks_for_the_keys_once_in_ten_minutes(issuer: Issuer, passing: Passing) -> None:
    provider = issuer.provider()
    for _ in range(3):
        assert await provider.verify(token()) is not None
    assert issuer.asked == 1
    passing.seconds += 601
    assert await provider.verify(token()) is not None
    assert issuer.asked == 2


async def test_requests_at_once_ask_once(issuer: Issuer) -> None:
    provider, signed = issuer.provider(), token()
    assert None not in await asyncio.gather(*(provider.verify(signed) for _ in range(10)))
    assert issuer.asked == 1


async def test_an_unknown_key_id_makes_it_ask_again_once_a_minute(issuer: Issuer, passing: Passing) -> None:
    provider = issuer.provider()
    fresh = RSAKey.generate_key(2048, {"kid": "fresh"})
    assert await provider.verify(token()) is not None
    for _ in range(5):
        assert await provider.verify(token(key=fresh)) is None
    assert issuer.asked == 1
    issuer.keys.append(fresh)
    passing.seconds += 61
    assert await provider.verify(token(key=fresh)) is not None
    assert issuer.asked == 2


async def test_the_known_keys_serve_while_the_issuer_is_away(issuer: Issuer, passing: Passing) -> None:
    provider = issuer.provider()
    assert await provider.verify(token()) is not None
    issuer.works = False
    passing.seconds += 3600
    for _ in range(3):
        assert await provider.verify(token()) is not None
    assert issuer.asked == 2


async def test_says_that_the_issuer_is_away_when_there_are_no_keys_yet(issuer: Issuer) -> None:
    issuer.works = False
    with pytest.raises(ProviderUnreachable):
        await issuer.provider().verify(token())


async def test_a_discovery_document_of_another_issuer_counts_for_nothing(issuer: Issuer) -> None:
    issuer.issuer = "https://other.example"
    with pytest.raises(ProviderUnreachable):
        await issuer.provider().verify(token())
    assert await issuer.provider(jwks_url=f"{ISSUER}/keys").verify(token()) is not None


def test_an_issuer_without_an_audience_is_refused() -> None:
    with pytest.raises(ValidationError, match="audience"):
        OidcSettings(issuer=ISSUER)


@pytest_asyncio.fixture(loop_scope="session")
async def signed_in(database: RolledBack, settings: Settings, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that trusts `issuer`."""
    chosen = settings.model_copy(update={"oidc": OidcSettings(issuer=ISSUER, audience=AUDIENCE)})
    service = create_app(chosen, database)
    service.state.sign_in = SignIn(database, issuer.provider())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://tandem.test") as client:
        yield client


async def test_a_person_of_the_portfolio_signs_in_by_token(signed_in: httpx.AsyncClient, database: RolledBack) -> None:
    id = await database.write(make_person, EMAIL)
    said = claims(email=EMAIL.upper())
    answer = await signed_in.get("/v1/me", headers={"Authorization": f"Bearer {token(said)}"})
    me = answer.json()
    assert answer.status_code == 200
    assert (me["role"], me["key_id"], me["key_name"], me["sees_money"]) == ("manager", None, None, "own_projects")
    assert me["person"]["id"] == str(id)


async def test_a_stranger_s_token_signs_nobody_in(signed_in: httpx.AsyncClient) -> None:
    answer = await signed_in.get("/v1/me", headers={"Authorization": f"Bearer {token()}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


async def test_without_an_issuer_no_token_signs_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/me", headers={"Authorization": f"Bearer {token()}"})
    assert answer.status_code == 401
