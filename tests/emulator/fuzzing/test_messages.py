"""Messages of every sub-protocol that look right, nearly right or not at all."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.emulator import protobuf_wire
from tests.emulator.clients import PLAIN, PROTOBUF, RELIABLE, RELIABLE_PROTOBUF
from tests.emulator.fuzzing.conftest import Target
from tests.emulator.fuzzing.wire import BINARY, CLOSE, TEXT, Frame, WebSocket
from tests.emulator.raw import masked

Test: TypeAlias = Callable[..., None]
# Of the ends that docs/emulator.md lists, those that a message can bring about.
MEANT = {1003, 1007, 1008, 1009}
LAST_ACK = 2**40
NAMES = ["type", "group", "event", "ackId", "dataType", "data", "noEcho", "metadata", "ttlSeconds", "sequenceId"]
NAMES += ["stream", "streamId", "streamSequenceId", "error", "invocationId", "target", "userErrorCode", "idleTimeoutMs"]
TYPES = ["joinGroup", "leaveGroup", "sendToGroup", "event", "sequenceAck", "ping", "invoke", "cancelInvocation"]
TYPES += ["streamData", "streamEnd", "streamStart", "setGroupState", "PING", ""]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["g", "e", "json", "text", "binary", "protobuf", "AP8=", "\ud800", 2**64 - 1, 2**64, -1, 1e400])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
)
MESSAGES = st.builds(
    lambda kind, fields: {"type": kind, **fields},
    st.sampled_from(TYPES) | VALUES,
    st.dictionaries(st.sampled_from(NAMES[1:]), VALUES, max_size=5),
)
SEEDS = [
    b'{"type":"sendToGroup","group":"g","data":NaN}',
    b'{"type":"sendToGroup","group":"g","data":1e999}',
    b'{"type":"sendToGroup","group":"g","data":' + b"9" * 5000 + b"}",
    b'{"type":"sendToGroup","group":"g","data":1,"data":2}',
    b'{"type":"sendToGroup","group":"g","data":"\\ud800"}',
    b'{"type":"sendToGroup","group":"\\u0000","data":"\\u0000"}',
    b'{"type":"event","event":"e","data":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    b'{"type":"event","event":"e","data":1,"metadata":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    b'{"type":"sequenceAck","sequenceId":18446744073709551615}',
    b'{"type":"streamData","streamId":"s","streamSequenceId":1,"dataType":"json","data":1}',
    b'\xef\xbb\xbf{"type":"ping"}',
    b'{"type":"ping"}\x00',
    b"",
    b"null",
]


def answers(target: Target, protocol: str, opcode: int, sent: list[bytes]) -> list[Frame]:
    """What a client hears that sends these messages and a last one, whose ack ends the list unless a close did."""
    client = WebSocket(target.endpoint, protocol)
    last: dict[str, Any] = {"type": "joinGroup", "group": "last", "ackId": LAST_ACK}
    for message in sent:
        client.send(masked(opcode, message))
    client.send(masked(opcode, json.dumps(last).encode() if opcode == TEXT else protobuf_wire.request(last)))
    heard = [client.frame()]
    while heard[-1].opcode != CLOSE and not is_last(heard[-1]):
        heard.append(client.frame())
    client.close()
    target.unharmed()
    return heard


def is_last(frame: Frame) -> bool:
    """Whether this is the ack of the last message."""
    if frame.opcode == TEXT:
        return bool(json.loads(frame.payload).get("ackId") == LAST_ACK)
    return frame.opcode == BINARY and protobuf_wire.read(frame.payload).get("ackId") == LAST_ACK


def closed_for_a_reason(heard: list[Frame], reason_of: Any) -> bool:
    """Whether the client was closed; then with a code for it, and the reason stands in the frame before, too."""
    if heard[-1].opcode != CLOSE:
        return False
    told = reason_of(heard[-2].payload)
    assert heard[-1].code in MEANT
    assert told["event"] == "disconnected" and told["message"].startswith(heard[-1].reason.rstrip("�")[:20])
    assert heard[-1].reason
    return True


def replayed(test: Test) -> Test:
    """The same with every seed as an example."""
    for seed in SEEDS:
        test = example([seed], PLAIN)(test)
    return test


@settings(max_examples=300)
@given(
    st.lists(MESSAGES.map(lambda message: json.dumps(message).encode()) | st.binary(max_size=30), max_size=4),
    st.sampled_from([PLAIN, RELIABLE]),
)
@replayed
def test_any_json_is_carried_out_or_closes_its_sender_with_a_reason(
    target: Target, sent: list[bytes], protocol: str
) -> None:
    heard = answers(target, protocol, TEXT, sent)
    closed_for_a_reason(heard, json.loads)
    # JSON as everybody reads it, without the names that only Python knows.
    for frame in heard:
        if frame.opcode == TEXT:
            json.loads(frame.payload, parse_constant=refuse)


def refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


SCALARS = (
    st.integers(0, 2**64 - 1) | st.text(max_size=10) | st.binary(max_size=20) | st.sampled_from(["g", "e", b"\xff"])
)
FIELDS = st.recursive(
    st.dictionaries(st.integers(1, 9), SCALARS, max_size=4),
    lambda inner: st.dictionaries(st.integers(1, 9), inner | SCALARS | st.lists(inner, max_size=2), max_size=4),
    max_leaves=5,
)
ANY = {1: {1: "g", 2: 1, 3: {3: {1: "type.example/x", 2: b"\xff"}}}}


@settings(max_examples=300)
@given(
    st.lists(FIELDS.map(protobuf_wire.encode) | st.binary(max_size=30), max_size=4),
    st.sampled_from([PROTOBUF, RELIABLE_PROTOBUF]),
)
@example([protobuf_wire.encode(ANY)], PROTOBUF)
@example([protobuf_wire.encode({1: {1: b"\xff", 3: {1: "x"}}})], PROTOBUF)
@example([protobuf_wire.encode({1: {1: "g", 3: {4: b"{"}}})], PROTOBUF)
@example([b"\x0a" * 100], RELIABLE_PROTOBUF)
@example([b"\x0b" * 3000], RELIABLE_PROTOBUF)
@example([b"\xff" * 11], PROTOBUF)
@example([b""], PROTOBUF)
def test_any_protobuf_is_carried_out_or_closes_its_sender_with_a_reason(
    target: Target, sent: list[bytes], protocol: str
) -> None:
    closed_for_a_reason(answers(target, protocol, BINARY, sent), protobuf_wire.read)
