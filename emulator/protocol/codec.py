"""The interface of codecs: how the messages of one kind of client are encoded, both ways.

Sessions, buffers and the fan-out use only this interface.
"""

from collections.abc import Callable
from typing import Protocol

from .delivery import Delivery
from .messages import ClientMessage
from .notices import Notice


class Codec(Protocol):
    """The encoding of one kind of client."""

    @property
    def acknowledges(self) -> bool:
        """Whether the protocol has acks. Clients without them are closed on an error."""

    @property
    def carries_streams(self) -> bool:
        """Whether messages are marked as parts of a stream. Other clients do not get its end, which has no data."""

    @property
    def frame(self) -> Callable[[Delivery], bytes]:
        """Makes the frame for every client of this kind that is not reliable. The hot path of a fan-out."""

    def decode(self, opcode: int, payload: bytes) -> ClientMessage:
        """Reads one text or binary message; raises Malformed, naming the field."""

    def encode(self, notice: Notice) -> bytes:
        """The frame of a notice; empty if this protocol does not have it."""


class ReliableCodec(Codec, Protocol):
    """The encoding of clients that may recover after losing their socket."""

    def size(self, delivery: Delivery) -> int:
        """The bytes that a message takes up in the unacknowledged buffer."""

    def numbered(self, delivery: Delivery, sequence_id: int) -> bytes:
        """The frame for one client: the shared encoding and its own sequence id."""
