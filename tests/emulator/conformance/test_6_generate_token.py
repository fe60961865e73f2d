"""Section 6: ``:generateToken``, and REST calls with Microsoft Entra tokens."""

import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from azure.core.credentials import AccessToken, AccessTokenInfo
from azure.core.exceptions import ClientAuthenticationError
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient
from cryptography.hazmat.primitives.asymmetric import rsa

from emulator.configuration import DEFAULT_ACCESS_KEY, Settings, entra_trust, read_file
from emulator.entra import Trust
from emulator.key_document import REREAD_SECONDS, KeyDocument, keys_of
from tests.emulator.clients import PLAIN, opened, rest_token
from tests.emulator.conftest import QUICK, Start
from tests.emulator.node import node

SCOPE = "https://webpubsub.azure.com/.default"
UNVALIDATED = Settings(entra=Trust(unvalidated=True), limits=QUICK)
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)


def key_document(key: rsa.RSAPrivateKey = KEY, **changes: Any) -> bytes:
    """The JSON Web Key Set with the public half of a key."""
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return json.dumps({"keys": [{**public, "kid": "k1", "alg": "RS256", "use": "sig", **changes}]}).encode()


VERIFIED = Settings(entra=Trust(keys_of(key_document())), limits=QUICK)


def entra_token(key: rsa.RSAPrivateKey = KEY, kid: str = "k1", **claims: Any) -> str:
    """A token as Microsoft Entra gives it to a service principal."""
    all_claims = {"aud": "https://webpubsub.azure.com", "oid": "o", "exp": int(time.time()) + 3600, **claims}
    present = {name: value for name, value in all_claims.items() if value is not None}
    return jwt.encode(present, key, algorithm="RS256", headers={"kid": kid})


def symmetric_token() -> str:
    """A token that names a key of the document but is signed with a secret."""
    claims = {"aud": "https://webpubsub.azure.com", "exp": int(time.time()) + 60}
    return jwt.encode(claims, "k" * 32, algorithm="HS256", headers={"kid": "k1"})


class Credential:
    """A ``TokenCredential`` that has its token already; both forms that azure-core asks for."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.scopes: list[str] = []

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.scopes += scopes
        return AccessToken(self.token, int(time.time()) + 3600)

    async def get_token_info(self, *scopes: str, options: Any = None) -> AccessTokenInfo:
        self.scopes += scopes
        return AccessTokenInfo(self.token, int(time.time()) + 3600)

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> "Credential":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


async def generate(endpoint: str, query: str = "", token: str | None = None) -> tuple[int, dict[str, Any]]:
    """Status and body of one ``:generateToken``."""
    headers = {"Authorization": f"Bearer {token or entra_token()}"}
    url = f"{endpoint}/api/hubs/chat/:generateToken?{query}"
    async with aiohttp.ClientSession() as session, session.post(url, headers=headers) as response:
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        return response.status, await response.json()


def claims_of(token: str, audience: str) -> dict[str, Any]:
    return jwt.decode(token, DEFAULT_ACCESS_KEY, algorithms=["HS256"], audience=audience)


async def test_the_python_sdk_gets_client_tokens_with_a_token_credential(start: Start) -> None:
    endpoint = (await start(VERIFIED)).endpoint
    credential = Credential(entra_token())
    async with WebPubSubServiceClient(endpoint, "chat", credential) as service:
        token = await service.get_client_access_token(
            user_id="zoë 1",
            roles=["webpubsub.sendToGroup.a", "webpubsub.joinLeaveGroup"],
            groups=["g 1", "g2"],
            minutes_to_expire=5,
            enforce_https=False,
        )
        assert credential.scopes == [SCOPE]
        async with opened(token["url"].replace("ws:", "http:"), PLAIN) as client:
            assert (await client.receive())["userId"] == "zoë 1"
            assert (await client.ask(type="sendToGroup", group="a", data=1, ackId=1))["success"]
            assert not (await client.ask(type="sendToGroup", group="b", data=1, ackId=2))["success"]
            await service.send_to_group("g 1", {"n": 1}, enforce_https=False)
            assert (await client.receive())["data"] == {"n": 1}
        claims = claims_of(token["token"], f"{endpoint}/client/hubs/chat")
        assert claims["exp"] - claims["iat"] == 300


async def test_the_python_sdk_says_what_a_token_lacks(start: Start) -> None:
    endpoint = (await start(Settings(limits=QUICK))).endpoint
    async with WebPubSubServiceClient(endpoint, "chat", Credential(entra_token())) as service:
        with pytest.raises(ClientAuthenticationError, match="--entra-key-document"):
            await service.get_client_access_token(enforce_https=False)


async def test_the_javascript_sdk_gets_client_tokens_with_a_token_credential(start: Start) -> None:
    emulator = await start(VERIFIED)
    async with node("entra.mjs", emulator.endpoint, entra_token()) as script:
        assert await script.finish() == ["done"]


async def test_without_parameters_a_token_is_for_an_anonymous_user_and_an_hour(start: Start) -> None:
    endpoint = (await start(UNVALIDATED)).endpoint
    status, body = await generate(endpoint)
    assert status == 200 and body.keys() == {"token"}
    claims = claims_of(body["token"], f"{endpoint}/client/hubs/chat")
    assert claims.keys() == {"aud", "iat", "exp"}
    assert claims["exp"] - claims["iat"] == 3600


async def test_role_and_group_may_be_repeated(start: Start) -> None:
    endpoint = (await start(UNVALIDATED)).endpoint
    _, body = await generate(endpoint, "userId=u&role=a&role=b&group=g&group=h&minutesToExpire=1")
    claims = claims_of(body["token"], f"{endpoint}/client/hubs/chat")
    assert (claims["sub"], claims["role"], claims["webpubsub.group"]) == ("u", ["a", "b"], ["g", "h"])
    assert claims["exp"] - claims["iat"] == 60


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("clientType=Default", "client"),
        ("clientType=mqtt", "clients/mqtt"),
        ("clientType=SocketIO&api-version=2024-12-01", "clients/socketio"),
        ("clientType=MQTT&api-version=2024-01-01", "clients/mqtt"),
        # A parameter that this version does not have.
        ("clientType=MQTT&api-version=2023-07-01", "client"),
    ],
)
async def test_the_audience_is_where_clients_of_the_type_connect(start: Start, query: str, path: str) -> None:
    endpoint = (await start(UNVALIDATED)).endpoint
    _, body = await generate(endpoint, query)
    assert claims_of(body["token"], f"{endpoint}/{path}/hubs/chat")


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("minutesToExpire=0", "minutesToExpire"),
        ("minutesToExpire=1.5", "minutesToExpire"),
        ("clientType=Other", "clientType"),
        ("clientType=SocketIO&api-version=2024-01-01", "clientType"),
        ("group=%20", "group"),
        ("userId=a%0Ab", "userId"),
        ("api-version=2020-01-01", "api-version"),
    ],
)
async def test_a_parameter_that_cannot_be_is_400_and_named(start: Start, query: str, target: str) -> None:
    status, body = await generate((await start(UNVALIDATED)).endpoint, query)
    assert (status, body["target"]) == (400, target)


async def test_an_access_key_generates_no_token(start: Start) -> None:
    endpoint = (await start(UNVALIDATED)).endpoint
    own = rest_token(f"{endpoint}/api/hubs/chat/:generateToken")["Authorization"].removeprefix("Bearer ")
    status, body = await generate(endpoint, token=own)
    assert (status, body["code"]) == (401, "Error.Unauthorized")
    assert "not an access key" in body["message"]


@pytest.mark.parametrize(
    ("token", "says"),
    [
        (entra_token(exp=int(time.time()) - 3600), "expired"),
        (entra_token(nbf=int(time.time()) + 3600), "not valid yet"),
        (entra_token(exp=None), "exp"),
        (entra_token(OTHER_KEY), "not signed"),
        (entra_token(kid="k2"), "no key"),
        (entra_token(aud="https://vault.azure.net"), "malformed"),
        (symmetric_token(), "malformed"),
        ("x", "malformed"),
    ],
)
async def test_an_entra_token_that_does_not_count_is_401_and_says_why(start: Start, token: str, says: str) -> None:
    status, body = await generate((await start(VERIFIED)).endpoint, token=token)
    assert (status, body["code"]) == (401, "Error.Unauthorized")
    assert says in body["message"]


@pytest.mark.parametrize("claims", [{"exp": int(time.time()) - 3600}, {"nbf": int(time.time()) + 3600}, {"exp": None}])
async def test_an_unvalidated_token_must_still_be_of_this_time(start: Start, claims: dict[str, Any]) -> None:
    endpoint = (await start(UNVALIDATED)).endpoint
    assert (await generate(endpoint, token=entra_token(OTHER_KEY)))[0] == 200
    assert (await generate(endpoint, token=entra_token(**claims)))[0] == 401


def test_a_file_has_the_key_of_microsofts_emulator_and_ours(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"WebPubSub":{"AllowUnvalidatedEntraTokens":true}}')
    assert read_file(path).entra == Trust(unvalidated=True)
    (tmp_path / "keys.json").write_bytes(key_document())
    path.write_text('{"WebPubSub":{"EntraKeyDocument":"keys.json"}}')
    assert list(read_file(path).entra.keys) == ["k1"]


async def test_keys_that_were_rotated_count_without_a_restart_and_earlier_ones_no_more(
    start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(key_document())
    endpoint = (await start(Settings(entra=entra_trust(path, False), limits=QUICK))).endpoint
    assert (await generate(endpoint, token=entra_token()))[0] == 200
    path.write_bytes(key_document(OTHER_KEY, kid="k2"))
    assert (await generate(endpoint, token=entra_token(OTHER_KEY, "k2")))[0] == 200
    status, body = await generate(endpoint, token=entra_token())
    assert status == 401 and "names no key" in body["message"]


async def test_a_key_document_that_cannot_be_read_anew_is_said_and_the_earlier_keys_stay(
    start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(key_document())
    endpoint = (await start(Settings(entra=entra_trust(path, False), limits=QUICK))).endpoint
    path.write_text('{"keys": [')
    status, body = await generate(endpoint, token=entra_token(OTHER_KEY, "k2"))
    assert status == 401 and "cannot be reloaded" in body["message"]
    assert (await generate(endpoint, token=entra_token()))[0] == 200


def test_unknown_keys_have_the_document_read_anew_once_in_some_seconds(tmp_path: Path) -> None:
    path, now = tmp_path / "keys.json", [100.0]
    path.write_bytes(key_document())
    keys = KeyDocument(path, lambda: now[0])
    with pytest.raises(KeyError):
        keys["k2"]
    path.write_bytes(key_document(kid="k2"))
    now[0] += REREAD_SECONDS - 0.1
    with pytest.raises(KeyError):
        keys["k2"]
    now[0] += 0.1
    assert keys["k2"].key_id == "k2"
    path.unlink()
    now[0] += REREAD_SECONDS
    with pytest.raises(OSError, match=r"keys\.json"):
        keys["k3"]
    assert list(keys) == ["k2"]
