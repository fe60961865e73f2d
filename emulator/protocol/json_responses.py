"""Writing what JSON clients are sent: ``json.webpubsub.azure.v1`` and ``json.reliable.webpubsub.azure.v1``.

Returns the text of each frame; the codec makes the frame.
"""

import base64
from collections.abc import Callable
from typing import Any

import msgspec

from .messages import Content, DataType, Message, StreamPosition
from .notices import (
    Ack,
    Connected,
    Disconnected,
    InvokeResponse,
    Notice,
    Pong,
    StreamAck,
    StreamClosed,
    StreamNack,
)

_encode = msgspec.json.Encoder().encode


def message(outgoing: Message) -> bytes:
    """A ``message`` frame's text without a sequence id."""
    if outgoing.group is None:
        head = b'{"type":"message","from":"server"'
    else:
        head = b'{"type":"message","from":"group","group":' + _encode(outgoing.group)
        if outgoing.from_client:
            head += b',"fromUserId":' + _encode(outgoing.user_id)
    tail = b',"metadata":' + _encode(outgoing.metadata) if outgoing.metadata else b""
    if outgoing.stream is not None:
        tail += b',"stream":' + _encode(_position(outgoing.stream))
    return b"".join((head, data_fields(outgoing.content), tail, b"}"))


def _position(stream: StreamPosition) -> dict[str, Any]:
    fields: dict[str, Any] = {"streamId": stream.stream_id, "streamSequenceId": stream.sequence_id}
    if stream.end:
        fields["endOfStream"] = True
    if stream.error is not None:
        fields["error"] = stream.error
    return fields


_DATA_HEADS: dict[DataType, bytes] = {
    name: b',"dataType":"' + name.encode() + b'","data":' for name in ("json", "text", "binary", "protobuf")
}


def data_fields(content: Content) -> bytes:
    """The ``dataType`` and ``data`` fields, with a comma before them."""
    return _DATA_HEADS[content.data_type] + _data(content)


def _data(content: Content) -> bytes:
    if content.data_type == "json":
        return content.payload
    if content.data_type == "text":
        return _encode(content.payload.decode())
    return b'"' + base64.b64encode(content.payload) + b'"'


def with_sequence_id(text: bytes, sequence_id: int) -> bytes:
    """The reliable form of a ``message`` text: the same object with one more field."""
    return b'%b,"sequenceId":%d}' % (text[:-1], sequence_id)


def notice(told: Notice) -> bytes:
    """The text of a notice."""
    return _WRITERS[type(told)](told)


def _ack(told: Ack) -> bytes:
    if told.error is None:
        return b'{"type":"ack","ackId":%d,"success":true}' % told.ack_id
    return b'{"type":"ack","ackId":%d,"success":false,"error":%b}' % (told.ack_id, _encode(told.error))


def _pong(_: Pong) -> bytes:
    return b'{"type":"pong"}'


def _connected(told: Connected) -> bytes:
    # userId is null for anonymous clients.
    fields = {"type": "system", "event": "connected", "userId": told.user_id, "connectionId": told.connection_id}
    if told.reconnection_token is not None:
        fields["reconnectionToken"] = told.reconnection_token
    return _encode(fields)


def _disconnected(told: Disconnected) -> bytes:
    return _encode({"type": "system", "event": "disconnected", "message": told.reason})


def _invoke_response(told: InvokeResponse) -> bytes:
    head = b'{"type":"invokeResponse","invocationId":' + _encode(told.invocation_id)
    if told.error is not None:
        return head + b',"success":false,"error":' + _encode(told.error) + b"}"
    return head + b',"success":true' + (data_fields(told.content) if told.content is not None else b"") + b"}"


def _stream_ack(told: StreamAck) -> bytes:
    return _encode({"type": "streamAck", "streamId": told.stream_id, "expectedSequenceId": told.expected_id})


def _stream_nack(told: StreamNack) -> bytes:
    fields = {"type": "streamNack", "streamId": told.stream_id, "name": "InvalidSequenceId"}
    return _encode(
        {**fields, "message": f"{told.expected_id} is expected next", "expectedSequenceId": told.expected_id}
    )


def _stream_closed(told: StreamClosed) -> bytes:
    fields: dict[str, Any] = {"type": "streamClosed", "streamId": told.stream_id}
    if told.error is not None:
        fields["error"] = told.error
    return _encode(fields)


_WRITERS: dict[type[Notice], Callable[[Any], bytes]] = {
    Ack: _ack,
    Pong: _pong,
    Connected: _connected,
    Disconnected: _disconnected,
    InvokeResponse: _invoke_response,
    StreamAck: _stream_ack,
    StreamNack: _stream_nack,
    StreamClosed: _stream_closed,
}
