"""Reading what JSON clients send: ``json.webpubsub.azure.v1`` and ``json.reliable.webpubsub.azure.v1``.

Data is passed on as the text that was received and is never encoded again.
"""

import base64
import binascii
import json
import re

import msgspec

from ..names import Metadata
from . import fields
from .messages import (
    UINT64_MAX,
    AcknowledgeSequence,
    CancelInvocation,
    ClientMessage,
    Content,
    EndStream,
    Invoke,
    JoinGroup,
    LeaveGroup,
    Malformed,
    Ping,
    SendEvent,
    SendToGroup,
    StartStream,
    StreamData,
    StreamError,
)

# Our choice: an id is kept as long as its stream and sent with each of its messages.
ID_MAX_CHARACTERS = 1024
# The service's name for an error that the publisher of a stream gives.
USER_ERROR = "UserError"
LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class StreamField(msgspec.Struct):
    """What makes a ``sendToGroup`` open a stream."""

    streamId: str
    idleTimeoutMs: int | None = None


class ErrorField(msgspec.Struct):
    """The client's reason for ending its stream."""

    message: str | None = None
    userErrorCode: str | None = None


class Incoming(msgspec.Struct):
    """All fields that a client may send; ``type`` says which of them are used."""

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
    stream: StreamField | None = None
    streamId: str | None = None
    streamSequenceId: int | None = None
    error: ErrorField | None = None
    invocationId: str | None = None
    target: str | None = None


_decoder = msgspec.json.Decoder(Incoming)
_text_decoder = msgspec.json.Decoder(str)


def decode(payload: bytes) -> ClientMessage:
    """Reads one frame. Raises Malformed, naming the field."""
    try:
        # Data is passed on unread, and a binary frame has not been checked for UTF-8 yet.
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
    return JoinGroup(fields.group(incoming.group), incoming.ackId)


def _leave(incoming: Incoming) -> ClientMessage:
    return LeaveGroup(fields.group(incoming.group), incoming.ackId)


def _send(incoming: Incoming) -> ClientMessage:
    group = fields.group(incoming.group)
    if incoming.stream is not None:
        return _start_stream(incoming, incoming.stream, group)
    ttl = fields.ttl("ttlSeconds", incoming.ttlSeconds or 0)
    metadata = _metadata(incoming.metadata)
    return SendToGroup(group, _content(incoming), incoming.noEcho, metadata, ttl, incoming.ackId)


def _event(incoming: Incoming) -> ClientMessage:
    return SendEvent(fields.event(incoming.event), _content(incoming), _metadata(incoming.metadata), incoming.ackId)


def _invoke(incoming: Incoming) -> ClientMessage:
    if incoming.target not in (None, "event"):
        raise Malformed("target must be event")
    # The JavaScript SDK leaves out a null.
    content = _content(incoming) if bytes(incoming.data) else Content("json", b"null")
    invocation_id = _id(incoming.invocationId, "invocationId")
    return Invoke(invocation_id, fields.event(incoming.event), content, _metadata(incoming.metadata))


def _cancel(incoming: Incoming) -> ClientMessage:
    return CancelInvocation(_id(incoming.invocationId, "invocationId"))


def _start_stream(incoming: Incoming, stream: StreamField, group: str) -> ClientMessage:
    has_data = bool(bytes(incoming.data)) or incoming.dataType is not None
    stream_id = _id(stream.streamId, "stream.streamId")
    return StartStream(stream_id, group, incoming.noEcho, stream.idleTimeoutMs, has_data)


def _stream_data(incoming: Incoming) -> ClientMessage:
    sequence_id = incoming.streamSequenceId
    if sequence_id is not None and not 1 <= sequence_id <= UINT64_MAX:
        raise Malformed("streamSequenceId must be an integer from 1 to 2^64-1")
    has_data = bool(bytes(incoming.data)) and incoming.dataType is not None
    if (sequence_id is not None) != has_data:
        raise Malformed("streamSequenceId, dataType and data belong together: give all of them, or only streamId")
    content = _content(incoming) if has_data else None
    return StreamData(_id(incoming.streamId, "streamId"), sequence_id, content)


def _end_stream(incoming: Incoming) -> ClientMessage:
    fault = incoming.error
    error = None if fault is None else StreamError(USER_ERROR, fault.message, fault.userErrorCode)
    return EndStream(_id(incoming.streamId, "streamId"), error)


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
    "invoke": _invoke,
    "cancelInvocation": _cancel,
    "streamData": _stream_data,
    "streamEnd": _end_stream,
    "sequenceAck": _acknowledge,
    "ping": _ping,
}
# Types are case-insensitive in Microsoft's emulator. The usual spelling is looked up first.
_BUILDERS |= {name.lower(): build for name, build in _BUILDERS.items()}


def _id(value: str | None, field: str) -> str:
    if not value or len(value) > ID_MAX_CHARACTERS:
        raise Malformed(f"{field} must be 1 to {ID_MAX_CHARACTERS} characters")
    return value


def _content(incoming: Incoming) -> Content:
    data = bytes(incoming.data)
    if not data:
        raise Malformed("data is missing")
    match (incoming.dataType or "json").lower():
        case "json":
            # The decoder has checked the data already, but not for lone surrogates.
            return Content("json", fields.json_data(data) if LONE_SURROGATE.search(data) else data)
        case "text":
            return Content("text", _text(data).encode())
        case "binary":
            return Content("binary", _base64(data))
        case "protobuf":
            return Content("protobuf", _base64(data))
        case _:
            raise Malformed("dataType must be json, text, binary or protobuf")


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
        # The standard library can report repeated keys, of which others silently keep one.
        pairs = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise Malformed("metadata is not valid JSON") from None
    if not isinstance(pairs, list) or not all(_is_text_pair(pair) for pair in pairs):
        raise Malformed("metadata must be an object of strings")
    return fields.metadata(pairs)


def _is_text_pair(pair: object) -> bool:
    return isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], str)
