"""Section 2: ``json.webpubsub.azure.v1``, the statements about messages, acks and bad input."""

import json
import math
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.protocol.json_requests import Incoming, decode
from emulator.protocol.messages import Malformed
from tests.emulator.clients import PLAIN, PROTOBUF, RELIABLE, RELIABLE_PROTOBUF, Client, claim, connected
from tests.emulator.conftest import StandIn
from tests.emulator.raw import raw_client
from tests.emulator.webhook import Webhook


async def test_a_group_message_carries_group_sender_type_and_data(endpoint: str) -> None:
    async with connected(endpoint, sub="u1") as one, connected(endpoint, sub="u2") as other:
        await other.join("g")
        await one.send(type="sendToGroup", group="g", dataType="json", data={"a": [1, None, "é"]})
        assert await other.receive() == {
            "type": "message",
            "from": "group",
            "group": "g",
            "fromUserId": "u1",
            "dataType": "json",
            "data": {"a": [1, None, "é"]},
        }


@pytest.mark.parametrize(
    ("data_type", "data"),
    [
        ("text", 'quotes " and \\ and 🙂'),
        ("json", None),
        ("json", 5),
        ("json", "text"),
        ("json", []),
        ("binary", "AAEC/w=="),
        ("protobuf", "CgA="),
    ],
)
async def test_data_arrives_as_it_was_sent(endpoint: str, data_type: str, data: Any) -> None:
    async with connected(endpoint) as client:
        await client.join("g")
        received = await client.ask(type="sendToGroup", group="g", dataType=data_type, data=data)
        assert (received["dataType"], received["data"]) == (data_type, data)


async def test_a_number_may_be_larger_than_can_be_told_here(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.join("g")
        # The escape makes the data be read, which others are not.
        await client.socket.send_str('{"type":"sendToGroup","group":"g","data":["\\ud83c\\udf89",1e999]}')
        assert (await client.receive())["data"] == ["🎉", math.inf]


async def test_the_data_type_is_json_when_absent(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.join("g")
        assert (await client.ask(type="sendToGroup", group="g", data={"a": 1}))["dataType"] == "json"


async def test_a_sender_that_is_no_member_may_publish_and_gets_no_echo(endpoint: str) -> None:
    async with connected(endpoint) as client:
        assert await client.ask(type="sendToGroup", group="g", data=1, ackId=1) == {
            "type": "ack",
            "ackId": 1,
            "success": True,
        }
        await client.silent()


async def test_no_echo_spares_the_sender_alone(endpoint: str) -> None:
    async with connected(endpoint) as one, connected(endpoint) as other:
        await one.join("g")
        await other.join("g")
        await one.send(type="sendToGroup", group="g", data=1, noEcho=True)
        assert (await other.receive())["data"] == 1
        await one.silent()


async def test_groups_are_told_apart_by_case(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.join("G")
        await client.send(type="sendToGroup", group="g", data=1)
        await client.silent()


async def test_joining_twice_and_leaving_twice_succeeds(endpoint: str) -> None:
    async with connected(endpoint) as client:
        for ack_id, kind in enumerate(["joinGroup", "joinGroup", "leaveGroup", "leaveGroup"]):
            assert (await client.ask(type=kind, group="g", ackId=ack_id))["success"]
        await client.send(type="sendToGroup", group="g", data=1)
        await client.silent()


async def test_without_an_ack_id_there_is_no_ack(endpoint: str) -> None:
    async with connected(endpoint, role=[]) as client:
        await client.send(type="joinGroup", group="g")
        await client.send(type="event", event="e", data=1)
        await client.silent()


@pytest.mark.parametrize("subprotocol", [PLAIN, RELIABLE, PROTOBUF, RELIABLE_PROTOBUF])
async def test_ping_is_answered_with_pong(endpoint: str, subprotocol: str) -> None:
    """Once each, to who sent it, in its turn, and without a sequence id."""
    async with connected(endpoint, subprotocol) as client, connected(endpoint, subprotocol) as other:
        await client.send(type="ping")
        await client.send(type="joinGroup", group="g", ackId=1)
        await client.send(type="ping")
        told = [await client.receive() for _ in range(3)]
        assert [told[0], told[2]] == [{"type": "pong"}] * 2 and told[1]["type"] == "ack"
        await client.silent()
        await other.silent()


async def test_types_are_read_in_any_case(endpoint: str) -> None:
    async with connected(endpoint) as client:
        assert (await client.ask(type="JOINgroup", group="g", ackId=1))["success"]


async def test_a_repeated_ack_id_is_a_duplicate_and_not_carried_out_again(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.join("g")
        for expected in (True, False):
            await client.send(type="sendToGroup", group="g", data=1, ackId=7)
            frames = [await client.receive() for _ in range(2 if expected else 1)]
            assert [f["type"] for f in frames] == (["message", "ack"] if expected else ["ack"])
            assert frames[-1]["success"] is expected
        assert frames[-1]["error"] == {"name": "Duplicate", "message": "Message with ack-id: 7 has been processed"}


async def test_a_duplicate_is_found_before_permissions_are_checked(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.ask(type="joinGroup", group="g", ackId=1)
        answer = await client.ask(type="event", event="nobody", data=1, ackId=1)
        assert answer["error"]["name"] == "Duplicate"


async def test_a_failed_ack_id_may_be_used_again(endpoint: str) -> None:
    async with connected(endpoint, role="webpubsub.joinLeaveGroup.g") as client:
        assert (await client.ask(type="joinGroup", group="other", ackId=1))["error"]["name"] == "Forbidden"
        assert (await client.ask(type="joinGroup", group="g", ackId=1))["success"]


async def test_the_last_thousand_ack_ids_are_remembered(endpoint: str) -> None:
    async with connected(endpoint) as client:
        for ack_id in range(1001):
            await client.send(type="leaveGroup", group="g", ackId=ack_id)
        for _ in range(1001):
            assert (await client.receive())["success"]
        assert not (await client.ask(type="leaveGroup", group="g", ackId=1))["success"]
        assert (await client.ask(type="leaveGroup", group="g", ackId=0))["success"]


@pytest.mark.parametrize("kind", ["joinGroup", "leaveGroup", "sendToGroup"])
async def test_a_missing_permission_is_an_ack_and_the_connection_stays(endpoint: str, kind: str) -> None:
    async with connected(endpoint, role=["webpubsub.unknown"]) as client:
        answer = await client.ask(type=kind, group="g", ackId=1, data=1)
        assert answer["success"] is False
        assert answer["error"]["name"] == "Forbidden" and answer["error"]["message"]
        await client.silent()


async def test_a_literal_role_counts_for_its_group_alone(endpoint: str) -> None:
    async with connected(endpoint, role=["webpubsub.sendToGroup.a.b", "webpubsub.joinLeaveGroup.x"]) as client:
        assert (await client.ask(type="sendToGroup", group="a.b", data=1, ackId=1))["success"]
        assert not (await client.ask(type="sendToGroup", group="a", data=1, ackId=2))["success"]
        assert not (await client.ask(type="sendToGroup", group="x", data=1, ackId=3))["success"]
        assert (await client.ask(type="joinGroup", group="x", ackId=4))["success"]


async def test_groups_in_the_token_need_no_role(endpoint: str) -> None:
    async with connected(endpoint, role=["webpubsub.sendToGroup.g"], **claim("webpubsub.group", ["g"])) as client:
        assert (await client.ask(type="sendToGroup", group="g", data=1))["data"] == 1


async def test_metadata_travels_with_the_message(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.join("g")
        answer = await client.ask(type="sendToGroup", group="g", data=1, metadata={"trace": "abc"})
        assert answer["metadata"] == {"trace": "abc"}


BAD = [
    ("{", ""),
    ("[]", "object"),
    ("5", "object"),
    ("{}", "type"),
    ('{"type":5}', "type"),
    ('{"type":"setGroupState","group":"g"}', "type"),
    ('{"type":"joinGroup"}', "group"),
    ('{"type":"joinGroup","group":5}', "group"),
    ('{"type":"joinGroup","group":"  "}', "group"),
    (json.dumps({"type": "joinGroup", "group": "g" * 1025}), "group"),
    ('{"type":"joinGroup","group":"g","ackId":-1}', "ackId"),
    ('{"type":"joinGroup","group":"g","ackId":"1"}', "ackId"),
    ('{"type":"joinGroup","group":"g","ackId":18446744073709551616}', "ackId"),
    ('{"type":"sendToGroup","group":"g"}', "data"),
    ('{"type":"sendToGroup","group":"g","dataType":"text","data":5}', "data"),
    ('{"type":"sendToGroup","group":"g","dataType":"binary","data":"*"}', "base64"),
    ('{"type":"sendToGroup","group":"g","dataType":"xml","data":""}', "dataType"),
    ('{"type":"sendToGroup","group":"g","data":1,"noEcho":"yes"}', "noEcho"),
    ('{"type":"sendToGroup","group":"g","data":"\\ud800"}', "data"),
    ('{"type":"sendToGroup","group":"g","data":1,"ttlSeconds":301}', "ttlSeconds"),
    ('{"type":"sendToGroup","group":"g","data":1,"metadata":{"a":1}}', "metadata"),
    ('{"type":"sendToGroup","group":"g","data":1,"metadata":{"a":"1","a":"2"}}', "metadata"),
    ('{"type":"sendToGroup","group":"g","data":1,"metadata":{"a b":"1"}}', "metadata"),
    ('{"type":"event","event":"1","data":1}', "event"),
    ('{"type":"event","data":1}', "event"),
    ('{"type":"sequenceAck","sequenceId":"1"}', "sequenceId"),
    ('{"type":"ping"' + '},{"type":"ping"}', ""),
]


@pytest.mark.parametrize(("text", "named"), BAD)
async def test_bad_input_closes_with_1007_and_names_the_field(endpoint: str, text: str, named: str) -> None:
    async with connected(endpoint) as client:
        await client.socket.send_str(text)
        code, reason = await client.closed()
        assert code == 1007
        assert named in reason


async def test_deeply_nested_json_closes_with_1007(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.socket.send_str('{"type":"event","event":"e","data":' + "[" * 100_000 + "]" * 100_000 + "}")
        code, _ = await client.closed()
        assert code == 1007


TYPES = ["joinGroup", "leaveGroup", "sendToGroup", "event", "invoke", "cancelInvocation", "streamData", "streamEnd"]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "g", "json", "text"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
PARTS = st.fixed_dictionaries({}, optional={"streamId": ANYTHING, "idleTimeoutMs": ANYTHING, "message": ANYTHING})
FIELDS = {name: ANYTHING | PARTS for name in Incoming.__struct_fields__ if name != "type"}


@given(st.sampled_from(TYPES), st.fixed_dictionaries({}, optional=FIELDS), st.booleans())
@settings(max_examples=500, deadline=None)
def test_any_json_is_a_message_or_malformed(kind: str, fields: dict[str, Any], escaped: bool) -> None:
    text = json.dumps({"type": kind, **fields}, ensure_ascii=escaped)
    try:
        decode(text.encode(errors="surrogatepass"))
    except Malformed as malformed:
        assert malformed.code == 1007 and str(malformed)


async def test_bad_input_reaches_no_other_client(endpoint: str) -> None:
    async with connected(endpoint) as one, connected(endpoint) as other:
        await one.socket.send_str("{")
        await one.closed()
        await other.silent()


async def test_json_in_a_binary_frame_is_read(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.socket.send_bytes(b'{"type":"ping"}')
        assert await client.receive() == {"type": "pong"}


@pytest.mark.parametrize("data", [b'"\xff"', b'{"a":"\xed\xa0\x80"}', b'{"\xc3":1}'])
async def test_a_binary_frame_that_is_not_utf_8_ends_its_sender_and_no_receiver(endpoint: str, data: bytes) -> None:
    async with connected(endpoint) as one, connected(endpoint) as other:
        await other.join("g")
        await one.socket.send_bytes(b'{"type":"sendToGroup","group":"g","data":%b}' % data)
        code, reason = await one.closed()
        assert code == 1007 and "UTF-8" in reason
        await other.silent()


async def test_a_message_over_a_mebibyte_closes_with_1009(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.send(type="sendToGroup", group="g", data="x" * 1024 * 1024)
        code, _ = await client.closed()
        assert code == 1009


async def test_a_message_of_nearly_a_mebibyte_arrives(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.join("g")
        data = "x" * (1024 * 1024 - 100)
        assert (await client.ask(type="sendToGroup", group="g", data=data))["data"] == data


async def test_a_disconnected_frame_comes_before_a_close_by_the_service(endpoint: str) -> None:
    async with connected(endpoint) as client:
        frame = await client.ask(type="unknown")
        assert (frame["type"], frame["event"]) == ("system", "disconnected")
        assert frame["message"]
        assert (await client.socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_acks_keep_the_order_of_messages(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.join("g")
        for number in range(200):
            await client.send(type="sendToGroup", group="g", data=number, ackId=number)
        assert [label(await client.receive()) for _ in range(400)] == [
            (kind, number) for number in range(200) for kind in ("message", "ack")
        ]


def label(frame: dict[str, Any]) -> tuple[str, int]:
    return (frame["type"], frame["data"] if frame["type"] == "message" else frame["ackId"])


async def test_members_receive_one_senders_messages_in_order(endpoint: str) -> None:
    async with connected(endpoint) as one, connected(endpoint) as other:
        await other.join("g")
        for number in range(100):
            await one.send(type="sendToGroup", group="g", data=number)
        assert [(await other.receive())["data"] for _ in range(100)] == list(range(100))


async def test_a_client_that_left_receives_nothing_more(endpoint: str) -> None:
    async with connected(endpoint) as one, connected(endpoint) as other:
        await leave_after_join(other)
        assert (await one.ask(type="sendToGroup", group="g", data=1, ackId=1))["success"]
        await other.silent()


async def leave_after_join(client: Client) -> None:
    await client.join("g")
    assert (await client.ask(type="leaveGroup", group="g", ackId=2))["success"]


async def test_without_an_ack_id_a_refusal_is_silent_and_the_connection_stays(endpoint: str) -> None:
    async with connected(endpoint, role=[]) as client:
        await client.send(type="joinGroup", group="g")
        await client.send(type="sendToGroup", group="g", data=1)
        await client.send(type="event", event="nobody", data=1)
        await client.silent()


@pytest.mark.parametrize("ack_id", [0, 2**31, 2**64 - 1])
async def test_an_ack_id_is_any_unsigned_number_of_64_bits(endpoint: str, ack_id: int) -> None:
    async with connected(endpoint) as client:
        answer = await client.ask(type="joinGroup", group="g", ackId=ack_id)
        assert answer == {"type": "ack", "ackId": ack_id, "success": True}


@pytest.mark.parametrize("group", ["g" * 1024, " g ", "a/b%2F", "é"])
async def test_a_group_is_any_text_of_up_to_1024_characters(endpoint: str, group: str) -> None:
    async with connected(endpoint) as client:
        await client.join(group)
        assert (await client.ask(type="sendToGroup", group=group, data=1))["group"] == group


GOOD_METADATA: list[dict[str, str]] = [
    {},
    {"aZ09!#$%&'*+-.^_`|~": ""},
    {"k" * 256: "v" * 1024},
    {"a": " ~"},
    {f"k{number}": "v" * 1022 for number in range(8)},
]
BAD_METADATA: list[dict[str, str]] = [
    {"": "v"},
    {"a:b": "v"},
    {"é": "v"},
    {"k" * 257: "v"},
    {"k": "v" * 1025},
    {"k": "é"},
    {"k": "a\nb"},
    {f"k{number}": "v" * 1023 for number in range(8)},
]


@pytest.mark.parametrize("metadata", GOOD_METADATA, ids=range(len(GOOD_METADATA)))
async def test_metadata_within_its_rules_arrives(endpoint: str, metadata: dict[str, str]) -> None:
    async with connected(endpoint) as client:
        await client.join("g")
        answer = await client.ask(type="sendToGroup", group="g", data=1, metadata=metadata)
        assert answer.get("metadata", {}) == metadata


@pytest.mark.parametrize("metadata", BAD_METADATA, ids=range(len(BAD_METADATA)))
async def test_metadata_outside_its_rules_closes_with_1007(endpoint: str, metadata: dict[str, str]) -> None:
    async with connected(endpoint) as client:
        await client.send(type="sendToGroup", group="g", data=1, metadata=metadata)
        code, reason = await client.closed()
        assert (code, "metadata" in reason) == (1007, True)


@pytest.mark.parametrize("reserved", [b"\xc1\x80mask", b"\x83\x80mask", b"\x81\x01x"])
async def test_a_broken_frame_closes_with_1002_behind_a_disconnected_frame(endpoint: str, reserved: bytes) -> None:
    raw = await raw_client(endpoint)
    raw.writer.write(reserved)
    told = await raw.rest()
    assert b'"event":"disconnected"' in told
    assert told[told.rindex(b"\x88") + 2 :].startswith((1002).to_bytes(2, "big"))
    raw.close()


async def test_an_events_name_is_a_letter_and_up_to_127_more_in_any_case(hooked: StandIn, hook: Webhook) -> None:
    names = ["a", "A.b_c-9", "e" * 128]
    async with connected(hooked.endpoint) as client:
        for number, name in enumerate(names):
            assert (await client.ask(type="event", event=name, data=1, ackId=number))["success"]
        assert [event.event for event in hook.events(*names)] == names
        await client.send(type="event", event="e" * 129, data=1)
        assert (await client.closed())[0] == 1007
