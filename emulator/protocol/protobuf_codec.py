"""The codec of ``protobuf.webpubsub.azure.v1`` and ``protobuf.reliable.webpubsub.azure.v1``: binary frames.

Imported when the first protobuf client comes, since the protobuf runtime takes a moment to load.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Literal

from google.protobuf.message import DecodeError

from ..names import Metadata
from . import fields, frames
from .delivery import Delivery
from .messages import (
    AcknowledgeSequence,
    ClientMessage,
    Content,
    JoinGroup,
    LeaveGroup,
    Malformed,
    Message,
    Ping,
    SendEvent,
    SendToGroup,
)
from .notices import Ack, Connected, Disconnected, Notice, Pong
from .protobuf_frames import numbered_frame
from .protobuf_schema import classes

JsonAs = Literal["text_data", "json_data"]

_CLASSES = classes()
UpstreamMessage, DownstreamMessage = _CLASSES["UpstreamMessage"], _CLASSES["DownstreamMessage"]
DataMessage, SystemMessage, MessageData, PackedAny = (
    _CLASSES[name] for name in ("DataMessage", "SystemMessage", "MessageData", "Any")
)


class ProtobufCodec:
    """A ``Codec``. ``json_as`` is the field in which JSON reaches the client."""

    acknowledges = True
    carries_streams = False

    def __init__(self, json_as: JsonAs) -> None:
        documented = json_as == "text_data"
        self.frame: Callable[[Delivery], bytes] = attrgetter("protobuf_frame" if documented else "protobuf_json_frame")
        self._body: Callable[[Delivery], bytes] = attrgetter("protobuf_body" if documented else "protobuf_json_body")

    def size(self, delivery: Delivery) -> int:
        """The message without its sequence id."""
        return len(self._body(delivery))

    def numbered(self, delivery: Delivery, sequence_id: int) -> bytes:
        """The sequence id goes behind what all receivers share."""
        return numbered_frame(self._body(delivery), sequence_id)

    def decode(self, opcode: int, payload: bytes) -> ClientMessage:
        """One ``UpstreamMessage``."""
        if opcode != frames.BINARY:
            raise Malformed("a protobuf message must be a binary frame", frames.UNSUPPORTED_DATA)
        try:
            upstream = UpstreamMessage.FromString(payload)
        except DecodeError:
            raise Malformed("the message is no UpstreamMessage") from None
        kind = upstream.WhichOneof("kind")
        if kind is None:
            raise Malformed("message is not set, or of a kind that is unknown here")
        return _READERS[kind](getattr(upstream, kind))

    def encode(self, notice: Notice) -> bytes:
        """One ``DownstreamMessage``."""
        return frames.frame(frames.BINARY, downstream(notice).SerializeToString())


def data_message(message: Message, json_as: JsonAs) -> bytes:
    """The serialized ``DataMessage`` without a sequence id."""
    data = DataMessage(data=message_data(message.content, json_as))
    setattr(data, "from", "server" if message.group is None else "group")
    if message.group is not None:
        data.group = message.group
    for key, value in message.metadata.items():
        data.metadata.add(key=key, value=value)
    return bytes(data.SerializeToString())


def message_data(content: Content, json_as: JsonAs) -> Any:
    """The ``MessageData`` of a content. What a JSON client calls protobuf and is none arrives as binary."""
    match content.data_type:
        case "text":
            return MessageData(text_data=content.payload.decode())
        case "json":
            return MessageData(**{json_as: content.payload.decode()})
        case "protobuf":
            try:
                return MessageData(protobuf_data=PackedAny.FromString(content.payload))
            except DecodeError:
                return MessageData(binary_data=content.payload)
        case "binary":
            return MessageData(binary_data=content.payload)


def downstream(notice: Notice) -> Any:
    """The ``DownstreamMessage`` of a notice. Those of streams and invocations have none, and no client gets there."""
    match notice:
        case Ack(ack_id, None):
            return DownstreamMessage(ack_message={"ack_id": ack_id, "success": True})
        case Ack(ack_id, error) if error is not None:
            told = {"name": error.name, "message": error.message}
            return DownstreamMessage(ack_message={"ack_id": ack_id, "success": False, "error": told})
        case Connected(connection_id, user_id, token):
            # There is no way to write that a client is anonymous but an empty user id.
            connected = {"connection_id": connection_id, "user_id": user_id or "", "reconnection_token": token}
            return DownstreamMessage(system_message=SystemMessage(connected_message=connected))
        case Disconnected(reason):
            return DownstreamMessage(system_message=SystemMessage(disconnected_message={"reason": reason}))
        case Pong():
            return DownstreamMessage(pong_message={})
    raise TypeError(f"{type(notice).__name__} has no protobuf form")


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
