"""Handler authentication as a managed identity does it: a signed token, and documents to verify it against."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import msgspec
import pytest

from emulator.configuration import BadConfiguration, Identity, Settings, read_file
from emulator.upstream.identity import LIFETIME_SECONDS, SPARE_SECONDS, Signer
from shared.adapters.signing_keys import TenantKeys
from shared.trust import entra
from tests.backend.stage import settings
from tests.emulator.clients import connected
from tests.emulator.conftest import QUICK, Start
from tests.emulator.webhook import Webhook

RESOURCE = "api://my-backend"
TENANT, PRINCIPAL = "6b1d0a3e-2f6b-4a0e-9c59-0d2f6a1b7c11", "0f8c2d44-91a7-4d2c-8d0f-5e3a7b9c1d22"


def configured(tmp_path: Path, url: str, auth: dict[str, Any], **section: Any) -> Settings:
    handler = {"UrlTemplate": url, "SystemEvents": ["connect", "connected"], "EventPattern": "*", "Auth": auth}
    file = tmp_path / "settings.json"
    section["Hubs"] = {"chat": {"EventHandlers": [handler]}}
    file.write_bytes(msgspec.json.encode({"WebPubSub": section}))
    return msgspec.structs.replace(read_file(file), limits=QUICK)


async def test_a_handler_verifies_the_token_by_the_published_documents(
    start: Start, hook: Webhook, tmp_path: Path
) -> None:
    auth = {"Type": "ManagedIdentity", "ManagedIdentity": {"Resource": RESOURCE}}
    emulator = await start(configured(tmp_path, hook.url, auth))
    async with connected(emulator.endpoint) as client:
        await client.send(type="event", event="hello", dataType="text", data="x")
        requests = [*await hook.wait_for("connect", "connected", count=2), *await hook.wait_for("hello")]
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{emulator.endpoint}/identity/.well-known/openid-configuration") as answer,
    ):
        document = await answer.json()
    keys = jwt.PyJWKClient(document["jwks_uri"])
    for request in requests:
        scheme, token = request.headers["Authorization"].split(" ")
        key = await asyncio.to_thread(keys.get_signing_key_from_jwt, token)
        claims = jwt.decode(token, key, ["RS256"], audience=RESOURCE, issuer=document["issuer"])
        assert scheme == "Bearer" and claims["oid"]
    assert "Bearer" not in emulator.log.getvalue() and "eyJ" not in emulator.log.getvalue()


async def test_other_handlers_get_no_token(start: Start, hook: Webhook, tmp_path: Path) -> None:
    emulator = await start(configured(tmp_path, hook.url, {"Type": "None"}))
    async with connected(emulator.endpoint):
        (request,) = await hook.wait_for("connected")
    assert "Authorization" not in request.headers


def test_an_identity_without_a_resource_is_a_mistake(tmp_path: Path) -> None:
    for auth in ({"Type": "ManagedIdentity"}, {"Type": "ManagedIdentity", "ManagedIdentity": {"Resource": ""}}):
        with pytest.raises(BadConfiguration, match=r"ManagedIdentity\.Resource"):
            configured(tmp_path, "http://localhost/", auth)
    with pytest.raises(BadConfiguration, match="Type"):
        configured(tmp_path, "http://localhost/", {"Type": "Password"})


def test_a_token_is_made_anew_before_it_expires() -> None:
    identity = Signer("http://localhost:8080", Identity())
    first = identity.token(RESOURCE, 1_000_000)
    assert identity.token(RESOURCE, 1_000_000 + LIFETIME_SECONDS - SPARE_SECONDS - 1) == first
    assert identity.token(RESOURCE, 1_000_000 + LIFETIME_SECONDS - SPARE_SECONDS) != first
    assert identity.token("api://other", 1_000_000) != first


def test_a_restarted_stand_ins_key_has_another_name() -> None:
    first, second = (Signer("http://localhost:8080", Identity()).token(RESOURCE, 1_000_000) for _ in range(2))
    assert jwt.get_unverified_header(first)["kid"] != jwt.get_unverified_header(second)["kid"]


async def test_the_token_is_that_of_the_tenant_and_the_principal_that_are_configured(
    start: Start, hook: Webhook, tmp_path: Path
) -> None:
    """Verified by Chatr, as an application does that verifies Microsoft's tokens and was not written for this."""
    auth = {"Type": "ManagedIdentity", "ManagedIdentity": {"Resource": RESOURCE}}
    who = {"TenantId": TENANT, "PrincipalId": PRINCIPAL}
    emulator = await start(configured(tmp_path, hook.url, auth, Identity=who))
    async with connected(emulator.endpoint):
        (request,) = await hook.wait_for("connect")
    token = request.headers["Authorization"].removeprefix("Bearer ")
    keys = TenantKeys(TENANT, authority=f"{emulator.endpoint}/identity")
    expected = {"EVENT_HANDLER_AUDIENCE": RESOURCE, "EVENT_HANDLER_TENANT": TENANT}
    for principal, accepted in ((PRINCIPAL, True), (TENANT, False)):
        backend = settings(EVENT_HANDLER_AUTH="entra", EVENT_HANDLER_PRINCIPAL=principal, **expected)
        assert await entra.accepts(token, backend, keys) == accepted


def test_a_tenant_that_is_no_guid_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"Identity\.TenantId"):
        configured(tmp_path, "http://localhost/", {"Type": "None"}, Identity={"TenantId": "contoso"})
