"""Which webhook calls are believed: signature, secret and Entra token, and that nothing else passes."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.adapters.signing_keys import REFRESH_SECONDS, TenantKeys
from shared.backend import Backend
from shared.clock import now
from shared.errors import Unavailable
from shared.verification import believed
from tests.backend.memory_sender import MemorySender
from tests.backend.memory_store import MemoryStore
from tests.backend.stage import settings

TENANT, PRINCIPAL, AUDIENCE = "tenant-1", "principal-1", "api://chatr"
SECRET = "a-long-secret-for-the-webhook"
ENTRA = {
    "EVENT_HANDLER_AUTH": "entra",
    "EVENT_HANDLER_TENANT": TENANT,
    "EVENT_HANDLER_PRINCIPAL": PRINCIPAL,
    "EVENT_HANDLER_AUDIENCE": AUDIENCE,
}


def backend(keys: TenantKeys | None = None, **changes: str) -> Backend:
    return Backend(settings(**changes), MemoryStore(), MemorySender(), now, keys)


def signature(connection_id: str, key: str) -> str:
    return "sha256=" + hmac.new(key.encode(), connection_id.encode(), hashlib.sha256).hexdigest()


async def test_any_of_the_listed_signatures_may_be_ours() -> None:
    served = backend()
    ours, theirs = signature("c1", served.settings.pubsub_access_key), signature("c1", "another key")
    for listed in (ours, f"{theirs},{ours}", f"{ours}, {theirs}", ours.upper()):
        assert await believed({"ce-connectionid": "c1", "ce-signature": listed}, "", served)
    for listed in (theirs, "", "sha256=", ours[:-1], ours.removeprefix("sha256=")):
        assert not await believed({"ce-connectionid": "c1", "ce-signature": listed}, "", served)


async def test_a_signature_is_worth_nothing_for_another_connection() -> None:
    served = backend()
    ours = signature("c1", served.settings.pubsub_access_key)
    assert not await believed({"ce-connectionid": "c2", "ce-signature": ours}, "", served)
    assert not await believed({"ce-signature": signature("", served.settings.pubsub_access_key)}, "", served)


async def test_a_secret_counts_only_where_it_is_configured() -> None:
    served = backend(EVENT_HANDLER_AUTH="secret", EVENT_HANDLER_SECRET=SECRET)
    assert await believed({}, SECRET, served)
    for code in ("", SECRET[:-1], SECRET + "x", "é"):
        assert not await believed({}, code, served)
    assert not await believed({}, SECRET, backend(EVENT_HANDLER_SECRET=SECRET))
    assert not await believed({}, "", backend(EVENT_HANDLER_AUTH=""))


async def test_with_nothing_configured_nobody_is_believed() -> None:
    served = backend(EVENT_HANDLER_AUTH="")
    ours = signature("c1", served.settings.pubsub_access_key)
    assert not await believed({"ce-connectionid": "c1", "ce-signature": ours}, "", served)


@dataclass
class Tenant:
    """A stand-in for Entra's key documents, which counts how often it is asked."""

    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    asked: int = 0
    down: bool = False
    address: str = ""

    def new_key(self, key_id: str) -> None:
        self.keys[key_id] = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, key_id: str = "k1", **changes: object) -> str:
        claims = {
            "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
            "aud": AUDIENCE,
            "tid": TENANT,
            "oid": PRINCIPAL,
            "exp": int(time.time()) + 600,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.keys[key_id], "RS256", headers={"kid": key_id})

    async def configuration(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.down:
            raise web.HTTPServiceUnavailable
        return web.json_response({"jwks_uri": f"{self.address}/keys"})

    async def key_set(self, request: web.Request) -> web.Response:
        algorithm = jwt.algorithms.RSAAlgorithm
        keys = [{**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid} for kid, key in self.keys.items()]
        return web.json_response({"keys": keys})


@pytest.fixture
async def tenant() -> AsyncIterator[Tenant]:
    served = Tenant()
    served.new_key("k1")
    app = web.Application()
    app.router.add_get(f"/{TENANT}/v2.0/.well-known/openid-configuration", served.configuration)
    app.router.add_get("/keys", served.key_set)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


@dataclass
class Seconds:
    """A clock that a test moves."""

    value: float = 0

    def __call__(self) -> float:
        return self.value


async def accepted(served: Backend, token: str, scheme: str = "Bearer") -> bool:
    return await believed({"authorization": f"{scheme} {token}"}, "", served)


async def test_the_services_own_token_is_believed(tenant: Tenant) -> None:
    served = backend(TenantKeys(TENANT, tenant.address), **ENTRA)
    assert await accepted(served, tenant.token())
    assert await accepted(served, tenant.token(iss=f"https://sts.windows.net/{TENANT}/", aud="chatr"))
    assert tenant.asked == 1


WRONG_CLAIMS = [
    {"oid": "another-principal"},
    {"oid": None},
    {"tid": "another-tenant"},
    {"tid": None},
    {"aud": "api://another-app"},
    {"aud": None},
    {"iss": "https://login.microsoftonline.com/another-tenant/v2.0"},
    {"iss": None},
    {"exp": 1_000_000_000},
    {"exp": None},
    {"nbf": 9_000_000_000},
]


@pytest.mark.parametrize("wrong", WRONG_CLAIMS, ids=str)
async def test_a_token_with_a_wrong_claim_is_refused(tenant: Tenant, wrong: dict[str, object]) -> None:
    served = backend(TenantKeys(TENANT, tenant.address), **ENTRA)
    assert not await accepted(served, tenant.token(**wrong))


async def test_a_token_that_entra_did_not_sign_is_refused(tenant: Tenant) -> None:
    served = backend(TenantKeys(TENANT, tenant.address), **ENTRA)
    forger = Tenant()
    forger.new_key("k1")
    claims = jwt.decode(tenant.token(), options={"verify_signature": False})
    shared_key = jwt.encode(claims, "k" * 40, "HS256", headers={"kid": "k1"})
    unsigned = jwt.encode(claims, None, "none", headers={"kid": "k1"})
    for token in (forger.token(), shared_key, unsigned, "x.y.z", "\udcff.y.z", ""):
        assert not await accepted(served, token)
    assert not await accepted(served, tenant.token(), scheme="Basic")
    assert not await accepted(backend(), tenant.token())


async def test_new_keys_are_fetched_but_a_forger_cannot_make_us_ask_again_and_again(tenant: Tenant) -> None:
    seconds = Seconds()
    served = backend(TenantKeys(TENANT, tenant.address, seconds), **ENTRA)
    assert await accepted(served, tenant.token())
    tenant.new_key("k2")
    for _ in range(5):
        assert not await accepted(served, tenant.token("k2"))
    assert tenant.asked == 1
    seconds.value += REFRESH_SECONDS
    assert await accepted(served, tenant.token("k2"))
    assert tenant.asked == 2


async def test_without_keys_the_call_is_to_be_repeated_and_known_keys_go_on_working(tenant: Tenant) -> None:
    seconds = Seconds()
    served = backend(TenantKeys(TENANT, tenant.address, seconds), **ENTRA)
    tenant.down = True
    with pytest.raises(Unavailable):
        await accepted(served, tenant.token())
    tenant.down = False
    assert await accepted(served, tenant.token())
    tenant.down, seconds.value = True, REFRESH_SECONDS
    tenant.new_key("k2")
    assert not await accepted(served, tenant.token("k2"))
    assert await accepted(served, tenant.token())
