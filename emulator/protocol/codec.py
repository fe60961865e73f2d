"""What a kind of client must bring along to be served: its encoding, both ways.

One codec per kind beside this module; sessions, buffers and the fan-out use only what is here.
"""

from collections.abc import Callable
from typing import Protocol

from .delivery import Delivery
from .messages import ClientMessage
from .notices import Notice


class Codec(Protocol):
    """How one kind of client speaks."""

    @property
    def acknowledges(self) -> bool:
        """Whether a fault can be told in an ack; a client that knows none is closed instead."""

    @property
    def carries_streams(self) -> bool:
        """Whether messages say which part of a stream they are; others do not get the end, which has no data."""

    @property
    def frame(self) -> Callable[[Delivery], bytes]:
        """The frame that every client of this kind without recovery gets. The hot path of a fan-out."""

    def decode(self, opcode: int, payload: bytes) -> ClientMessage:
        """Reads one text or binary message; raises Malformed, naming the field."""

    def encode(self, notice: Notice) -> bytes:
        """The frame that tells a client something; empty where this kind of client is told no such thing."""


class ReliableCodec(Codec, Protocol):
    """How clients speak that may come back after a lost socket."""

    def size(self, delivery: Delivery) -> int:
        """What a message counts in the unacknowledged buffer, in bytes."""

    def numbered(self, delivery: Delivery, sequence_id: int) -> bytes:
        """The frame of one client: what all receivers share, and the number it has for this one."""
