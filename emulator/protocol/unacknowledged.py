"""The messages that a reliable client has not acknowledged yet, in order and within limits.

A message gets its sequence id when it is first written to a socket. While the client is away, messages have none, so
that they can expire without leaving a gap. An id that was written is never used again, because the client may have
seen it. Official clients remember the highest id they saw and tolerate gaps.
"""

from collections import deque

from ..limits import PUBLISHED
from .codec import ReliableCodec
from .delivery import Delivery


class BufferFull(Exception):
    """The client acknowledges too slowly. Its connection must end and cannot be recovered."""


class Unacknowledged:
    """Assigns sequence ids 1, 2, … and keeps each message until it is acknowledged or expired.

    It keeps shared deliveries, not copies: a group of reliable clients needs one text per message.
    """

    def __init__(
        self,
        codec: ReliableCodec,
        max_messages: int = PUBLISHED.unacknowledged_messages,
        max_bytes: int = PUBLISHED.unacknowledged_bytes,
    ) -> None:
        """Limits as in the client specification; bytes are those of the encoded messages."""
        self._size, self._numbered = codec.size, codec.numbered
        self._sent: deque[tuple[int, Delivery]] = deque()
        self._kept: deque[Delivery] = deque()
        self._last_id = 0
        self._bytes = 0
        self._max_messages, self._max_bytes = max_messages, max_bytes

    def push(self, delivery: Delivery) -> bytes:
        """The next frame to write; raises BufferFull. The hot path of a fan-out: it calls only the codec."""
        # While there is a socket, _kept is empty.
        size = self._size(delivery)
        if len(self._sent) >= self._max_messages or self._bytes + size > self._max_bytes:
            raise BufferFull
        self._bytes += size
        self._last_id += 1
        self._sent.append((self._last_id, delivery))
        return self._numbered(delivery, self._last_id)

    def keep(self, delivery: Delivery) -> None:
        """Keeps a message for a client that is away; raises BufferFull if dropping expired ones makes no room."""
        size = self._size(delivery)
        if self._full(size):
            self._drop_expired(delivery.published_at)
            if self._full(size):
                raise BufferFull
        self._bytes += size
        self._kept.append(delivery)

    def acknowledge(self, sequence_id: int) -> None:
        """Drops every message up to and including ``sequence_id``."""
        sent = self._sent
        while sent and sent[0][0] <= sequence_id:
            self._bytes -= self._size(sent.popleft()[1])

    def replay(self, now: float) -> list[bytes]:
        """The frames of all unacknowledged messages that have not expired, oldest first. New ones get their ids now."""
        self._drop_expired(now)
        frames = [self._numbered(delivery, sequence_id) for sequence_id, delivery in self._sent]
        kept, self._kept = self._kept, deque()
        return frames + [self._number(delivery) for delivery in kept]

    def _number(self, delivery: Delivery) -> bytes:
        self._last_id += 1
        self._sent.append((self._last_id, delivery))
        return self._numbered(delivery, self._last_id)

    def _full(self, size: int) -> bool:
        return len(self._sent) + len(self._kept) >= self._max_messages or self._bytes + size > self._max_bytes

    def _drop_expired(self, now: float) -> None:
        self._sent = deque(pair for pair in self._sent if not pair[1].expired(now))
        self._kept = deque(delivery for delivery in self._kept if not delivery.expired(now))
        remaining = [*(delivery for _, delivery in self._sent), *self._kept]
        self._bytes = sum(self._size(delivery) for delivery in remaining)
