"""The codec of simple clients: whatever a frame holds is the data of an event or of a message to one group."""

from operator import attrgetter

from . import frames
from .messages import ClientMessage, Content, SendEvent, SendToGroup
from .notices import Notice

# The one event that simple clients call.
EVENT = "message"


class RawCodec:
    """A ``Codec``. With a ``group`` every frame is published to it, without one it is an event."""

    acknowledges = False
    carries_streams = False
    frame = attrgetter("raw_frame")

    def __init__(self, group: str | None = None, no_echo: bool = False) -> None:
        self._group, self._no_echo = group, no_echo

    def decode(self, opcode: int, payload: bytes) -> ClientMessage:
        """Any frame means something."""
        content = Content("text" if opcode == frames.TEXT else "binary", payload)
        if self._group is None:
            return SendEvent(EVENT, content)
        return SendToGroup(self._group, content, self._no_echo)

    def encode(self, notice: Notice) -> bytes:
        """Simple clients are told nothing but messages."""
        return b""
