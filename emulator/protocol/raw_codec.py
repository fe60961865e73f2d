"""The codec of simple clients: each frame is the data of an event, or of a message to one group."""

from operator import attrgetter

from . import frames
from .messages import ClientMessage, Content, SendEvent, SendToGroup
from .notices import Notice

# The event that simple clients send.
EVENT = "message"


class RawCodec:
    """A ``Codec``. Frames are published to ``group``; without one, each is an event."""

    acknowledges = False
    carries_streams = False
    frame = attrgetter("raw_frame")

    def __init__(self, group: str | None = None, no_echo: bool = False) -> None:
        self._group, self._no_echo = group, no_echo

    def decode(self, opcode: int, payload: bytes) -> ClientMessage:
        """Accepts every frame."""
        content = Content("text" if opcode == frames.TEXT else "binary", payload)
        if self._group is None:
            return SendEvent(EVENT, content)
        return SendToGroup(self._group, content, self._no_echo)

    def encode(self, notice: Notice) -> bytes:
        """Always empty: simple clients get only messages."""
        return b""
