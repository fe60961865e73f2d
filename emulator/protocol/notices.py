"""What the service tells a client about itself and about what the client sent, as values, beside messages."""

from typing import Literal, TypeAlias

import msgspec

from .messages import Content, StreamError


class AckError(msgspec.Struct, frozen=True):
    """Why a message with an ack id was not carried out. The official clients need both fields."""

    name: Literal["Forbidden", "InternalServerError", "Duplicate", "BadRequest"]
    message: str


class Connected(msgspec.Struct, frozen=True):
    """The first thing a client is told; only reliable clients get a token."""

    connection_id: str
    user_id: str | None
    reconnection_token: str | None


class Disconnected(msgspec.Struct, frozen=True):
    """The last thing a client is told before a close that the service starts."""

    reason: str


class Ack(msgspec.Struct, frozen=True):
    """Whether the message with that id was carried out."""

    ack_id: int
    error: AckError | None = None


class Pong(msgspec.Struct, frozen=True):
    """The answer to a ``Ping``."""


class InvokeResponse(msgspec.Struct, frozen=True):
    """The handler's answer to an ``Invoke``: its content, nothing, or the error."""

    invocation_id: str
    content: Content | None = None
    error: AckError | None = None


class StreamAck(msgspec.Struct, frozen=True):
    """Every fragment before ``expected_id`` was published; 1 means that the stream is open."""

    stream_id: str
    expected_id: int


class StreamNack(msgspec.Struct, frozen=True):
    """A fragment came before its time; the stream stays open."""

    stream_id: str
    expected_id: int


class StreamClosed(msgspec.Struct, frozen=True):
    """A stream is over, or never was."""

    stream_id: str
    error: StreamError | None = None


Notice: TypeAlias = Connected | Disconnected | Ack | Pong | InvokeResponse | StreamAck | StreamNack | StreamClosed
