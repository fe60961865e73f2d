"""What clients may say, and the messages that reach them, as values; one vocabulary for every sub-protocol.

Knows no encoding: the codecs beside this module translate. ``notices`` has what clients are told beside messages.
"""

from typing import Literal, TypeAlias

import msgspec

from ..names import Metadata
from .frames import INVALID_DATA

DataType: TypeAlias = Literal["json", "text", "binary", "protobuf"]

# The REST specification's bound for messageTtlSeconds; Microsoft's emulator has it for ttlSeconds too.
TTL_MAX_SECONDS = 300
UINT64_MAX = 2**64 - 1


class Content(msgspec.Struct, frozen=True):
    """A message's data in its native form: JSON text, UTF-8 text, bytes, or a serialized ``google.protobuf.Any``."""

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
    """A client publishes; ``no_echo`` keeps the message from the sender itself. ``ttl_seconds`` 0 is for ever."""

    group: str
    content: Content
    no_echo: bool = False
    metadata: Metadata = {}
    ttl_seconds: int = 0
    ack_id: int | None = None


class SendEvent(msgspec.Struct, frozen=True):
    """A client calls the event handler."""

    event: str
    content: Content
    metadata: Metadata = {}
    ack_id: int | None = None


class Invoke(msgspec.Struct, frozen=True):
    """A client calls the event handler and wants its answer under ``invocation_id``."""

    invocation_id: str
    event: str
    content: Content
    metadata: Metadata = {}


class CancelInvocation(msgspec.Struct, frozen=True):
    """A client no longer waits for the answer to an ``Invoke``."""

    invocation_id: str


class StartStream(msgspec.Struct, frozen=True):
    """A client opens a stream to ``group``. ``has_data`` and an idle time of 0 or less are faults of the stream."""

    stream_id: str
    group: str
    no_echo: bool = False
    idle_milliseconds: int | None = None
    has_data: bool = False


class StreamData(msgspec.Struct, frozen=True):
    """A fragment of a stream; one with neither ``sequence_id`` nor ``content`` only keeps the stream open."""

    stream_id: str
    sequence_id: int | None = None
    content: Content | None = None


class StreamError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a stream ended, as subscribers and publishers are told. Field names are those of the wire."""

    name: str
    message: str | None = None
    userErrorCode: str | None = None


class EndStream(msgspec.Struct, frozen=True):
    """A client closes its stream, with an error of its own if ``error`` is given."""

    stream_id: str
    error: StreamError | None = None


class AcknowledgeSequence(msgspec.Struct, frozen=True):
    """A reliable client has received every message up to ``sequence_id``."""

    sequence_id: int


class Ping(msgspec.Struct, frozen=True):
    """A client asks for a pong."""


ClientMessage: TypeAlias = (
    JoinGroup
    | LeaveGroup
    | SendToGroup
    | SendEvent
    | Invoke
    | CancelInvocation
    | StartStream
    | StreamData
    | EndStream
    | AcknowledgeSequence
    | Ping
)


class StreamPosition(msgspec.Struct, frozen=True):
    """Which part of which stream a message is; the last one has no data of its own."""

    stream_id: str
    sequence_id: int
    end: bool = False
    error: StreamError | None = None


class Message(msgspec.Struct, frozen=True):
    """A message on its way to clients.

    ``group`` is None for one from the server. ``from_client`` tells a client's publication, whose ``user_id`` may be
    None for an anonymous client, from a REST send, which has no sender. ``ttl_seconds`` 0 is for ever.
    """

    content: Content
    group: str | None = None
    from_client: bool = False
    user_id: str | None = None
    metadata: Metadata = {}
    ttl_seconds: int = 0
    stream: StreamPosition | None = None


class Malformed(Exception):
    """A client's message cannot be understood; the text says which field and why. ``code`` closes the WebSocket."""

    def __init__(self, reason: str, code: int = INVALID_DATA) -> None:
        super().__init__(reason)
        self.code = code
