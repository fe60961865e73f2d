"""WebSocket framing without a socket: any cut of the stream, every rule of RFC 6455 that a client can break."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.protocol import frames
from emulator.protocol.frames import FrameReader, Received
from tests.emulator.raw import MASK, masked

MAX = 1000


def read(data: bytes, maximum: int = MAX) -> tuple[list[Received], int | None]:
    """The messages and the close code that ``data`` leads to."""
    messages, broken = FrameReader(maximum).feed(data)
    return messages, broken.code if broken else None


messages = st.tuples(st.sampled_from([frames.TEXT, frames.BINARY]), st.text(max_size=300).map(str.encode))


@given(st.lists(messages, max_size=8), st.data())
def test_messages_survive_any_fragmentation_and_any_cut(sent: list[tuple[int, bytes]], data: st.DataObject) -> None:
    stream = bytearray()
    for opcode, payload in sent:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(payload)), max_size=3)))
        pieces = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
        for index, piece in enumerate(pieces):
            stream += masked(opcode if index == 0 else 0, piece, final=index == len(pieces) - 1)
            if data.draw(st.booleans()):
                stream += masked(frames.PING, b"x")
    reader, received = FrameReader(10_000), []
    position = 0
    while position < len(stream):
        size = data.draw(st.integers(1, 200))
        got, broken = reader.feed(bytes(stream[position : position + size]))
        assert broken is None
        received += got
        position += size
    assert [(m.opcode, m.payload) for m in received if m.opcode != frames.PING] == sent


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_masks_come_off(payload: bytes, mask: bytes) -> None:
    assert read(masked(frames.BINARY, payload, mask=mask)) == ([Received(frames.BINARY, payload)], None)


whole = st.builds(
    lambda opcode, payload: masked(opcode, payload), st.sampled_from([2, 8, 9, 10]), st.binary(max_size=125)
)
fragmented = st.builds(
    lambda first, ping, last: masked(1, first, final=False) + masked(9, ping) + masked(0, last),
    *[st.text(max_size=150).map(str.encode), st.binary(max_size=10), st.text(max_size=150).map(str.encode)],
)
wrong = (
    st.binary(max_size=50)
    | st.builds(
        lambda opcode, payload, final: masked(opcode, payload, final=final),
        *[st.integers(0, 15), st.binary(max_size=200), st.booleans()],
    )
    # A message that is too long, at once and in parts, and a length in eight bytes.
    | st.sampled_from([b"\x82\xfe\x04\x00" + MASK, masked(2, b"x" * MAX, final=False) + masked(0, b"x")])
    | st.integers(0, MAX).map(lambda size: b"\x82\xff" + struct.pack("!Q", size) + MASK + bytes(size))
)
streams = st.tuples(st.lists(whole | fragmented, max_size=4), st.lists(wrong, max_size=2)).map(
    lambda parts: b"".join([*parts[0], *parts[1]])
)


@given(streams, st.data())
def test_any_bytes_mean_the_same_wherever_they_are_cut_and_no_more_is_held_than_may_be(
    stream: bytes, data: st.DataObject
) -> None:
    expected, code = read(stream)
    assert code in (None, 1002, 1007, 1009)
    assert all(len(one.payload) <= (MAX if one.opcode < 8 else 125) for one in expected)
    reader, received, position, broken = FrameReader(MAX), list[Received](), 0, None
    while position < len(stream) and broken is None:
        size = data.draw(st.integers(1, 60))
        got, broken = reader.feed(stream[position : position + size])
        received += got
        position += size
        # A message, a frame's header, and the chunk that has just come.
        assert len(reader._buffer) + len(reader._fragments) <= 2 * MAX + 14 + size
    assert (received, broken.code if broken else None) == (expected, code)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x01x", 1002),
        (b"\xc1\x80" + MASK, 1002),
        (masked(0x3, b""), 1002),
        (masked(0xB, b""), 1002),
        (masked(frames.CONTINUATION, b""), 1002),
        (masked(frames.TEXT, b"a", final=False) + masked(frames.TEXT, b"b"), 1002),
        (masked(frames.PING, b"", final=False), 1002),
        (masked(frames.PING, b"x" * 126), 1002),
        (masked(frames.TEXT, b"\xff"), 1007),
        (masked(frames.TEXT, b"\xc3", final=False) + masked(frames.CONTINUATION, b"x"), 1007),
        (masked(frames.BINARY, b"x" * (MAX + 1)), 1009),
        (masked(frames.BINARY, b"x" * MAX, final=False) + masked(frames.CONTINUATION, b"x"), 1009),
        (b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff" + MASK, 1009),
    ],
    ids=[
        "unmasked",
        "reserved bit",
        "unknown opcode",
        "unknown control opcode",
        "continues nothing",
        "interleaved",
        "fragmented control",
        "long control",
        "no UTF-8",
        "no UTF-8 across fragments",
        "too big",
        "too big in sum",
        "absurdly big",
    ],
)
def test_a_broken_stream_gets_its_close_code(data: bytes, code: int) -> None:
    assert read(data)[1] == code


def test_what_came_before_a_broken_frame_still_counts() -> None:
    assert read(masked(frames.TEXT, b"a") + b"\x81\x01x") == ([Received(frames.TEXT, b"a")], 1002)


def test_a_code_point_may_be_cut_by_fragments() -> None:
    stream = masked(frames.TEXT, b"\xc3", final=False) + masked(frames.CONTINUATION, b"\xa9")
    assert read(stream) == ([Received(frames.TEXT, "é".encode())], None)


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_server_frames_carry_their_length(size: int) -> None:
    made = frames.frame(frames.BINARY, b"x" * size)
    header = {0: 2, 125: 2, 126: 4, 65535: 4, 65536: 10}[size]
    assert made[0] == 0x82 and len(made) == header + size and made.endswith(b"x" * size)


def test_a_close_reason_is_cut_at_a_character() -> None:
    assert frames.close_frame(1008, "é" * 100)[4:].decode() == "é" * 61


@pytest.mark.parametrize("payload", [b"\x03", b"\x03\xed", b"\x00\x00", b"\x03\xec\xff", struct.pack("!H", 1006)])
def test_a_close_code_that_may_not_be_sent_is_broken(payload: bytes) -> None:
    with pytest.raises(frames.BrokenFrame):
        frames.close_code(payload)


def test_a_close_without_a_code_has_none() -> None:
    assert frames.close_code(b"") == 1005
    assert frames.close_code(b"\x03\xe8bye") == 1000
