"""Section 4.1: ``protobuf.webpubsub.azure.v1`` and ``protobuf.reliable.webpubsub.azure.v1``.

The clients here write and read the wire by hand (``protobuf_wire``), not with the runtime that the stand-in uses.
"""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.configuration import Settings
from emulator.protocol import frames
from emulator.protocol.messages import Malformed
from emulator.protocol.protobuf_codec import ProtobufCodec
from tests.emulator import protobuf_wire
from tests.emulator.clients import PROTOBUF, RELIABLE_PROTOBUF, ProtobufClient, claim, connected, recovered, simple
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.losing import lost
from tests.emulator.rest import Rest, body_of
from tests.emulator.webhook import Webhook

KINDS = pytest.mark.parametrize("subprotocol", [PROTOBUF, RELIABLE_PROTOBUF])
# The service's documentation shows these bytes: an Any that holds azure.webpubsub.TestMessage with value 1.
DOCUMENTED_ANY = bytes.fromhex(
    "0A2F747970652E676F6F676C65617069732E636F6D2F617A7572652E7765627075627375622E546573744D65737361676512020801"
)


@pytest.fixture
async def client(endpoint: str) -> AsyncIterator[ProtobufClient]:
    async with connected(endpoint, PROTOBUF, sub="u1") as running:
        assert isinstance(running, ProtobufClient)
        yield running


async def test_the_first_frame_tells_connection_and_user(client: ProtobufClient) -> None:
    assert client.socket.protocol == PROTOBUF
    assert client.hello == {"type": "system", "event": "connected", "connectionId": client.id, "userId": "u1"}


async def test_an_anonymous_client_has_an_empty_user_id(endpoint: str) -> None:
    async with connected(endpoint, PROTOBUF) as client:
        assert client.hello == {"type": "system", "event": "connected", "connectionId": client.id}


async def test_only_a_reliable_client_gets_a_reconnection_token(endpoint: str) -> None:
    async with connected(endpoint, RELIABLE_PROTOBUF) as client:
        assert client.hello["reconnectionToken"]


@KINDS
async def test_groups_acks_and_refusals(endpoint: str, subprotocol: str) -> None:
    roles = ["webpubsub.joinLeaveGroup.g", "webpubsub.sendToGroup.g"]
    async with connected(endpoint, subprotocol, role=roles) as client:
        await client.join("g")
        text = {"dataType": "text", "data": "hi"}
        await client.send(type="sendToGroup", group="g", ackId=7, **text)
        message, ack = await client.receive(), await client.receive()
        assert (message["from"], message["group"], message["dataType"], message["data"]) == ("group", "g", "text", "hi")
        assert message.get("sequenceId") == (1 if subprotocol == RELIABLE_PROTOBUF else None)
        assert ack == {"type": "ack", "ackId": 7, "success": True}
        duplicate = await client.ask(type="sendToGroup", group="g", ackId=7, **text)
        assert (duplicate["success"], duplicate["error"]["name"]) == (False, "Duplicate")
        forbidden = await client.ask(type="sendToGroup", group="other", ackId=8, **text)
        assert (forbidden["success"], forbidden["error"]["name"]) == (False, "Forbidden")
        assert (await client.ask(type="sendToGroup", group="g", ackId=9, noEcho=1, **text))["type"] == "ack"
        assert (await client.ask(type="leaveGroup", group="g", ackId=10))["success"]
        assert (await client.ask(type="sendToGroup", group="g", ackId=11, **text))["type"] == "ack"
        await client.silent()


@pytest.mark.parametrize("ack_id", [0, 1, 2**31, 2**63, 2**64 - 1])
async def test_an_ack_id_is_any_unsigned_number_of_64_bits(client: ProtobufClient, ack_id: int) -> None:
    assert await client.ask(type="joinGroup", group="g", ackId=ack_id) == {
        "type": "ack",
        "ackId": ack_id,
        "success": True,
    }


async def test_without_an_ack_id_there_is_no_ack(client: ProtobufClient) -> None:
    await client.send(type="joinGroup", group="g")
    await client.silent()


CONVERSIONS: list[tuple[tuple[str, Any], tuple[str, Any], str | bytes]] = [
    # What a protobuf client publishes, what a JSON client gets, what a simple client gets.
    (("text", "é"), ("text", "é"), "é"),
    (("binary", b"\x00\xff"), ("binary", "AP8="), b"\x00\xff"),
    (("json", '{"a": [1]}'), ("json", {"a": [1]}), '{"a": [1]}'),
    (("protobuf", b"\n\x01x\x12\x01y"), ("protobuf", "CgF4EgF5"), b"\n\x01x\x12\x01y"),
    (
        ("protobuf", DOCUMENTED_ANY),
        ("protobuf", "Ci90eXBlLmdvb2dsZWFwaXMuY29tL2F6dXJlLndlYnB1YnN1Yi5UZXN0TWVzc2FnZRICCAE="),
        DOCUMENTED_ANY,
    ),
]


@pytest.mark.parametrize(("published", "as_json", "raw"), CONVERSIONS)
async def test_what_a_protobuf_client_publishes_reaches_every_kind(
    endpoint: str, published: tuple[str, Any], as_json: tuple[str, Any], raw: str | bytes
) -> None:
    member = claim("webpubsub.group", "g")
    async with (
        connected(endpoint, PROTOBUF, **member) as publisher,
        connected(endpoint, RELIABLE_PROTOBUF, **member) as reliable,
        connected(endpoint, **member) as json_client,
        simple(endpoint, **member) as simple_client,
    ):
        data_type, data = published
        await publisher.send(type="sendToGroup", group="g", dataType=data_type, data=data)
        # JSON arrives as text, as the documentation says.
        expected = ("text" if data_type == "json" else data_type, data)
        for client in (publisher, reliable):
            message = await client.receive()
            assert (message["dataType"], message["data"]) == expected
        message = await json_client.receive()
        assert (message["dataType"], message["data"]) == as_json
        assert await simple_client.receive() == raw


@pytest.mark.parametrize(
    ("published", "received"),
    [
        ({"dataType": "text", "data": "é"}, ("text", "é")),
        ({"dataType": "json", "data": {"a": "é"}}, ("text", '{"a": "\\u00e9"}')),
        ({"dataType": "binary", "data": "AP8="}, ("binary", b"\x00\xff")),
        ({"dataType": "protobuf", "data": "CgF4EgF5"}, ("protobuf", b"\n\x01x\x12\x01y")),
        # What is called protobuf and is no Any must not break its receivers.
        ({"dataType": "protobuf", "data": "AP8="}, ("binary", b"\x00\xff")),
    ],
)
async def test_what_a_json_client_publishes_reaches_protobuf_clients(
    endpoint: str, published: dict[str, Any], received: tuple[str, Any]
) -> None:
    async with connected(endpoint, PROTOBUF, **claim("webpubsub.group", "g")) as client, connected(endpoint) as other:
        await other.send(type="sendToGroup", group="g", **published)
        message = await client.receive()
        assert (message["dataType"], message["data"]) == received


async def test_by_an_option_json_reaches_protobuf_clients_as_json(start: Start) -> None:
    emulator = await start(Settings(protobuf_json_data=True, limits=QUICK))
    for subprotocol in (PROTOBUF, RELIABLE_PROTOBUF):
        async with connected(emulator.endpoint, subprotocol) as client:
            await client.join("g")
            message = await client.ask(type="sendToGroup", group="g", dataType="json", data="[1]")
            assert (message["dataType"], message["data"]) == ("json", "[1]")


async def test_metadata_travels_both_ways(endpoint: str) -> None:
    async with connected(endpoint, PROTOBUF) as client, connected(endpoint) as other:
        await client.join("g")
        await other.join("g")
        for sender in (client, other):
            await sender.send(type="sendToGroup", group="g", dataType="text", data="", metadata={"trace": "abc"})
            assert (await client.receive())["metadata"] == {"trace": "abc"}
            assert (await other.receive())["metadata"] == {"trace": "abc"}


@pytest.mark.parametrize(
    ("content_type", "received"),
    [
        ("text/plain", ("text", '"hi"')),
        ("application/json", ("text", '"hi"')),
        ("application/octet-stream", ("binary", b'"hi"')),
    ],
)
@KINDS
async def test_rest_sends_reach_protobuf_clients(
    endpoint: str, subprotocol: str, content_type: str, received: tuple[str, Any]
) -> None:
    async with connected(endpoint, subprotocol, sub="u1") as client, aiohttp.ClientSession() as session:
        await client.join("g")
        rest, call = Rest(endpoint, session), body_of(b'"hi"', content_type)
        paths = [":send", "groups/g/:send", "users/u1/:send", f"connections/{client.id}/:send"]
        for path in [*paths, f":send?filter=protocol%20eq%20'{subprotocol}'"]:
            assert (await rest("POST", path, **call)).status == 202
            message = await client.receive()
            assert (message["from"], message.get("group")) == (("group", "g") if "groups" in path else ("server", None))
            assert (message["dataType"], message["data"]) == received
        await rest("POST", ":send?filter=startswith(protocol,'json')", **call)
        assert (await rest("POST", ":closeConnections?reason=enough")).status == 204
        assert await client.closed() == (1000, "enough")


async def test_rest_bodies_in_protobuf_are_415(endpoint: str) -> None:
    async with aiohttp.ClientSession() as session:
        call = body_of(b"", "application/x-protobuf")
        assert (await Rest(endpoint, session)("POST", ":send", **call)).status == 415


@pytest.mark.parametrize(
    ("data_type", "data", "content_type", "body"),
    [
        ("text", "é", "text/plain", "é".encode()),
        ("binary", b"\x00\xff", "application/octet-stream", b"\x00\xff"),
        ("json", '{"a":1}', "application/json", b'{"a":1}'),
        ("protobuf", DOCUMENTED_ANY, "application/x-protobuf", DOCUMENTED_ANY),
    ],
)
async def test_events_reach_the_handler_under_their_content_type(
    hooked: StandIn, hook: Webhook, data_type: str, data: Any, content_type: str, body: bytes
) -> None:
    async with connected(hooked.endpoint, PROTOBUF) as client:
        assert (await client.ask(type="event", event="hello", dataType=data_type, data=data, ackId=1))["success"]
    [event] = hook.events("hello")
    assert (event.headers["Content-Type"], event.body) == (content_type, body)
    assert event.headers["ce-subprotocol"] == PROTOBUF


@pytest.mark.parametrize(
    ("content_type", "received"),
    [
        ("text/plain", ("text", "[1]")),
        ("application/json", ("text", "[1]")),
        ("application/octet-stream", ("binary", b"[1]")),
    ],
)
async def test_the_handlers_answer_comes_before_the_ack(
    hooked: StandIn, hook: Webhook, content_type: str, received: tuple[str, Any]
) -> None:
    hook.answer = lambda r: (
        web.Response(body=b"[1]", content_type=content_type) if r.event == "e" else web.Response(status=204)
    )
    async with connected(hooked.endpoint, PROTOBUF) as client:
        message = await client.ask(type="event", event="e", dataType="text", data="", ackId=1)
        assert (message["from"], message["dataType"], message["data"]) == ("server", *received)
        assert (await client.receive())["success"]


async def test_a_failed_event_is_an_error_ack(client: ProtobufClient) -> None:
    ack = await client.ask(type="event", event="nobody", dataType="text", data="", ackId=1)
    assert (ack["success"], ack["error"]["name"]) == (False, "InternalServerError")
    await client.silent()


def send_of(**fields: Any) -> bytes:
    return protobuf_wire.request({"type": "sendToGroup", "group": "g", "dataType": "text", "data": "", **fields})


ANY_DATA = {protobuf_wire.TEXT: ""}
BAD = [
    (b"", "message"),
    (b"\xff\xff\xff", "UpstreamMessage"),
    (b'{"type":"ping"}', "UpstreamMessage"),
    (protobuf_wire.encode({12: {}}), "message"),
    (protobuf_wire.encode({6: {}}), "group"),
    (protobuf_wire.encode({6: {1: "  "}}), "group"),
    (protobuf_wire.encode({6: {1: "g" * 1025}}), "group"),
    (protobuf_wire.encode({6: {1: b"\xff"}}), "UpstreamMessage"),
    (protobuf_wire.encode({1: {1: "g"}}), "data"),
    (protobuf_wire.encode({1: {1: "g", 3: {}}}), "data"),
    (protobuf_wire.encode({1: {1: "g", 3: {4: "{"}}}), "data"),
    (protobuf_wire.encode({1: {1: "g", 3: {4: '"\\ud800"'}}}), "data"),
    (protobuf_wire.encode({1: {1: "g", 3: {3: b"\xff"}}}), "UpstreamMessage"),
    (send_of(ttlSeconds=301), "ttl_seconds"),
    (send_of(metadata={"a b": "1"}), "metadata"),
    (protobuf_wire.encode({1: {1: "g", 3: ANY_DATA, 6: [{1: "a", 2: "1"}, {1: "a", 2: "2"}]}}), "metadata"),
    (send_of(stream={1: "s"}), "stream"),
    (protobuf_wire.encode({5: {1: "1", 2: ANY_DATA}}), "event"),
    (protobuf_wire.encode({5: {2: ANY_DATA}}), "event"),
    (protobuf_wire.encode({5: {1: "e"}}), "data"),
]


@pytest.mark.parametrize(("payload", "named"), BAD)
async def test_bad_input_closes_with_1007_and_names_the_field(
    client: ProtobufClient, payload: bytes, named: str
) -> None:
    await client.socket.send_bytes(payload)
    code, reason = await client.closed()
    assert code == 1007
    assert named in reason


async def test_a_text_frame_closes_with_1003(client: ProtobufClient) -> None:
    await client.socket.send_str("hi")
    assert (await client.closed())[0] == 1003


async def test_a_message_over_a_mebibyte_closes_with_1009(client: ProtobufClient) -> None:
    await client.socket.send_bytes(send_of(data="x" * 1024 * 1024))
    assert (await client.closed())[0] == 1009


async def test_a_message_of_nearly_a_mebibyte_arrives(client: ProtobufClient) -> None:
    await client.join("g")
    data = "x" * (1024 * 1024 - 100)
    assert (await client.ask(type="sendToGroup", group="g", dataType="text", data=data))["data"] == data


async def test_unknown_fields_are_passed_over(client: ProtobufClient) -> None:
    await client.socket.send_bytes(protobuf_wire.encode({6: {1: "g", 2: 5, 99: "new"}, 98: 1}))
    assert await client.receive() == {"type": "ack", "ackId": 5, "success": True}


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_message_or_malformed(payload: bytes) -> None:
    try:
        ProtobufCodec("text_data").decode(frames.BINARY, payload)
    except Malformed as malformed:
        assert malformed.code == 1007


@given(st.binary(max_size=60))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_random_bytes_never_harm_another_client(endpoint: str, payload: bytes) -> None:
    async with connected(endpoint, PROTOBUF) as one, connected(endpoint, PROTOBUF) as other:
        await one.socket.send_bytes(payload)
        await other.silent()


async def test_a_recovered_client_gets_what_it_missed_under_its_numbers(emulator: StandIn) -> None:
    async with connected(emulator.endpoint, RELIABLE_PROTOBUF) as client, connected(emulator.endpoint) as other:
        await client.join("g")

        async def publish(*texts: str) -> None:
            for text in texts:
                await other.send(type="sendToGroup", group="g", dataType="text", data=text)
            await other.silent()

        await publish("1", "2")
        assert [(await client.receive())["sequenceId"] for _ in range(2)] == [1, 2]
        await client.send(type="sequenceAck", sequenceId=1)
        await client.silent()
        await lost(emulator, client)
        await publish("3")
        async with recovered(emulator.endpoint, client) as again:
            assert again.socket.protocol == RELIABLE_PROTOBUF
            await publish("4")
            messages = [await again.receive() for _ in range(3)]
            assert [(m["sequenceId"], m["data"]) for m in messages] == [(2, "2"), (3, "3"), (4, "4")]
            await again.silent()


async def test_sequence_ids_beyond_one_byte_are_written_right(start: Start) -> None:
    emulator = await start(Settings(limits=QUICK))
    async with connected(emulator.endpoint, RELIABLE_PROTOBUF) as client, connected(emulator.endpoint) as other:
        await client.join("g")
        for _ in range(300):
            await other.send(type="sendToGroup", group="g", dataType="text", data="x")
        assert [(await client.receive())["sequenceId"] for _ in range(300)] == list(range(1, 301))


async def test_too_many_unacknowledged_bytes_end_the_connection(start: Start) -> None:
    emulator = await start(Settings(limits=msgspec.structs.replace(QUICK, unacknowledged_bytes=10_000)))
    async with connected(emulator.endpoint, RELIABLE_PROTOBUF) as client:
        await client.join("g")
        for _ in range(2):
            await client.send(type="sendToGroup", group="g", dataType="binary", data=b"x" * 6000)
        assert (await client.closed())[0] == 1008


def test_who_speaks_json_does_not_wait_for_the_protobuf_runtime() -> None:
    program = "import sys, emulator.__main__, emulator.server; sys.exit('google.protobuf' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0
