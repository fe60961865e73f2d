"""WebSocket framing (RFC 6455) for the server's side, without a socket: bytes to messages and messages to bytes.

Extensions are never negotiated, so a reserved bit that is set is a protocol error.
"""

import struct
from typing import Final

import msgspec

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA
KNOWN_OPCODES: Final = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})

# Close codes of RFC 6455 section 7.4.1.
NORMAL: Final = 1000
GOING_AWAY: Final = 1001
PROTOCOL_ERROR: Final = 1002
UNSUPPORTED_DATA: Final = 1003
NO_CODE: Final = 1005
INVALID_DATA: Final = 1007
POLICY_VIOLATION: Final = 1008
MESSAGE_TOO_BIG: Final = 1009
INTERNAL_ERROR: Final = 1011

CONTROL_MAX_BYTES: Final = 125


class Received(msgspec.Struct, frozen=True, gc=False):
    """One whole message or control frame from the client, unmasked. ``opcode`` is never CONTINUATION."""

    opcode: int
    payload: bytes


class BrokenFrame(Exception):
    """The byte stream is not valid; nothing after this point can be read."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class FrameReader:
    """Turns a client's byte stream into messages. Buffers at most one message and one chunk."""

    def __init__(self, max_message_bytes: int) -> None:
        self._max = max_message_bytes
        self._buffer = bytearray()
        self._fragments = bytearray()
        self._fragmented_as = 0

    def feed(self, data: bytes) -> tuple[list[Received], BrokenFrame | None]:
        """The messages that ``data`` completes, and the error after them, if any."""
        received: list[Received] = []
        # The usual case, whole frames in one chunk, needs no copy.
        buffer: bytes | bytearray = data
        if self._buffer:
            self._buffer += data
            buffer = self._buffer
        position = 0
        try:
            while (header := self._header(buffer, position)) is not None:
                start, length = header
                if len(buffer) < start + length:
                    break
                payload = unmask(bytes(buffer[start : start + length]), bytes(buffer[start - 4 : start]))
                message = self._assemble(buffer[position], payload)
                if message is not None:
                    received.append(message)
                position = start + length
        except BrokenFrame as broken:
            return received, broken
        if buffer is self._buffer:
            del self._buffer[:position]
        elif position < len(data):
            self._buffer = bytearray(data[position:])
        return received, None

    def _header(self, buffer: bytes | bytearray, position: int) -> tuple[int, int] | None:
        """Where the payload starts and its length; None while the header is incomplete."""
        available = len(buffer) - position
        if available < 2:
            return None
        opcode, length = buffer[position] & 0x0F, buffer[position + 1] & 0x7F
        self._check(buffer[position], buffer[position + 1], opcode, length)
        start = position + 2
        if length == 126:
            if available < 4:
                return None
            length, start = int.from_bytes(buffer[start : start + 2], "big"), start + 2
        elif length == 127:
            if available < 10:
                return None
            length, start = int.from_bytes(buffer[start : start + 8], "big"), start + 8
        if opcode < CLOSE and length + len(self._fragments) > self._max:
            raise BrokenFrame(MESSAGE_TOO_BIG, f"a message may have at most {self._max} bytes")
        if len(buffer) < start + 4:
            return None
        return start + 4, length

    def _check(self, first: int, second: int, opcode: int, length: int) -> None:
        if first & 0x70:
            raise BrokenFrame(PROTOCOL_ERROR, "reserved bits are set, but no extension was negotiated")
        if opcode not in KNOWN_OPCODES:
            raise BrokenFrame(PROTOCOL_ERROR, f"opcode {opcode} is unknown")
        if not second & 0x80:
            raise BrokenFrame(PROTOCOL_ERROR, "a client's frames must be masked")
        if opcode >= CLOSE and (length > CONTROL_MAX_BYTES or not first & 0x80):
            raise BrokenFrame(PROTOCOL_ERROR, "a control frame must be whole and at most 125 bytes long")
        if opcode == CONTINUATION and not self._fragmented_as:
            raise BrokenFrame(PROTOCOL_ERROR, "a continuation frame continues nothing")
        if opcode in (TEXT, BINARY) and self._fragmented_as:
            raise BrokenFrame(PROTOCOL_ERROR, "a new message starts inside a fragmented one")

    def _assemble(self, first: int, payload: bytes) -> Received | None:
        opcode, final = first & 0x0F, bool(first & 0x80)
        if opcode >= CLOSE:
            return Received(opcode, payload)
        if final and opcode != CONTINUATION:
            return Received(opcode, require_utf8(opcode, payload))
        self._fragments += payload
        self._fragmented_as = opcode or self._fragmented_as
        if not final:
            return None
        whole, kind = bytes(self._fragments), self._fragmented_as
        self._fragments, self._fragmented_as = bytearray(), 0
        return Received(kind, require_utf8(kind, whole))


def require_utf8(opcode: int, payload: bytes) -> bytes:
    """``payload`` itself; raises BrokenFrame when a text message is not UTF-8."""
    if opcode == TEXT and not payload.isascii():
        try:
            payload.decode()
        except UnicodeDecodeError:
            raise BrokenFrame(INVALID_DATA, "a text message must be UTF-8") from None
    return payload


def unmask(payload: bytes, mask: bytes) -> bytes:
    """``payload`` without the client's 4-byte ``mask``."""
    size = len(payload)
    # One wide XOR in C instead of a loop over bytes in Python.
    stretched = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    return (int.from_bytes(payload, "little") ^ stretched).to_bytes(size, "little")


def frame(opcode: int, payload: bytes) -> bytes:
    """A whole server frame, which is unmasked and can be written to any number of connections."""
    size = len(payload)
    first = 0x80 | opcode
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame; the reason is cut to fit into a control frame."""
    text = reason.encode()[: CONTROL_MAX_BYTES - 2].decode(errors="ignore")
    return frame(CLOSE, code.to_bytes(2, "big") + text.encode())


def close_code(payload: bytes) -> int:
    """The code in a client's close frame or NO_CODE; raises BrokenFrame if clients may not send it."""
    if not payload:
        return NO_CODE
    code = int.from_bytes(payload[:2], "big")
    allowed = code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014) or 3000 <= code <= 4999
    if len(payload) < 2 or not allowed:
        raise BrokenFrame(PROTOCOL_ERROR, "the close code is invalid")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise BrokenFrame(INVALID_DATA, "the close reason must be UTF-8") from None
    return code
