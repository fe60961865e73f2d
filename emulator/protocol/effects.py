"""What a session wants done, as values."""

from typing import TypeAlias

import msgspec

from ..names import Metadata
from .messages import Content, Message


class Write(msgspec.Struct, frozen=True):
    """Write a frame to the client's socket. It is lost if there is none."""

    frame: bytes


class Join(msgspec.Struct, frozen=True):
    """Add the connection to a group."""

    group: str


class Leave(msgspec.Struct, frozen=True):
    """Remove the connection from a group."""

    group: str


class Publish(msgspec.Struct, frozen=True):
    """Send a message to a group, but not to the connection itself if ``no_echo``; then write ``answer``.

    If it cannot be sent, write what the session's ``not_published`` returns instead.
    """

    message: Message
    no_echo: bool
    ack_id: int | None = None
    answer: bytes = b""


class Deliver(msgspec.Struct, frozen=True):
    """Send a message to this connection only."""

    message: Message


class CallHandler(msgspec.Struct, frozen=True):
    """Call the event handler; pass its answer to ``handler_answered`` or ``handler_failed``."""

    event: str
    content: Content
    metadata: Metadata


class AwaitStream(msgspec.Struct, frozen=True):
    """Call ``stream_idle`` after this time, unless another effect for the stream comes first."""

    stream_id: str
    milliseconds: int


class ForgetStream(msgspec.Struct, frozen=True):
    """The stream has ended: stop its idle timer."""

    stream_id: str


class Close(msgspec.Struct, frozen=True):
    """End the connection; it cannot be recovered."""

    code: int
    reason: str


Effect: TypeAlias = Write | Join | Leave | Publish | Deliver | CallHandler | AwaitStream | ForgetStream | Close
