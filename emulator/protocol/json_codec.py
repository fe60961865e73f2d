"""The JSON encoding of ``json.webpubsub.azure.v1`` and ``json.reliable.webpubsub.azure.v1``.

Data is passed through as the text it came in and never re-encoded: publishing costs one decode whatever the size.
"""

import base64
import binascii
import json
import re

import msgspec

from emulator.names import Metadata, is_event, is_group, metadata_fault
from emulator.protocol.messages import (
    AckError,
    AcknowledgeSequence,
    ClientMessage,
    Content,
    DataType,
    JoinGroup,
    LeaveGroup,
    Malformed,
    Message,
    Ping,
    SendEvent,
    SendToGroup,
)

UINT64_MAX = 2**64 - 1
TTL_MAX_SECONDS = 300
LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

PONG = b'{"type":"pong"}'


class Incoming(msgspec.Struct):
    """Every field a client may send; which of them count depends on ``type``."""

    type: str
    group: str | None = None
    event: str | None = None
    ackId: int | None = None
    dataType: str | None = None
    data: msgspec.Raw = msgspec.Raw()
    noEcho: bool = False
    metadata: msgspec.Raw = msgspec.Raw()
    ttlSeconds: int | None = None
    sequenceId: int | None = None


_decoder = msgspec.json.Decoder(Incoming)
_text_decoder = msgspec.json.Decoder(str)
_encode = msgspec.json.Encoder().encode


def decode(payload: bytes) -> ClientMessage:
    """Reads one frame. Raises Malformed, naming the field."""
    try:
        # Data is passed on unread, and in a binary frame nobody has looked at it yet.
        if not payload.isascii():
            payload.decode()
        incoming = _decoder.decode(payload)
    except UnicodeDecodeError:
        raise Malformed("a message must be UTF-8") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None
    build = _BUILDERS.get(incoming.type) or _BUILDERS.get(incoming.type.lower())
    if build is None:
        raise Malformed("type is unknown")
    if incoming.ackId is not None and not 0 <= incoming.ackId <= UINT64_MAX:
        raise Malformed("ackId must be an integer from 0 to 2^64-1")
    return build(incoming)


def _join(incoming: Incoming) -> ClientMessage:
    return JoinGroup(_group(incoming), incoming.ackId)


def _leave(incoming: Incoming) -> ClientMessage:
    return LeaveGroup(_group(incoming), incoming.ackId)


def _send(incoming: Incoming) -> ClientMessage:
    group = _group(incoming)
    if incoming.ttlSeconds is not None and not 0 <= incoming.ttlSeconds <= TTL_MAX_SECONDS:
        raise Malformed(f"ttlSeconds must be from 0 to {TTL_MAX_SECONDS}")
    return SendToGroup(group, _content(incoming), incoming.noEcho, _metadata(incoming.metadata), incoming.ackId)


def _event(incoming: Incoming) -> ClientMessage:
    if incoming.event is None or not is_event(incoming.event):
        raise Malformed("event must be a letter followed by up to 127 letters, digits, '_', '.' or '-'")
    return SendEvent(incoming.event, _content(incoming), _metadata(incoming.metadata), incoming.ackId)


def _acknowledge(incoming: Incoming) -> ClientMessage:
    if incoming.sequenceId is None or not 0 <= incoming.sequenceId <= UINT64_MAX:
        raise Malformed("sequenceId must be an integer from 0 to 2^64-1")
    return AcknowledgeSequence(incoming.sequenceId)


def _ping(_: Incoming) -> ClientMessage:
    return Ping()


_BUILDERS = {
    "joinGroup": _join,
    "leaveGroup": _leave,
    "sendToGroup": _send,
    "event": _event,
    "sequenceAck": _acknowledge,
    "ping": _ping,
}
# Microsoft's emulator takes the type in any case, so that is looked up when the usual spelling is not found.
_BUILDERS |= {name.lower(): build for name, build in _BUILDERS.items()}


def _group(incoming: Incoming) -> str:
    if incoming.group is None or not is_group(incoming.group):
        raise Malformed("group must be 1 to 1024 characters, not only white space")
    return incoming.group


def _content(incoming: Incoming) -> Content:
    data = bytes(incoming.data)
    if not data:
        raise Malformed("data is missing")
    match (incoming.dataType or "json").lower():
        case "json":
            if LONE_SURROGATE.search(data):
                check_json(data)
            return Content("json", data)
        case "text":
            return Content("text", _text(data).encode())
        case "binary":
            return Content("binary", _base64(data))
        case "protobuf":
            return Content("protobuf", _base64(data))
        case _:
            raise Malformed("dataType must be json, text, binary or protobuf")


def check_json(data: bytes) -> None:
    """Raises Malformed unless ``data`` is JSON that every receiver can decode."""
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed(f"data is not valid JSON: {error}") from None


def _text(data: bytes) -> str:
    try:
        return _text_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed("data must be a string when dataType is text, binary or protobuf") from None


def _base64(data: bytes) -> bytes:
    try:
        return base64.b64decode(_text(data), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("data must be base64 when dataType is binary or protobuf") from None


def _metadata(raw: msgspec.Raw) -> Metadata:
    text = bytes(raw)
    if not text or text == b"null":
        return {}
    try:
        # The standard library shows repeated keys, which would otherwise silently win over one another.
        pairs = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise Malformed("metadata is not valid JSON") from None
    if not isinstance(pairs, list) or not all(_is_text_pair(pair) for pair in pairs):
        raise Malformed("metadata must be an object of strings")
    if fault := metadata_fault(pairs):
        raise Malformed(fault)
    return dict(pairs)


def _is_text_pair(pair: object) -> bool:
    return isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], str)


def message(outgoing: Message) -> bytes:
    """A ``message`` frame's text without a sequence id."""
    if outgoing.group is None:
        head = b'{"type":"message","from":"server"'
    else:
        head = b'{"type":"message","from":"group","group":' + _encode(outgoing.group)
        if outgoing.from_client:
            head += b',"fromUserId":' + _encode(outgoing.user_id)
    content = outgoing.content
    tail = b',"metadata":' + _encode(outgoing.metadata) + b"}" if outgoing.metadata else b"}"
    return b"".join((head, _DATA_HEADS[content.data_type], data_of(content), tail))


_DATA_HEADS: dict[DataType, bytes] = {
    name: b',"dataType":"' + name.encode() + b'","data":' for name in ("json", "text", "binary", "protobuf")
}


def data_of(content: Content) -> bytes:
    """The JSON text of a message's ``data``."""
    if content.data_type == "json":
        return content.payload
    if content.data_type == "text":
        return _encode(content.payload.decode())
    return b'"' + base64.b64encode(content.payload) + b'"'


def with_sequence_id(text: bytes, sequence_id: int) -> bytes:
    """The reliable form of a ``message`` text: the same object with one more field."""
    return b'%b,"sequenceId":%d}' % (text[:-1], sequence_id)


def ack(ack_id: int, error: AckError | None) -> bytes:
    """An ``ack`` frame's text."""
    if error is None:
        return b'{"type":"ack","ackId":%d,"success":true}' % ack_id
    return b'{"type":"ack","ackId":%d,"success":false,"error":%b}' % (ack_id, _encode(error))


def connected(connection_id: str, user_id: str | None, reconnection_token: str | None) -> bytes:
    """The first frame's text; ``userId`` is null for an anonymous client."""
    fields = {"type": "system", "event": "connected", "userId": user_id, "connectionId": connection_id}
    if reconnection_token is not None:
        fields["reconnectionToken"] = reconnection_token
    return _encode(fields)


def disconnected(reason: str) -> bytes:
    """The text of the frame before a close that the service starts."""
    return _encode({"type": "system", "event": "disconnected", "message": reason})
