"""Which webhook calls are accepted: those with a valid signature, secret or Entra token, and no others."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import jwt
import pytest
from aiohttp import web

from shared.adapters.signing_keys import AGAIN_SECONDS, KEEP_SECONDS, WITHOUT_KEYS_AGAIN_SECONDS, TenantKeys
from shared.backend import Backend
from shared.model.clock import now
from shared.model.errors import Unavailable
from shared.trust.verification import believed, signed
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import settings
from tests.backend.trust.tenant import AUDIENCE, ENTRA, PRINCIPAL, TENANT, Tenant

SECRET = "a-long-secret-for-the-webhook"


def backend(keys: TenantKeys | None = None, /, **changes: str) -> Backend:
    return Backend(settings(**changes), MemoryStore(), MemorySender(), now, keys)


def signature(connection_id: str, key: str) -> str:
    return "sha256=" + hmac.new(key.encode(), connection_id.encode(), hashlib.sha256).hexdigest()


async def test_any_of_the_listed_signatures_may_be_ours() -> None:
    served = backend()
    ours, theirs = signature("c1", served.settings.pubsub_access_key), signature("c1", "another key")
    for listed in (ours, f"{theirs},{ours}", f"{theirs}, {ours}", f"{ours}, {theirs}", ours.upper()):
        assert await believed({"ce-connectionid": "c1", "ce-signature": listed}, "", served)
    for listed in (theirs, "", "sha256=", ours[:-1], ours.removeprefix("sha256=")):
        assert not await believed({"ce-connectionid": "c1", "ce-signature": listed}, "", served)


async def test_a_signature_is_worth_nothing_for_another_connection() -> None:
    served = backend()
    ours = signature("c1", served.settings.pubsub_access_key)
    assert not await believed({"ce-connectionid": "c2", "ce-signature": ours}, "", served)
    assert not await believed({"ce-signature": signature("", served.settings.pubsub_access_key)}, "", served)


def test_no_signature_counts_where_there_is_no_key_to_sign_with() -> None:
    assert not signed({"ce-connectionid": "c1", "ce-signature": signature("c1", "")}, "")


async def test_a_secret_counts_only_where_it_is_configured() -> None:
    served = backend(EVENT_HANDLER_AUTH="secret", EVENT_HANDLER_SECRET=SECRET)
    assert await believed({}, SECRET, served)
    for code in ("", SECRET[:-1], SECRET + "x", "é"):
        assert not await believed({}, code, served)
    assert not await believed({}, SECRET, backend(EVENT_HANDLER_SECRET=SECRET))
    assert not await believed({}, "", backend(EVENT_HANDLER_AUTH=""))


async def test_while_the_secret_changes_the_one_before_counts_too_and_then_no_more() -> None:
    changing = {"EVENT_HANDLER_AUTH": "secret", "EVENT_HANDLER_SECRET": "a-new-secret-for-the-webhook"}
    served = backend(**changing, EVENT_HANDLER_SECRET_BEFORE=SECRET)
    assert await believed({}, "a-new-secret-for-the-webhook", served)
    assert await believed({}, SECRET, served)
    assert not await believed({}, "", served)
    assert not await believed({}, SECRET, backend(**changing))


async def test_while_the_access_key_changes_instances_with_either_believe_the_service() -> None:
    """The service has two keys and signs with both."""
    keys = ("the-first-key-0123456789abcdef", "the-second-key-0123456789abcdef")
    headers = {"ce-connectionid": "c1", "ce-signature": ",".join(signature("c1", key) for key in keys)}
    for key, believes in ((keys[0], True), (keys[1], True), ("a-third", False)):
        connection = f"Endpoint=https://name.webpubsub.azure.com;AccessKey={key};Version=1.0;"
        served = backend(PUBSUB_CONNECTION_STRING=connection)
        assert await believed(headers, "", served) is believes


async def test_with_nothing_configured_nobody_is_believed() -> None:
    served = backend(EVENT_HANDLER_AUTH="")
    ours = signature("c1", served.settings.pubsub_access_key)
    assert not await believed({"ce-connectionid": "c1", "ce-signature": ours}, "", served)


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


async def test_a_token_counts_only_as_a_bearers_however_that_is_written(tenant: Tenant) -> None:
    served = backend(TenantKeys(TENANT, tenant.address), **ENTRA)
    for scheme in ("bearer", "BEARER", "Bearer  "):
        assert await accepted(served, tenant.token(), scheme)
    for scheme in ("Digest", "Basic ", ""):
        assert not await accepted(served, tenant.token(), scheme)


async def test_a_token_counts_only_where_that_is_configured(tenant: Tenant) -> None:
    keys, elsewhere = TenantKeys(TENANT, tenant.address), {**ENTRA, "EVENT_HANDLER_AUTH": "signature"}
    assert await accepted(backend(keys, **ENTRA), tenant.token())
    assert not await accepted(backend(keys, **elsewhere), tenant.token())
    assert not await accepted(backend(**ENTRA), tenant.token())


WRONG_CLAIMS = [
    {"oid": "another-principal"},
    {"oid": None},
    {"tid": "another-tenant"},
    {"tid": None},
    {"aud": "api://another-app"},
    {"aud": None},
    {"iss": "https://login.microsoftonline.com/another-tenant/v2.0"},
    {"iss": "https://sts.windows.net/another-tenant/"},
    {"iss": f"https://login.microsoftonline.com/{TENANT}/v1.0"},
    {"iss": f"https://login.microsoftonline.com.evil.example/{TENANT}/v2.0"},
    {"oid": PRINCIPAL.upper()},
    {"oid": [PRINCIPAL]},
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
    unsigned = jwt.encode(claims, "", "none", headers={"kid": "k1"})
    for token in (forger.token(), shared_key, unsigned, "x.y.z", "\udcff.y.z", ""):
        assert not await accepted(served, token)
    assert not await accepted(served, tenant.token(), scheme="Basic")
    assert not await accepted(backend(), tenant.token())


CLOCKS_APART = [
    ({"exp": -240}, True),
    ({"exp": -360}, False),
    ({"exp": 600, "nbf": 240}, True),
    ({"exp": 600, "nbf": 360}, False),
    ({"exp": 600, "iat": 360}, False),
]


@pytest.mark.parametrize(("times", "counts"), CLOCKS_APART, ids=str)
async def test_clocks_may_be_five_minutes_apart_and_no_more(
    tenant: Tenant, times: dict[str, int], counts: bool
) -> None:
    served = backend(TenantKeys(TENANT, tenant.address), **ENTRA)
    now_seconds = int(time.time())
    token = tenant.token(**{claim: now_seconds + seconds for claim, seconds in times.items()})
    assert await accepted(served, token) is counts


async def test_the_tenants_id_counts_however_it_is_written_in_the_settings(tenant: Tenant) -> None:
    shouting = {"EVENT_HANDLER_TENANT": TENANT.upper(), "EVENT_HANDLER_PRINCIPAL": PRINCIPAL.upper()}
    assert await accepted(backend(TenantKeys(TENANT, tenant.address), **{**ENTRA, **shouting}), tenant.token())


OTHER = "9188040d-6c67-4c5b-b112-36a304b66dad"
# Microsoft publishes keys of several issuers side by side; consumers' keys once signed tokens for companies.
ISSUERS = [
    ({"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}, True),
    ({"issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0"}, True),
    ({"issuer": f"https://sts.windows.net/{TENANT}/"}, True),
    ({"issuer": f"https://login.microsoftonline.com/{OTHER}/v2.0"}, False),
    ({"issuer": f"https://login.microsoftonline.com/{OTHER}/v2.0?{TENANT}"}, False),
    ({"use": "enc"}, False),
]


@pytest.mark.parametrize(("about", "counts"), ISSUERS, ids=str)
async def test_a_key_counts_only_for_signatures_of_its_own_issuer(
    tenant: Tenant, about: dict[str, str], counts: bool
) -> None:
    tenant.new_key("k2")
    tenant.about["k2"] = about
    served = backend(TenantKeys(TENANT, tenant.address), **ENTRA)
    assert await accepted(served, tenant.token("k2")) is counts
    assert await accepted(served, tenant.token("k1"))


async def test_keys_of_other_kinds_beside_ours_do_no_harm(tenant: Tenant) -> None:
    """In an algorithm confusion attack, a token is signed with HMAC under the id of a public key."""
    curve = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43, "kid": "k3", "use": "sig"}
    tenant.others = [{"kty": "oct", "k": "a" * 43, "kid": "k2", "use": "sig"}, curve, {"kty": "RSA", "kid": ""}]
    served = backend(TenantKeys(TENANT, tenant.address), **ENTRA)
    assert await accepted(served, tenant.token())
    for key_id in ("k2", "k3"):
        forged = jwt.encode({"aud": AUDIENCE}, "k" * 40, "HS256", headers={"kid": key_id})
        assert not await accepted(served, forged)


async def test_a_header_made_to_break_its_reader_is_only_refused(tenant: Tenant) -> None:
    served = backend(TenantKeys(TENANT, tenant.address), **ENTRA)
    for header in (
        b"[" * 9_000,
        b'{"alg":"RS256","kid":5}',
        b'{"alg":"RS256","kid":null}',
        b"\xff",
        b'{"alg":["RS256"]}',
    ):
        assert not await accepted(served, base64.urlsafe_b64encode(header).decode() + ".e30.AAAA")


async def test_new_keys_are_fetched_but_a_forger_cannot_make_us_ask_again_and_again(tenant: Tenant) -> None:
    seconds = Seconds()
    served = backend(TenantKeys(TENANT, tenant.address, seconds), **ENTRA)
    assert await accepted(served, tenant.token())
    tenant.new_key("k2")
    for _ in range(5):
        assert not await accepted(served, tenant.token("k2"))
    assert tenant.asked == 1
    seconds.value += AGAIN_SECONDS
    assert await accepted(served, tenant.token("k2"))
    assert tenant.asked == 2


async def test_a_storm_of_made_up_key_ids_at_once_asks_once(tenant: Tenant) -> None:
    served = backend(TenantKeys(TENANT, tenant.address, Seconds()), **ENTRA)
    forger = Tenant()
    forger.new_key("k0")
    key = forger.keys["k0"]
    forged = [jwt.encode({"aud": AUDIENCE}, key, "RS256", headers={"kid": f"made-up-{number}"}) for number in range(50)]
    outcomes = await asyncio.gather(*(accepted(served, token) for token in [*forged, tenant.token()]))
    assert outcomes == [False] * 50 + [True]
    assert tenant.asked == 1


async def test_a_key_that_is_withdrawn_counts_no_more_after_a_day(tenant: Tenant) -> None:
    seconds = Seconds()
    served = backend(TenantKeys(TENANT, tenant.address, seconds), **ENTRA)
    tenant.new_key("k2")
    withdrawn = tenant.token("k1")
    assert await accepted(served, withdrawn)
    del tenant.keys["k1"]
    seconds.value += KEEP_SECONDS
    assert not await accepted(served, withdrawn)
    assert await accepted(served, tenant.token("k2"))


async def test_without_keys_the_call_is_to_be_repeated_and_entra_is_given_a_rest(tenant: Tenant) -> None:
    seconds = Seconds()
    served = backend(TenantKeys(TENANT, tenant.address, seconds), **ENTRA)
    tenant.down = True
    for _ in range(5):
        with pytest.raises(Unavailable):
            await accepted(served, tenant.token())
    assert tenant.asked == 1
    tenant.down = False
    seconds.value += WITHOUT_KEYS_AGAIN_SECONDS
    assert await accepted(served, tenant.token())


@pytest.mark.parametrize("passed", [AGAIN_SECONDS, KEEP_SECONDS])
async def test_known_keys_go_on_working_while_entra_is_away(tenant: Tenant, passed: float) -> None:
    seconds = Seconds()
    served = backend(TenantKeys(TENANT, tenant.address, seconds), **ENTRA)
    assert await accepted(served, tenant.token())
    tenant.down, seconds.value = True, passed
    tenant.new_key("k2")
    for _ in range(5):
        assert not await accepted(served, tenant.token("k2"))
        assert await accepted(served, tenant.token())
    assert tenant.asked == 2
