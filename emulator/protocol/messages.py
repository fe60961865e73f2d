"""What clients may say and what they are told, as values; one vocabulary for every sub-protocol.

Knows no encoding: the codecs beside this module translate.
"""

from typing import Literal, TypeAlias

import msgspec

from emulator.names import Metadata

DataType: TypeAlias = Literal["json", "text", "binary", "protobuf"]


class Content(msgspec.Struct, frozen=True):
    """A message's data in its native form: JSON text, UTF-8 text, or bytes."""

    data_type: DataType
    payload: bytes


class JoinGroup(msgspec.Struct, frozen=True):
    """A client wants to receive what is published to ``group``."""

    group: str
    ack_id: int | None = None


class LeaveGroup(msgspec.Struct, frozen=True):
    """A client no longer wants to receive what is published to ``group``."""

    group: str
    ack_id: int | None = None


class SendToGroup(msgspec.Struct, frozen=True):
    """A client publishes; ``no_echo`` keeps the message from the sender itself."""

    group: str
    content: Content
    no_echo: bool = False
    metadata: Metadata = {}
    ack_id: int | None = None


class SendEvent(msgspec.Struct, frozen=True):
    """A client calls the event handler."""

    event: str
    content: Content
    metadata: Metadata = {}
    ack_id: int | None = None


class AcknowledgeSequence(msgspec.Struct, frozen=True):
    """A reliable client has received every message up to ``sequence_id``."""

    sequence_id: int


class Ping(msgspec.Struct, frozen=True):
    """A client asks for a pong."""


ClientMessage: TypeAlias = JoinGroup | LeaveGroup | SendToGroup | SendEvent | AcknowledgeSequence | Ping


class Message(msgspec.Struct, frozen=True):
    """A message on its way to clients.

    ``group`` is None for one from the server. ``from_client`` tells a client's publication, whose ``user_id`` may be
    None for an anonymous client, from a REST send, which has no sender.
    """

    content: Content
    group: str | None = None
    from_client: bool = False
    user_id: str | None = None
    metadata: Metadata = {}


class AckError(msgspec.Struct, frozen=True):
    """Why a message with an ack id was not carried out. The official clients need both fields."""

    name: Literal["Forbidden", "InternalServerError", "Duplicate", "BadRequest"]
    message: str


class Malformed(Exception):
    """A client's message cannot be understood; the text says which field and why."""
