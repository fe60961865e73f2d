"""Section 1 of the protocol: how a client connects, and with which status it is refused before the upgrade."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from emulator.configuration import Settings
from tests.emulator.clients import PLAIN, RELIABLE, client_token, connected, opened, status_of_connect
from tests.emulator.conftest import QUICK, Start
from tests.emulator.raw import UPGRADE


async def test_a_client_connects_with_the_hub_in_the_path(endpoint: str) -> None:
    async with connected(endpoint, sub="u1") as client:
        assert client.socket.protocol == PLAIN
        assert client.hello == {"type": "system", "event": "connected", "userId": "u1", "connectionId": client.id}


async def test_a_client_connects_with_the_hub_in_the_query(endpoint: str) -> None:
    url = f"{endpoint}/client/?hub=chat&access_token={client_token(endpoint, sub='u1')}"
    async with opened(url) as client:
        assert (await client.receive())["userId"] == "u1"


@pytest.mark.parametrize(
    "path",
    [
        "/client?hub=chat&",
        "/client/?HUB=chat&",
        "/client/hubs?hub=chat&",
        "/client/hubs/chat/?",
        "/Client/Hubs/CHAT?",
        "//client/hubs/chat?",
        "/client//hubs///chat//?",
        "/client/hubs/%63hat?",
    ],
)
async def test_a_client_path_is_read_as_a_gateway_reads_it(endpoint: str, path: str) -> None:
    async with (
        connected(endpoint) as other,
        opened(f"{endpoint}{path}access_token={client_token(endpoint, role=['webpubsub.sendToGroup'])}") as one,
    ):
        await one.receive()
        await other.join("g")
        await one.send(type="sendToGroup", group="g", dataType="text", data="hi")
        assert (await other.receive())["data"] == "hi"


async def test_a_token_may_come_in_the_authorization_header(endpoint: str) -> None:
    headers = {"Authorization": f"Bearer {client_token(endpoint)}"}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{endpoint}/client/hubs/chat", protocols=[PLAIN], headers=headers) as socket,
    ):
        assert (await socket.receive_json())["event"] == "connected"


async def test_an_anonymous_client_has_a_null_user_id(endpoint: str) -> None:
    async with connected(endpoint) as client:
        assert client.hello["userId"] is None


async def test_the_audience_is_compared_without_regard_to_case(endpoint: str) -> None:
    async with connected(endpoint, aud=f"{endpoint}/CLIENT/hubs/Chat") as client:
        assert client.id


async def test_hubs_are_told_apart_without_regard_to_case(endpoint: str) -> None:
    async with connected(endpoint, hub="Chat") as one, connected(endpoint, hub="cHAT") as other:
        await one.join("g")
        await other.join("g")
        await one.send(type="sendToGroup", group="g", dataType="text", data="hi", noEcho=True)
        assert (await other.receive())["data"] == "hi"


async def test_a_single_role_and_group_may_be_plain_strings(endpoint: str) -> None:
    claims = {"role": "webpubsub.sendToGroup.g", "webpubsub.group": "g"}
    async with connected(endpoint, **claims) as client:
        answer = await client.ask(type="sendToGroup", group="g", dataType="text", data="hi")
        assert (answer["group"], answer["data"]) == ("g", "hi")


async def test_the_first_supported_sub_protocol_is_taken_and_echoed(endpoint: str) -> None:
    url = f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint)}"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=["custom", RELIABLE, PLAIN]) as socket,
    ):
        assert socket.protocol == RELIABLE
        assert (await socket.receive_json())["reconnectionToken"]


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 301},
        {"exp": None},
        {"aud": None},
        {"aud": "http://elsewhere/client/hubs/chat"},
        {"key": "another key of thirty-two bytes!!"},
        {"nbf": int(time.time()) + 3600},
    ],
    ids=["expired", "without exp", "without aud", "for another audience", "signed with another key", "not valid yet"],
)
async def test_a_bad_token_is_401(endpoint: str, claims: dict[str, Any]) -> None:
    url = f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint, **claims)}"
    status, _ = await status_of_connect(url)
    assert status == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "🙂", "e30.e30.", "a" * 5000])
async def test_a_malformed_token_is_401(endpoint: str, token: str) -> None:
    status, _ = await status_of_connect(f"{endpoint}/client/hubs/chat?access_token={token}")
    assert status == 401


async def test_clocks_may_differ_by_five_minutes(endpoint: str) -> None:
    async with connected(endpoint, exp=int(time.time()) - 250) as client:
        assert client.id


async def test_an_unsigned_token_is_401(endpoint: str) -> None:
    header_none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
    payload = client_token(endpoint).split(".")[1]
    status, _ = await status_of_connect(f"{endpoint}/client/hubs/chat?access_token={header_none}.{payload}.")
    assert status == 401


@pytest.mark.parametrize(
    "claims",
    [{"webpubsub.group": [" "]}, {"webpubsub.group": ["\ud800"]}, {"sub": "a\nb"}, {"sub": "\ud800"}, {"sub": 5}],
)
async def test_a_token_that_asks_for_the_impossible_is_400(endpoint: str, claims: dict[str, Any]) -> None:
    status, body = await status_of_connect(
        f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint, **claims)}"
    )
    assert status == 400
    assert body


async def test_a_request_that_is_no_upgrade_is_400(endpoint: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint)}") as response,
    ):
        assert response.status == 400
        assert "WebSocket" in await response.text()


@pytest.mark.parametrize(
    "path", ["/client", "/client/", "/client/?hub=1x", "/client/hubs", "/client/hubs/1x", "/client/hubs/a%2Fb"]
)
async def test_a_missing_or_bad_hub_is_400(endpoint: str, path: str) -> None:
    status, _ = await status_of_connect(endpoint + path)
    assert status == 400


@pytest.mark.parametrize(
    "headers", [{"Sec-WebSocket-Version": "8"}, {"Sec-WebSocket-Key": "short"}, {"Upgrade": "h2c"}]
)
async def test_a_broken_upgrade_request_is_400(endpoint: str, headers: dict[str, str]) -> None:
    status, _ = await status_of_connect(f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint)}", **headers)
    assert status == 400


async def test_what_connection_says_may_stand_in_several_headers(emulator: Any) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.server.port)
    host, token = f"localhost:{emulator.server.port}", client_token(emulator.endpoint)
    request = UPGRADE.format(token=token, host=host, protocol=PLAIN)
    writer.write(request.replace("Connection: Upgrade", "Connection: keep-alive\r\nConnection: Upgrade").encode())
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 101 ")
    assert b'"connected"' in await asyncio.wait_for(reader.readuntil(b"}"), 5)
    writer.transport.abort()


async def test_tokens_are_not_logged(emulator: Any) -> None:
    token = client_token(emulator.endpoint, sub="u1")
    async with opened(f"{emulator.endpoint}/client/hubs/chat?access_token={token}") as client:
        await client.receive()
    assert "u1" in emulator.log.getvalue()
    assert token not in emulator.log.getvalue()


@pytest.mark.parametrize("spoiled", ["\xff", "a" * 70_000, " \x00"])
async def test_the_token_of_a_request_that_cannot_be_read_is_not_logged(emulator: Any, spoiled: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.server.port)
    token = client_token(emulator.endpoint)
    request = f"GET /client/hubs/chat?access_token={token}{spoiled} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    writer.write(request.encode("latin-1"))
    assert b" 400 " in await asyncio.wait_for(reader.read(4096), 5)
    writer.transport.abort()
    assert token[:20] not in emulator.log.getvalue()


@pytest.mark.parametrize(
    "audience",
    [
        lambda endpoint: f"{endpoint}/client/hubs/chat/",
        lambda endpoint: f"{endpoint.replace('http', 'https')}/client/hubs/chat",
        lambda endpoint: [f"{endpoint}/client/hubs/other", f"{endpoint}/client/hubs/chat"],
    ],
    ids=["with a slash at its end", "https", "one of several"],
)
async def test_the_audience_is_the_hubs_client_url(endpoint: str, audience: Any) -> None:
    async with connected(endpoint, aud=audience(endpoint)) as client:
        assert client.id


async def test_a_token_in_the_query_counts_before_one_in_the_header(endpoint: str) -> None:
    url = f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint, sub='u1')}"
    other = {"Authorization": f"Bearer {client_token(endpoint, sub='u2')}"}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=[PLAIN], headers=other) as socket,
    ):
        assert (await socket.receive_json())["userId"] == "u1"


@pytest.mark.parametrize("hub", ["a", "A1_`,.[]", "h" * 128])
async def test_a_hub_name_is_a_letter_and_up_to_127_of_its_characters(endpoint: str, hub: str) -> None:
    async with connected(endpoint, hub=hub) as client:
        assert client.id
    assert (await status_of_connect(f"{endpoint}/client/hubs/{'h' * 129}"))[0] == 400


@pytest.mark.parametrize("path", ["/clients/mqtt/hubs/chat", "/clients/socketio/hubs/chat"])
async def test_paths_of_clients_that_are_not_served_are_404(endpoint: str, path: str) -> None:
    assert (await status_of_connect(f"{endpoint}{path}?access_token={client_token(endpoint)}"))[0] == 404


async def test_the_key_is_its_text_in_utf_8_and_either_key_signs(start: Start) -> None:
    keys = (
        "ä key of its text, never decoded from base64==",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU2Nzg5QUJDRA==",
    )
    emulator = await start(Settings(access_keys=keys, limits=QUICK))
    for key in keys:
        async with connected(emulator.endpoint, key=key) as client:
            assert client.id


async def test_issuer_issue_time_and_further_claims_are_free(endpoint: str) -> None:
    async with connected(endpoint, iss="anybody", iat=5, nbf=int(time.time()) + 200, jti=["x"], more={}) as client:
        assert client.id


async def test_an_empty_subject_is_none(endpoint: str) -> None:
    async with connected(endpoint, sub="") as client:
        assert client.hello["userId"] is None


async def test_an_open_connection_outlives_its_token(endpoint: str) -> None:
    async with connected(endpoint, exp=int(time.time()) - 250) as client:
        await client.join("g")
        await client.silent()


@pytest.mark.parametrize("name", [PLAIN.upper(), RELIABLE.title()])
async def test_sub_protocols_are_read_in_any_case_and_echoed_as_offered(endpoint: str, name: str) -> None:
    async with opened(f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint)}", name) as client:
        assert client.socket.protocol == name
        assert (await client.receive())["event"] == "connected"


@pytest.mark.parametrize(
    "roles",
    [
        [f"webpubsub.sendToGroup.{number}" for number in range(1001)],
        [f"webpubsub.sendToGroups.{number}" for number in range(11)],
        ["webpubsub.sendToGroups."],
        ["webpubsub.joinLeaveGroups.******"],
    ],
    ids=["too many groups", "too many patterns", "empty pattern", "too many stars"],
)
async def test_roles_that_cannot_be_are_400(endpoint: str, roles: list[str]) -> None:
    status, body = await status_of_connect(
        f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint, role=roles)}"
    )
    assert (status, bool(body)) == (400, True)
