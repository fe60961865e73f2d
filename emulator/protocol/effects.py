"""What a session wants done, as values, in the order it must happen."""

from typing import TypeAlias

import msgspec

from ..names import Metadata
from .messages import Content, Message


class Write(msgspec.Struct, frozen=True):
    """Write a frame to the client's socket; lost when there is none now."""

    frame: bytes


class Join(msgspec.Struct, frozen=True):
    """Put the connection into a group."""

    group: str


class Leave(msgspec.Struct, frozen=True):
    """Take the connection out of a group."""

    group: str


class Publish(msgspec.Struct, frozen=True):
    """Deliver a message to a group, except to the connection itself when ``no_echo``, and then write ``answer``.

    Where it cannot be delivered, the session's ``not_published`` says what is written instead.
    """

    message: Message
    no_echo: bool
    ack_id: int | None = None
    answer: bytes = b""


class Deliver(msgspec.Struct, frozen=True):
    """Deliver a message to this connection alone."""

    message: Message


class CallHandler(msgspec.Struct, frozen=True):
    """Call the event handler; its answer comes back through ``handler_answered`` or ``handler_failed``."""

    event: str
    content: Content
    metadata: Metadata


class AwaitStream(msgspec.Struct, frozen=True):
    """Call ``stream_idle`` after so long, unless another effect for the same stream comes first."""

    stream_id: str
    milliseconds: int


class ForgetStream(msgspec.Struct, frozen=True):
    """The stream is over: nothing is awaited any more."""

    stream_id: str


class Close(msgspec.Struct, frozen=True):
    """End the connection for good: it cannot be recovered."""

    code: int
    reason: str


Effect: TypeAlias = Write | Join | Leave | Publish | Deliver | CallHandler | AwaitStream | ForgetStream | Close
