"""What the service sends to a client beside messages, as values: acks, system events, answers."""

from typing import Literal, TypeAlias

import msgspec

from .messages import Content, StreamError


class AckError(msgspec.Struct, frozen=True):
    """Why a request failed. The official clients need both fields."""

    name: Literal["Forbidden", "InternalServerError", "Duplicate", "BadRequest"]
    message: str


class Connected(msgspec.Struct, frozen=True):
    """The first notice; only reliable clients get a token."""

    connection_id: str
    user_id: str | None
    reconnection_token: str | None


class Disconnected(msgspec.Struct, frozen=True):
    """The last notice before the service closes the connection."""

    reason: str


class Ack(msgspec.Struct, frozen=True):
    """Whether the request with that ack id succeeded."""

    ack_id: int
    error: AckError | None = None


class Pong(msgspec.Struct, frozen=True):
    """The answer to a ``Ping``."""


class InvokeResponse(msgspec.Struct, frozen=True):
    """The handler's answer to an ``Invoke``: content, nothing, or an error."""

    invocation_id: str
    content: Content | None = None
    error: AckError | None = None


class StreamAck(msgspec.Struct, frozen=True):
    """All fragments before ``expected_id`` were published; 1 means that the stream was opened."""

    stream_id: str
    expected_id: int


class StreamNack(msgspec.Struct, frozen=True):
    """A fragment arrived out of order; the stream stays open."""

    stream_id: str
    expected_id: int


class StreamClosed(msgspec.Struct, frozen=True):
    """A stream was closed, or could not be opened."""

    stream_id: str
    error: StreamError | None = None


Notice: TypeAlias = Connected | Disconnected | Ack | Pong | InvokeResponse | StreamAck | StreamNack | StreamClosed
