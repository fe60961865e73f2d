"""The messages of ``protobuf.webpubsub.azure.v1`` and ``protobuf.reliable.webpubsub.azure.v1`` (proto3).

Three versions have been published; this is the newest, which is compatible with the others. The schema is not
generated: a generated module works only with the protobuf runtime it was made for, and a project that uses the
stand-in may need another one. Types that are the same on the wire are declared in the simplest form: a map as
repeated entries, ``google.protobuf.Any`` as two fields.
"""

from typing import Any, NamedTuple

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto

PACKAGE = "azure.webpubsub"
SCALARS = {
    "string": FieldDescriptorProto.TYPE_STRING,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "uint32": FieldDescriptorProto.TYPE_UINT32,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
}


class Field(NamedTuple):
    """``type``: a scalar or another message; ``label``: as in a .proto file, or ``oneof``."""

    number: int
    type: str
    name: str
    label: str = ""


MESSAGES: dict[str, tuple[Field, ...]] = {
    "UpstreamMessage": (
        Field(1, "SendToGroupMessage", "send_to_group_message", "oneof"),
        Field(5, "EventMessage", "event_message", "oneof"),
        Field(6, "JoinGroupMessage", "join_group_message", "oneof"),
        Field(7, "LeaveGroupMessage", "leave_group_message", "oneof"),
        Field(8, "SequenceAckMessage", "sequence_ack_message", "oneof"),
        Field(9, "PingMessage", "ping_message", "oneof"),
    ),
    "SendToGroupMessage": (
        Field(1, "string", "group"),
        Field(2, "uint64", "ack_id", "optional"),
        Field(3, "MessageData", "data"),
        Field(4, "bool", "no_echo", "optional"),
        Field(5, "uint32", "ttl_seconds", "optional"),
        Field(6, "MetadataEntry", "metadata", "repeated"),
        Field(7, "StreamStartInfo", "stream"),
    ),
    "EventMessage": (
        Field(1, "string", "event"),
        Field(2, "MessageData", "data"),
        Field(3, "uint64", "ack_id", "optional"),
        Field(4, "MetadataEntry", "metadata", "repeated"),
        Field(5, "StreamStartInfo", "stream"),
    ),
    "JoinGroupMessage": (Field(1, "string", "group"), Field(2, "uint64", "ack_id", "optional")),
    "LeaveGroupMessage": (Field(1, "string", "group"), Field(2, "uint64", "ack_id", "optional")),
    "SequenceAckMessage": (Field(1, "uint64", "sequence_id"),),
    "PingMessage": (),
    "StreamStartInfo": (Field(1, "string", "stream_id"), Field(2, "uint32", "idle_timeout_ms", "optional")),
    "MessageData": (
        Field(1, "string", "text_data", "oneof"),
        Field(2, "bytes", "binary_data", "oneof"),
        Field(3, "Any", "protobuf_data", "oneof"),
        Field(4, "string", "json_data", "oneof"),
    ),
    "Any": (Field(1, "string", "type_url"), Field(2, "bytes", "value")),
    "MetadataEntry": (Field(1, "string", "key"), Field(2, "string", "value")),
    "DownstreamMessage": (
        Field(1, "AckMessage", "ack_message", "oneof"),
        Field(2, "DataMessage", "data_message", "oneof"),
        Field(3, "SystemMessage", "system_message", "oneof"),
        Field(4, "PongMessage", "pong_message", "oneof"),
    ),
    "AckMessage": (
        Field(1, "uint64", "ack_id"),
        Field(2, "bool", "success"),
        Field(3, "ErrorMessage", "error"),
    ),
    "ErrorMessage": (Field(1, "string", "name"), Field(2, "string", "message")),
    "DataMessage": (
        Field(1, "string", "from"),
        Field(2, "string", "group", "optional"),
        Field(3, "MessageData", "data"),
        Field(4, "uint64", "sequence_id", "optional"),
        Field(5, "MetadataEntry", "metadata", "repeated"),
    ),
    "SystemMessage": (
        Field(1, "ConnectedMessage", "connected_message", "oneof"),
        Field(2, "DisconnectedMessage", "disconnected_message", "oneof"),
    ),
    "ConnectedMessage": (
        Field(1, "string", "connection_id"),
        Field(2, "string", "user_id"),
        Field(3, "string", "reconnection_token", "optional"),
    ),
    "DisconnectedMessage": (Field(2, "string", "reason"),),
    "PongMessage": (),
}


def file() -> FileDescriptorProto:
    """The schema as a descriptor of a .proto file."""
    return FileDescriptorProto(
        name="webpubsub.client.proto",
        package=PACKAGE,
        syntax="proto3",
        message_type=[_message(name, fields) for name, fields in MESSAGES.items()],
    )


def _message(name: str, fields: tuple[Field, ...]) -> DescriptorProto:
    message = DescriptorProto(name=name)
    if any(field.label == "oneof" for field in fields):
        message.oneof_decl.add(name="kind")
    for field in fields:
        _add(message, field)
    return message


def _add(message: DescriptorProto, field: Field) -> None:
    repeated = field.label == "repeated"
    described = message.field.add(
        name=field.name,
        number=field.number,
        label=FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL,
        type=SCALARS.get(field.type, FieldDescriptorProto.TYPE_MESSAGE),
    )
    if field.type not in SCALARS:
        described.type_name = f".{PACKAGE}.{field.type}"
    if field.label == "oneof":
        described.oneof_index = 0
    if field.label == "optional":
        # proto3 declares an optional field as a oneof with one field.
        described.proto3_optional = True
        described.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{field.name}")


def classes() -> dict[str, Any]:
    """The classes of the messages, by name."""
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file())
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in MESSAGES}


CLASSES = classes()
