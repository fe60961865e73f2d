"""The official Python SDKs against the stand-in: every service operation, and the client's everyday and bad days."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest
from azure.messaging.webpubsubclient.aio import WebPubSubClient, WebPubSubClientCredential
from azure.messaging.webpubsubclient.models import (
    CallbackType,
    OnConnectedArgs,
    OnDisconnectedArgs,
    OnGroupDataMessageArgs,
    OnServerDataMessageArgs,
    SendMessageError,
    WebPubSubDataType,
    WebPubSubProtocolType,
)
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from emulator.configuration import DEFAULT_ACCESS_KEY
from tests.emulator.clients import connected
from tests.emulator.conftest import StandIn
from tests.emulator.proxy import proxy
from tests.emulator.sessions import json_session
from tests.emulator.webhook import Recorded, Webhook

WAIT_SECONDS = 15
ROLES = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"]


@pytest.fixture
async def service(emulator: StandIn) -> AsyncIterator[WebPubSubServiceClient]:
    async with WebPubSubServiceClient.from_connection_string(emulator.server.connection_string, "chat") as client:
        yield client


async def test_the_service_sdk_sends_to_all_groups_users_and_connections(
    service: WebPubSubServiceClient, endpoint: str
) -> None:
    async with connected(endpoint, sub="u/1 ä") as client:
        await client.join("g 1")
        await service.send_to_all({"n": 1})
        await service.send_to_all("text", content_type="text/plain")
        await service.send_to_all(io.BytesIO(b"\x00"), content_type="application/octet-stream")
        await service.send_to_all({"n": 2}, excluded=[client.id])
        await service.send_to_group("g 1", {"n": 3}, params={"messageTtlSeconds": "60"})
        await service.send_to_group("g 1", {"n": 4}, excluded=[client.id, "x"])
        await service.send_to_connection(client.id, {"n": 5})
        frames = [await client.receive() for _ in range(5)]
        assert [(f["from"], f["dataType"], f["data"]) for f in frames] == [
            ("server", "json", {"n": 1}),
            ("server", "text", "text"),
            ("server", "binary", "AA=="),
            ("group", "json", {"n": 3}),
            ("server", "json", {"n": 5}),
        ]
        await client.silent()


async def test_the_service_sdk_reaches_users(service: WebPubSubServiceClient, endpoint: str) -> None:
    async with connected(endpoint, sub="u 1 ä'") as client:
        await service.send_to_user("u 1 ä'", {"n": 1})
        assert (await client.receive())["data"] == {"n": 1}
        assert await service.user_exists("u 1 ä'")
        await service.add_user_to_group("g", "u 1 ä'")
        assert await service.group_exists("g")
        await service.remove_user_from_group("g", "u 1 ä'")
        assert not await service.group_exists("g")
        await service.add_user_to_group("g", "u 1 ä'")
        await service.remove_user_from_all_groups("u 1 ä'")
        assert not await service.group_exists("g")
        await service.close_user_connections("u 1 ä'", reason="bye")
        assert await client.closed() == (1000, "bye")
        assert not await service.user_exists("u 1 ä'")
        with pytest.raises(ResourceNotFoundError):
            await service.add_user_to_group("g", "u 1 ä'")


async def test_the_service_sdk_manages_connections(service: WebPubSubServiceClient, endpoint: str) -> None:
    async with connected(endpoint) as client, connected(endpoint) as other:
        assert await service.connection_exists(client.id)
        await service.add_connection_to_group("g", client.id)
        await service.add_connection_to_group("h", client.id)
        await service.remove_connection_from_group("g", client.id)
        assert not await service.group_exists("g")
        await service.remove_connection_from_all_groups(client.id)
        assert not await service.group_exists("h")
        await service.close_connection(client.id, reason="bye")
        assert await client.closed() == (1000, "bye")
        assert not await service.connection_exists(client.id)
        await service.close_connection(client.id)
        with pytest.raises(ResourceNotFoundError):
            await service.add_connection_to_group("g", client.id)
        await other.join("g")
        await service.close_group_connections("g", excluded=[other.id])
        await service.close_group_connections("g", reason="all")
        assert await other.closed() == (1000, "all")


async def test_the_service_sdk_closes_all(service: WebPubSubServiceClient, endpoint: str) -> None:
    async with connected(endpoint) as client, connected(endpoint) as other:
        await service.close_all_connections(excluded=[other.id], reason="bye")
        assert await client.closed() == (1000, "bye")
        await other.silent()


async def test_the_service_sdk_grants_and_revokes(service: WebPubSubServiceClient, endpoint: str) -> None:
    async with connected(endpoint, role=[]) as client:
        for permission in ("joinLeaveGroup", "sendToGroup"):
            assert not await service.has_permission(permission, client.id, target_name="g/1")
            await service.grant_permission(permission, client.id, target_name="g/1")
            assert await service.has_permission(permission, client.id, target_name="g/1")
            await service.revoke_permission(permission, client.id, target_name="g/1")
            assert not await service.has_permission(permission, client.id, target_name="g/1")
        with pytest.raises(ResourceNotFoundError):
            await service.grant_permission("sendToGroup", "nobody", target_name="g")


async def test_the_service_sdk_lists_more_than_a_page(service: WebPubSubServiceClient, emulator: StandIn) -> None:
    from emulator.connection import Connection

    # Connections without sockets, so that five hundred of them cost nothing.
    hub = emulator.server.service._hubs.setdefault("chat", emulator.server.service.hub("chat"))
    for number in range(500):
        connection = Connection(json_session(f"c{number}", f"u{number}"), "chat")
        hub.add(connection)
        hub.join(connection, "big group")
    found = [member.connection_id async for member in service.list_connections(group="big group")]
    assert found == [f"c{number}" for number in range(500)]
    assert len([m async for m in service.list_connections(group="big group", top=7)]) == 7
    pages = service.list_connections(group="big group", top=250).by_page()
    assert [len([m async for m in page]) async for page in pages] == [200, 50]
    for connection in list(hub.connections.values()):
        hub.remove(connection)


async def test_bulk_operations_go_through_send_request(service: WebPubSubServiceClient, endpoint: str) -> None:
    async with connected(endpoint):
        url = "/api/hubs/chat/:addToGroups?api-version=2024-12-01"
        response = await service.send_request(HttpRequest("POST", url, json={"groups": ["a", "b"]}))
        assert response.status_code == 200
        assert await service.group_exists("b")


async def test_a_wrong_key_is_an_authentication_error(emulator: StandIn) -> None:
    wrong = emulator.server.connection_string.replace(DEFAULT_ACCESS_KEY, "x" * 40)
    async with WebPubSubServiceClient.from_connection_string(wrong, "chat") as client:
        with pytest.raises(ClientAuthenticationError):
            await client.send_to_all({"a": 1})


async def test_a_refusal_is_an_http_error_with_the_services_code(service: WebPubSubServiceClient) -> None:
    with pytest.raises(HttpResponseError) as caught:
        await service.send_to_all({"a": 1}, params={"messageTtlSeconds": "999"})
    assert caught.value.status_code == 400


async def test_a_quoted_user_in_a_filter_passes_the_token_check(service: WebPubSubServiceClient, endpoint: str) -> None:
    async with connected(endpoint, sub="it's") as client, connected(endpoint, sub="other") as other:
        await service.send_to_all({"n": 1}, filter="userId eq 'it''s'")
        assert (await client.receive())["data"] == {"n": 1}
        await other.silent()


class Heard:
    """What a client's callbacks were told; ``next`` waits for the next of a kind."""

    def __init__(self) -> None:
        self._queues: dict[str, asyncio.Queue[Any]] = {}

    async def next(self, kind: str) -> Any:
        return await asyncio.wait_for(self._queue(kind).get(), WAIT_SECONDS)

    def silent(self, kind: str) -> bool:
        return self._queue(kind).empty()

    def _queue(self, kind: str) -> "asyncio.Queue[Any]":
        return self._queues.setdefault(kind, asyncio.Queue())

    async def listen(self, client: WebPubSubClient) -> None:
        async def group_message(message: OnGroupDataMessageArgs) -> None:
            await self._queue("group").put(message)

        async def server_message(message: OnServerDataMessageArgs) -> None:
            await self._queue("server").put(message)

        async def connected_again(message: OnConnectedArgs) -> None:
            await self._queue("connected").put(message)

        async def disconnected(message: OnDisconnectedArgs) -> None:
            await self._queue("disconnected").put(message)

        await client.subscribe(CallbackType.GROUP_MESSAGE, group_message)
        await client.subscribe(CallbackType.SERVER_MESSAGE, server_message)
        await client.subscribe(CallbackType.CONNECTED, connected_again)
        await client.subscribe(CallbackType.DISCONNECTED, disconnected)


@asynccontextmanager
async def sdk_client(
    service: WebPubSubServiceClient, origin: str, via: str, user: str, protocol: WebPubSubProtocolType
) -> AsyncIterator[tuple[WebPubSubClient, Heard]]:
    """An open client of the SDK that reaches ``origin`` through ``via``."""

    async def access_url() -> str:
        token = await service.get_client_access_token(user_id=user, roles=ROLES)
        return str(token["url"]).replace(origin.replace("http", "ws"), via.replace("http", "ws"))

    heard = Heard()
    client = WebPubSubClient(
        WebPubSubClientCredential(access_url), protocol_type=protocol, reconnect_retry_backoff_factor=0.1
    )
    await heard.listen(client)
    async with client:
        yield client, heard


BOTH = pytest.mark.parametrize("protocol", [WebPubSubProtocolType.JSON, WebPubSubProtocolType.JSON_RELIABLE])


@BOTH
async def test_the_client_sdk_talks_to_groups(
    service: WebPubSubServiceClient, endpoint: str, protocol: WebPubSubProtocolType
) -> None:
    async with (
        sdk_client(service, endpoint, endpoint, "u1", protocol) as (one, heard_by_one),
        sdk_client(service, endpoint, endpoint, "u2", protocol) as (other, heard_by_other),
    ):
        await one.join_group("g")
        await other.join_group("g")
        await one.send_to_group("g", "hi", WebPubSubDataType.TEXT, no_echo=True)
        await one.send_to_group("g", {"a": 1}, WebPubSubDataType.JSON)
        await one.send_to_group("g", memoryview(b"\x00\x01"), WebPubSubDataType.BINARY)
        first = await heard_by_other.next("group")
        assert (first.group, first.data, first.from_user_id) == ("g", "hi", "u1")
        assert (await heard_by_other.next("group")).data == {"a": 1}
        assert bytes((await heard_by_other.next("group")).data) == b"\x00\x01"
        assert (await heard_by_one.next("group")).data == {"a": 1}
        await other.leave_group("g")
        await service.send_to_all({"n": 1})
        assert (await heard_by_other.next("server")).data == {"n": 1}
        assert (await heard_by_one.next("connected")).user_id == "u1"


async def test_the_client_sdk_calls_the_event_handler(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda r: web.json_response({"got": r.body.decode()}) if r.event == "ask" else web.Response()
    connection_string = hooked.server.connection_string
    async with (
        WebPubSubServiceClient.from_connection_string(connection_string, "chat") as service,
        sdk_client(service, hooked.endpoint, hooked.endpoint, "u1", WebPubSubProtocolType.JSON_RELIABLE) as (
            one,
            heard,
        ),
    ):
        await one.send_event("ask", "hi", WebPubSubDataType.TEXT)
        assert (await heard.next("server")).data == {"got": "hi"}


async def test_the_client_sdk_raises_for_what_the_handler_refuses(hooked: StandIn, hook: Webhook) -> None:
    def answer(recorded: Recorded) -> web.Response:
        return web.Response(status=400 if recorded.event == "ask" else 204)

    hook.answer = answer
    async with WebPubSubServiceClient.from_connection_string(hooked.server.connection_string, "chat") as service:
        token = await service.get_client_access_token(user_id="u1")
        async with WebPubSubClient(token["url"], message_retry_total=0) as client:
            with pytest.raises(SendMessageError) as caught:
                await client.send_event("ask", "hi", WebPubSubDataType.TEXT)
    assert caught.value.error_detail is not None
    assert caught.value.error_detail.name == "InternalServerError"


async def test_the_client_sdk_raises_for_a_missing_role(service: WebPubSubServiceClient) -> None:
    token = await service.get_client_access_token(user_id="u1")
    async with WebPubSubClient(token["url"], message_retry_total=0) as client:
        with pytest.raises(SendMessageError) as caught:
            await client.join_group("g")
    assert caught.value.error_detail is not None
    assert caught.value.error_detail.name == "Forbidden"


async def test_the_reliable_client_sdk_loses_and_repeats_nothing_over_a_cut(
    service: WebPubSubServiceClient, emulator: StandIn
) -> None:
    endpoint = emulator.endpoint
    reliable = WebPubSubProtocolType.JSON_RELIABLE
    async with proxy(endpoint) as cable, sdk_client(service, endpoint, cable.endpoint, "u1", reliable) as (one, heard):
        await one.join_group("g")
        await service.send_to_group("g", {"n": 1})
        assert (await heard.next("group")).data == {"n": 1}
        cable.cut()
        await emulator.log.holds("lost its socket")
        for number in range(2, 6):
            await service.send_to_group("g", {"n": number})
        assert [(await heard.next("group")).data["n"] for _ in range(4)] == [2, 3, 4, 5]
        await emulator.log.holds("recovered")
        emulator.leave_a_gap()
        await one.send_to_group("g", {"n": 6}, WebPubSubDataType.JSON)
        assert (await heard.next("group")).data == {"n": 6}
        assert heard.silent("disconnected")


@BOTH
async def test_the_client_sdk_comes_back_after_it_was_ended_by_the_service(
    service: WebPubSubServiceClient, emulator: StandIn, protocol: WebPubSubProtocolType
) -> None:
    endpoint = emulator.endpoint
    async with sdk_client(service, endpoint, endpoint, "u1", protocol) as (one, heard):
        await one.join_group("g")
        first = (await heard.next("connected")).connection_id
        await service.close_all_connections(reason="bye")
        assert (await heard.next("connected")).connection_id != first
        while not await service.group_exists("g"):
            await asyncio.wait_for(emulator.log.holds("joined g"), WAIT_SECONDS)
        await service.send_to_group("g", {"n": 1})
        assert (await heard.next("group")).data == {"n": 1}


async def test_the_plain_client_sdk_reconnects_and_rejoins_after_a_cut(
    service: WebPubSubServiceClient, emulator: StandIn
) -> None:
    endpoint = emulator.endpoint
    plain = WebPubSubProtocolType.JSON
    async with proxy(endpoint) as cable, sdk_client(service, endpoint, cable.endpoint, "u1", plain) as (one, heard):
        await one.join_group("g")
        first = (await heard.next("connected")).connection_id
        cable.cut()
        await heard.next("disconnected")
        second = (await heard.next("connected")).connection_id
        assert second != first
        await emulator.log.holds(f"{second} (u1) joined g")
        await service.send_to_group("g", json.loads('{"n": 1}'))
        assert (await heard.next("group")).data == {"n": 1}


async def test_the_reliable_client_sdk_keeps_messages_in_flight_both_ways_over_cuts(
    service: WebPubSubServiceClient, emulator: StandIn
) -> None:
    endpoint, count = emulator.endpoint, 60
    reliable = WebPubSubProtocolType.JSON_RELIABLE
    async with (
        proxy(endpoint) as cable,
        connected(endpoint) as other,
        sdk_client(service, endpoint, cable.endpoint, "u1", reliable) as (one, heard),
    ):
        await other.join("up")
        await one.join_group("down")

        async def publish(number: int) -> None:
            await one.send_to_group("up", {"n": number}, WebPubSubDataType.JSON, no_echo=True)

        publishing = [asyncio.create_task(publish(number)) for number in range(count)]
        for number in range(count):
            await service.send_to_group("down", {"n": number})
            if number in (20, 40):
                cable.cut()
        # Towards the client the service repeats and the SDK drops what it knows; the other way the SDK repeats.
        assert [(await heard.next("group")).data["n"] for _ in range(count)] == list(range(count))
        await asyncio.gather(*publishing)
        arrived = set[int]()
        while arrived != set(range(count)):
            arrived.add((await other.receive())["data"]["n"])
        assert heard.silent("group") and heard.silent("disconnected")


@BOTH
async def test_the_client_sdk_asks_for_a_fresh_token_each_time_it_connects_anew(
    service: WebPubSubServiceClient, emulator: StandIn, protocol: WebPubSubProtocolType
) -> None:
    users = iter(("u1", "u2", "u3"))

    async def access_url() -> str:
        return str((await service.get_client_access_token(user_id=next(users), roles=ROLES))["url"])

    heard = Heard()
    client = WebPubSubClient(
        WebPubSubClientCredential(access_url), protocol_type=protocol, reconnect_retry_backoff_factor=0.1
    )
    await heard.listen(client)
    async with client:
        for user in ("u1", "u2"):
            assert (await heard.next("connected")).user_id == user
            await service.close_all_connections()
        assert (await heard.next("connected")).user_id == "u3"
