"""Requests from clients and messages to them, as values for all sub-protocols. Codecs encode and decode them.

``notices`` has the rest of what clients are sent.
"""

from typing import Literal, TypeAlias

import msgspec

from ..names import Metadata
from .frames import INVALID_DATA

DataType: TypeAlias = Literal["json", "text", "binary", "protobuf"]

# The REST specification's limit for messageTtlSeconds; Microsoft's emulator also has it for ttlSeconds.
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
    """A client publishes. With ``no_echo`` it does not get the message itself; ``ttl_seconds`` 0 means no expiry."""

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
    """A client calls the event handler and expects the answer under ``invocation_id``."""

    invocation_id: str
    event: str
    content: Content
    metadata: Metadata = {}


class CancelInvocation(msgspec.Struct, frozen=True):
    """A client cancels an ``Invoke``."""

    invocation_id: str


class StartStream(msgspec.Struct, frozen=True):
    """A client opens a stream to ``group``. ``has_data`` and an idle time of 0 or less make it fail."""

    stream_id: str
    group: str
    no_echo: bool = False
    idle_milliseconds: int | None = None
    has_data: bool = False


class StreamData(msgspec.Struct, frozen=True):
    """A fragment of a stream. Without ``sequence_id`` and ``content`` it only keeps the stream open."""

    stream_id: str
    sequence_id: int | None = None
    content: Content | None = None


class StreamError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a stream ended, for subscribers and publishers. Field names are those on the wire."""

    name: str
    message: str | None = None
    userErrorCode: str | None = None


class EndStream(msgspec.Struct, frozen=True):
    """A client closes its stream, possibly with an error of its own."""

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
    """The position of a message in a stream. The last message has no data."""

    stream_id: str
    sequence_id: int
    end: bool = False
    error: StreamError | None = None


class Message(msgspec.Struct, frozen=True):
    """A message on its way to clients.

    ``group`` is None for a message from the server. ``from_client``: a client published it, and ``user_id`` is None if
    the client is anonymous. REST sends have no sender. ``ttl_seconds`` 0 means no expiry.
    """

    content: Content
    group: str | None = None
    from_client: bool = False
    user_id: str | None = None
    metadata: Metadata = {}
    ttl_seconds: int = 0
    stream: StreamPosition | None = None


class Malformed(Exception):
    """A client's message is invalid; the text names the field and the reason. ``code`` closes the WebSocket."""

    def __init__(self, reason: str, code: int = INVALID_DATA) -> None:
        super().__init__(reason)
        self.code = code
