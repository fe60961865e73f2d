"""WebSocket frames of every kind, right and wrong, from a client behind its upgrade."""

import json
import struct
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.emulator.clients import PLAIN, PROTOBUF, RELIABLE
from tests.emulator.fuzzing.conftest import Target, started
from tests.emulator.fuzzing.wire import CLOSE, TEXT, WebSocket
from tests.emulator.raw import MASK, masked

PING = masked(TEXT, b'{"type":"ping"}')
HUGE = 1024 * 1024 + 1
# What is sent, and the code of the close that must answer it; None: the client is not closed and its ping is answered.
SEEDS: dict[str, tuple[bytes, int | None]] = {
    "first reserved bit": (b"\xc1\x80" + MASK, 1002),
    "compressed, which was not agreed": (b"\xc1\x85" + MASK + b"\xf3H\xcd\xc9\xc9", 1002),
    "second reserved bit": (b"\xa1\x80" + MASK, 1002),
    "third reserved bit": (b"\x91\x80" + MASK, 1002),
    "unknown opcode": (masked(0x3, b""), 1002),
    "unknown control opcode": (masked(0xF, b""), 1002),
    "not masked": (b"\x81\x02{}", 1002),
    "long ping": (masked(0x9, b"x" * 126), 1002),
    "ping in parts": (masked(0x9, b"", final=False), 1002),
    "close in parts": (masked(CLOSE, b"", final=False), 1002),
    "continues nothing": (masked(0x0, b"x"), 1002),
    "message inside a message": (masked(TEXT, b"{", final=False) + PING, 1002),
    "close with half a code": (masked(CLOSE, b"\x03"), 1002),
    "close with a code that may not be sent": (masked(CLOSE, b"\x03\xee"), 1002),
    "close with a reason that is not UTF-8": (masked(CLOSE, b"\x03\xe8\xff"), 1007),
    "text that is not UTF-8": (masked(TEXT, b'{"type":"ping\xff"}'), 1007),
    "text with half a character": (masked(TEXT, b"\xe2\x82"), 1007),
    "a surrogate in text": (masked(TEXT, b"\xed\xa0\x80"), 1007),
    "empty text": (masked(TEXT, b""), 1007),
    "a length of 2^63": (b"\x81\xff" + struct.pack("!Q", 2**63) + MASK, 1009),
    "one byte too long": (b"\x81\xff" + struct.pack("!Q", HUGE) + MASK, 1009),
    "too long in parts": (masked(TEXT, b"x" * (HUGE - 1), final=False) + masked(0x0, b"x"), 1009),
    "endless empty parts": (
        masked(TEXT, b"", final=False) + masked(0x0, b"", final=False) * 1000 + masked(0x0, b""),
        1007,
    ),
    "an own close": (masked(CLOSE, b"\x03\xe8bye"), 1000),
    "an own close with a code of its own": (masked(CLOSE, b"\x0f\xa0"), 4000),
    "a length longer than it needs": (b"\x89\xfe\x00\x01" + MASK + b"x", 1002),
    "a ping in the middle of a message": (
        masked(TEXT, b'{"type":', final=False) + masked(0x9, b"") + masked(0x0, b'"ping"}'),
        None,
    ),
    "a pong that nobody asked for": (masked(0xA, b"x"), None),
    "one byte per part": (
        masked(TEXT, b"{", final=False)
        + b"".join(masked(0x0, b'"type":"ping"'[i : i + 1], final=False) for i in range(13))
        + masked(0x0, b"}"),
        None,
    ),
}


@pytest.mark.parametrize(("sent", "code"), SEEDS.values(), ids=SEEDS)
@pytest.mark.parametrize("cut", [False, True], ids=["at once", "byte by byte"])
def test_what_a_client_breaks_closes_that_client_with_the_code_for_it(
    target: Target, sent: bytes, code: int | None, cut: bool
) -> None:
    client = WebSocket(target.endpoint)
    whole = not cut or len(sent) > 1000
    for piece in [sent] if whole else [sent[index : index + 1] for index in range(len(sent))]:
        client.send(piece)
    target.unharmed()
    if code is None:
        client.send(PING)
        while json.loads(client.frame().payload or b"{}") != {"type": "pong"}:
            pass
        client.say_no_more()
    last = client.frames()[-1:]
    assert [frame.code for frame in last if frame.opcode == CLOSE] == ([] if code is None else [code])
    client.close()
    target.unharmed()


def test_a_bystander_is_not_put_out_by_pings() -> None:
    with started("--limit", "PingSeconds=0.05") as target:
        for _ in range(100_000):
            target.unharmed()
            if target.bystander.pings == 5:
                return
    raise AssertionError("no pings came")


def frame(first: int, masks: bool, declared: int | None, payload: bytes) -> bytes:
    """A frame whose length may be a lie, in the shortest form that can tell it."""
    size = len(payload) if declared is None else declared
    bit = 0x80 if masks else 0
    if size < 126:
        head = bytes((first, bit | size))
    elif size < 65536:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    body = bytes(byte ^ MASK[index % 4] for index, byte in enumerate(payload)) if masks else payload
    return head + (MASK if masks else b"") + body


USUAL = st.sampled_from([0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8A])
LENGTHS = st.none() | st.integers(0, 200) | st.sampled_from([2**16, 2**20, 2**31, 2**63, 2**64 - 1])
PAYLOADS = st.binary(max_size=200) | st.sampled_from([b'{"type":"ping"}', b"\x03\xe8", b"{", b"\xc3"])
FRAMES = st.builds(frame, USUAL | st.integers(0, 255), st.sampled_from([True] * 9 + [False]), LENGTHS, PAYLOADS)
STREAMS = st.lists(FRAMES | st.just(PING) | st.binary(max_size=20), max_size=12).map(b"".join)
PROTOCOLS: dict[str, Callable[[bytes], object]] = {PLAIN: json.loads, RELIABLE: json.loads, PROTOBUF: len}


@settings(max_examples=250)
@given(STREAMS, st.sampled_from(sorted(PROTOCOLS)))
@example(b"\xff" * 30, PLAIN)
@example(masked(TEXT, b"", final=False) + PING, RELIABLE)
@example(masked(0x2, b"") + PING, PROTOBUF)
@example(PING + b"\x89\x80" + MASK + b"\x81", PLAIN)
def test_any_stream_is_answered_in_whole_frames_and_closed_for_a_reason(
    target: Target, stream: bytes, protocol: str
) -> None:
    client = WebSocket(target.endpoint, protocol)
    client.send(stream)
    target.unharmed()
    client.say_no_more()
    frames = client.frames()
    for told in frames:
        if told.opcode in (0x1, 0x2):
            PROTOCOLS[protocol](told.payload)
        elif told.opcode == CLOSE and told.code in (1002, 1003, 1007, 1009):
            assert told.reason
    client.close()
    target.unharmed()
