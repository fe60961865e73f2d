"""The synchronous Python SDKs against the stand-in, each call in a thread beside the stand-in's event loop."""

import asyncio
import gc
import io
import warnings
from collections.abc import AsyncIterator, Iterator
from queue import Queue
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest
from azure.messaging.webpubsubclient import WebPubSubClient, WebPubSubClientCredential
from azure.messaging.webpubsubclient.models import (
    CallbackType,
    SendMessageError,
    WebPubSubDataType,
    WebPubSubProtocolType,
)
from azure.messaging.webpubsubservice import WebPubSubServiceClient

from tests.emulator.clients import ALL_ROLES, connected
from tests.emulator.conftest import StandIn
from tests.emulator.proxy import Proxy, proxy

WAIT_SECONDS = 15
# The client looks for an ack only once its send has returned: without a network between, the ack may be there before.
NETWORK_SECONDS = 0.02
BOTH = pytest.mark.parametrize("protocol", [WebPubSubProtocolType.JSON, WebPubSubProtocolType.JSON_RELIABLE])


@pytest.fixture(autouse=True)
def sockets_that_the_sdk_forgets() -> Iterator[None]:
    """The SDK's WebSocket package leaves the socket of a client that reconnects to the garbage collector."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def service(emulator: StandIn) -> Iterator[WebPubSubServiceClient]:
    with WebPubSubServiceClient.from_connection_string(emulator.server.connection_string, "chat") as client:
        yield client


@pytest.fixture
async def cable(endpoint: str) -> AsyncIterator[Proxy]:
    async with proxy(endpoint, NETWORK_SECONDS) as running:
        yield running


async def test_the_service_sdk_uses_every_operation(service: WebPubSubServiceClient, endpoint: str) -> None:
    async with connected(endpoint, sub="u 1 ä", role=[]) as client:
        await asyncio.to_thread(use_every_operation, service, client.id, "u 1 ä")
        frames = [await client.receive() for _ in range(5)]
        assert [(frame["from"], frame["dataType"], frame["data"]) for frame in frames] == [
            ("server", "json", {"n": 1}),
            ("server", "text", "text"),
            ("group", "binary", "AA=="),
            ("server", "json", {"n": 2}),
            ("server", "json", {"n": 3}),
        ]
        assert await client.closed() == (1000, "bye")


def use_every_operation(service: WebPubSubServiceClient, connection: str, user: str) -> None:
    """Each operation once, with what it must answer."""
    group = "a group é"
    service.send_to_all({"n": 1})
    service.send_to_all("text", content_type="text/plain", filter=f"connectionId eq '{connection}'")
    service.add_connection_to_group(group, connection)
    service.send_to_group(group, io.BytesIO(bytes(1)), content_type="application/octet-stream")
    service.send_to_user(user, {"n": 2})
    service.send_to_connection(connection, {"n": 3})
    assert service.connection_exists(connection) and service.user_exists(user) and service.group_exists(group)
    assert [member.connection_id for member in service.list_connections(group=group)] == [connection]
    service.remove_connection_from_group(group, connection)
    assert not service.group_exists(group)
    service.add_user_to_group(group, user)
    service.remove_user_from_group(group, user)
    service.remove_user_from_all_groups(user)
    service.remove_connection_from_all_groups(connection)
    bulk = HttpRequest("POST", "/api/hubs/chat/:addToGroups?api-version=2024-12-01", json={"groups": [group]})
    service.send_request(bulk).raise_for_status()
    assert service.group_exists(group)
    service.grant_permission("sendToGroup", connection, target_name=group)
    assert service.has_permission("sendToGroup", connection, target_name=group)
    service.revoke_permission("sendToGroup", connection, target_name=group)
    assert not service.has_permission("sendToGroup", connection, target_name=group)
    with pytest.raises(ResourceNotFoundError):
        service.add_connection_to_group(group, "nobody")
    with pytest.raises(HttpResponseError, match="filter"):
        service.send_to_all({}, filter="nonsense")
    service.close_all_connections(excluded=[connection])
    service.close_group_connections(group, excluded=[connection])
    service.close_user_connections("nobody")
    service.close_connection(connection, reason="bye")
    assert not service.connection_exists(connection)


class Caller:
    """An SDK client whose calls run in threads; ``heard`` waits for what its callbacks were told."""

    def __init__(self, client: WebPubSubClient) -> None:
        self.client = client
        self._told: dict[str, Queue[Any]] = {"connected": Queue(), "disconnected": Queue(), "group-message": Queue()}
        client.subscribe(CallbackType.CONNECTED, self._told["connected"].put)
        client.subscribe(CallbackType.DISCONNECTED, self._told["disconnected"].put)
        client.subscribe(CallbackType.GROUP_MESSAGE, self._told["group-message"].put)

    async def do(self, call: str, *arguments: Any, **options: Any) -> None:
        await asyncio.to_thread(getattr(self.client, call), *arguments, **options)

    async def heard(self, name: str) -> Any:
        return await asyncio.to_thread(self._told[name].get, timeout=WAIT_SECONDS)

    async def __aenter__(self) -> "Caller":
        await self.do("open")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.do("close")


def caller(
    service: WebPubSubServiceClient, cable: Proxy, protocol: WebPubSubProtocolType, roles: list[str] = ALL_ROLES
) -> Caller:
    def access_url() -> str:
        url = str(service.get_client_access_token(user_id="u1", roles=roles)["url"])
        return cable.endpoint.replace("http", "ws") + url[url.index("/client/") :]

    credential = WebPubSubClientCredential(access_url)
    client = WebPubSubClient(
        credential, protocol_type=protocol, reconnect_retry_backoff_factor=0.1, message_retry_total=0
    )
    return Caller(client)


@BOTH
async def test_the_client_sdk_talks_to_groups(
    service: WebPubSubServiceClient, endpoint: str, cable: Proxy, protocol: WebPubSubProtocolType
) -> None:
    async with connected(endpoint) as other, caller(service, cable, protocol) as client:
        await other.join("g")
        await client.do("join_group", "g")
        await client.do("send_to_group", "g", {"a": 1}, WebPubSubDataType.JSON)
        assert (await other.receive())["data"] == (await client.heard("group-message")).data == {"a": 1}
        await client.do("send_to_group", "g", "quiet", WebPubSubDataType.TEXT, no_echo=True)
        assert (await other.receive())["data"] == "quiet"
        await client.do("leave_group", "g")
        with pytest.raises(SendMessageError):
            await client.do("send_event", "nobody", "hears", WebPubSubDataType.TEXT)
        assert (await client.heard("connected")).user_id == "u1"


async def test_the_client_sdk_raises_for_a_missing_role(service: WebPubSubServiceClient, cable: Proxy) -> None:
    async with caller(service, cable, WebPubSubProtocolType.JSON, []) as client:
        with pytest.raises(SendMessageError) as caught:
            await client.do("join_group", "g")
    assert caught.value.error_detail is not None
    assert caught.value.error_detail.name == "Forbidden"


async def test_the_reliable_client_sdk_loses_and_repeats_nothing_over_a_cut(
    service: WebPubSubServiceClient, emulator: StandIn, cable: Proxy
) -> None:
    async with (
        connected(emulator.endpoint) as other,
        caller(service, cable, WebPubSubProtocolType.JSON_RELIABLE) as client,
    ):
        await client.do("join_group", "g")
        for number in range(60):
            await other.send(type="sendToGroup", group="g", data=number)
            if number in (20, 40):
                await other.silent()
                cable.cut()
        assert [(await client.heard("group-message")).data for _ in range(60)] == list(range(60))
        assert client._told["disconnected"].empty()


@BOTH
async def test_the_client_sdk_comes_back_and_joins_its_groups_after_it_was_ended(
    service: WebPubSubServiceClient, endpoint: str, emulator: StandIn, cable: Proxy, protocol: WebPubSubProtocolType
) -> None:
    async with connected(endpoint) as other, caller(service, cable, protocol) as client:
        await client.do("join_group", "g")
        first = (await client.heard("connected")).connection_id
        await asyncio.to_thread(service.close_connection, first)
        second = (await client.heard("connected")).connection_id
        await emulator.log.holds(f"{second} (u1) joined g")
        await other.send(type="sendToGroup", group="g", data=1)
        assert (second != first, (await client.heard("group-message")).data) == (True, 1)
