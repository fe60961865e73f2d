"""Writing what protobuf clients are sent: ``protobuf.webpubsub.azure.v1`` and ``protobuf.reliable.webpubsub.azure.v1``.

Import it only when a protobuf client is there: loading the protobuf runtime takes a moment.
"""

from typing import Any, Literal, TypeAlias

from google.protobuf.message import DecodeError

from .messages import Content, Message
from .notices import Ack, Connected, Disconnected, Notice, Pong
from .protobuf_schema import CLASSES

# The field in which clients get JSON.
JsonAs: TypeAlias = Literal["text_data", "json_data"]

DownstreamMessage, DataMessage, SystemMessage, MessageData, PackedAny = (
    CLASSES[name] for name in ("DownstreamMessage", "DataMessage", "SystemMessage", "MessageData", "Any")
)


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
    """The ``MessageData`` of a content. Data that is called protobuf but is not becomes binary."""
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
    """The ``DownstreamMessage`` of a notice. Streams and invocations have none, and clients cannot start them."""
    match notice:
        case Ack(ack_id, None):
            return DownstreamMessage(ack_message={"ack_id": ack_id, "success": True})
        case Ack(ack_id, error) if error is not None:
            told = {"name": error.name, "message": error.message}
            return DownstreamMessage(ack_message={"ack_id": ack_id, "success": False, "error": told})
        case Connected(connection_id, user_id, token):
            # The schema has no other way to say that a client is anonymous.
            connected = {"connection_id": connection_id, "user_id": user_id or "", "reconnection_token": token}
            return DownstreamMessage(system_message=SystemMessage(connected_message=connected))
        case Disconnected(reason):
            return DownstreamMessage(system_message=SystemMessage(disconnected_message={"reason": reason}))
        case Pong():
            return DownstreamMessage(pong_message={})
    raise TypeError(f"{type(notice).__name__} has no protobuf form")
