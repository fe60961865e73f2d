"""Reading what protobuf clients send: ``protobuf.webpubsub.azure.v1`` and ``protobuf.reliable.webpubsub.azure.v1``.

Import it only when a protobuf client is there: loading the protobuf runtime takes a moment.
"""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError

from ..names import Metadata
from . import fields
from .messages import (
    AcknowledgeSequence,
    ClientMessage,
    Content,
    JoinGroup,
    LeaveGroup,
    Malformed,
    Ping,
    SendEvent,
    SendToGroup,
)
from .protobuf_schema import CLASSES

UpstreamMessage = CLASSES["UpstreamMessage"]


def decode(payload: bytes) -> ClientMessage:
    """Reads one ``UpstreamMessage``. Raises Malformed, naming the field."""
    try:
        upstream = UpstreamMessage.FromString(payload)
    except DecodeError:
        raise Malformed("the message is not an UpstreamMessage") from None
    kind = upstream.WhichOneof("kind")
    if kind is None:
        raise Malformed("message is not set, or its kind is unknown")
    return _READERS[kind](getattr(upstream, kind))


def _join(join: Any) -> ClientMessage:
    return JoinGroup(fields.group(join.group), _ack_id(join))


def _leave(leave: Any) -> ClientMessage:
    return LeaveGroup(fields.group(leave.group), _ack_id(leave))


def _send(send: Any) -> ClientMessage:
    _refuse_stream(send)
    ttl = fields.ttl("ttl_seconds", send.ttl_seconds)
    return SendToGroup(fields.group(send.group), _content(send), send.no_echo, _metadata(send), ttl, _ack_id(send))


def _event(event: Any) -> ClientMessage:
    _refuse_stream(event)
    return SendEvent(fields.event(event.event), _content(event), _metadata(event), _ack_id(event))


def _acknowledge(ack: Any) -> ClientMessage:
    return AcknowledgeSequence(ack.sequence_id)


def _ping(_: Any) -> ClientMessage:
    return Ping()


_READERS: dict[str, Callable[[Any], ClientMessage]] = {
    "send_to_group_message": _send,
    "event_message": _event,
    "join_group_message": _join,
    "leave_group_message": _leave,
    "sequence_ack_message": _acknowledge,
    "ping_message": _ping,
}


def _refuse_stream(message: Any) -> None:
    if message.HasField("stream"):
        raise Malformed("stream: a protobuf form of streams has not been published; use a JSON sub-protocol")


def _ack_id(message: Any) -> int | None:
    return message.ack_id if message.HasField("ack_id") else None


def _content(message: Any) -> Content:
    data = message.data
    match data.WhichOneof("kind"):
        case "text_data":
            return Content("text", data.text_data.encode())
        case "binary_data":
            return Content("binary", data.binary_data)
        case "protobuf_data":
            return Content("protobuf", data.protobuf_data.SerializeToString())
        case "json_data":
            return Content("json", fields.json_data(data.json_data.encode()))
    raise Malformed("data is missing: set text_data, binary_data, protobuf_data or json_data")


def _metadata(message: Any) -> Metadata:
    return fields.metadata((entry.key, entry.value) for entry in message.metadata)
