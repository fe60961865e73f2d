"""The messages a reliable connection has not acknowledged yet, in order, and within a bound.

A message gets its number when it is first written to a socket. What waits for a client that is away has none, so that
it can expire without leaving a gap in the numbers; a number that was written once is never given to another message,
since the client may have seen it. Official clients keep the highest number they saw and tolerate gaps.
"""

from collections import deque

from ..limits import PUBLISHED
from .codec import ReliableCodec
from .delivery import Delivery


class BufferFull(Exception):
    """The client acknowledges too slowly; its connection must end and cannot be recovered."""


class Unacknowledged:
    """Gives out sequence ids 1, 2, … and keeps each message until it is acknowledged or has expired.

    Messages are kept as shared deliveries, not as copies, so a group of reliable clients costs one text per message.
    """

    def __init__(
        self,
        codec: ReliableCodec,
        max_messages: int = PUBLISHED.unacknowledged_messages,
        max_bytes: int = PUBLISHED.unacknowledged_bytes,
    ) -> None:
        """Bounds as the client specification has them, in bytes of encoded text."""
        self._size, self._numbered = codec.size, codec.numbered
        self._sent: deque[tuple[int, Delivery]] = deque()
        self._kept: deque[Delivery] = deque()
        self._last_id = 0
        self._bytes = 0
        self._max_messages, self._max_bytes = max_messages, max_bytes

    def push(self, delivery: Delivery) -> bytes:
        """The next frame to write; raises BufferFull. The hot path of a fan-out, hence no calls but the codec's."""
        # Nothing is kept while there is a socket.
        size = self._size(delivery)
        if len(self._sent) >= self._max_messages or self._bytes + size > self._max_bytes:
            raise BufferFull
        self._bytes += size
        self._last_id += 1
        self._sent.append((self._last_id, delivery))
        return self._numbered(delivery, self._last_id)

    def keep(self, delivery: Delivery) -> None:
        """Keeps a message for a client that is away; raises BufferFull when what has expired makes no room."""
        size = self._size(delivery)
        if self._full(size):
            self._drop_expired(delivery.published_at)
            if self._full(size):
                raise BufferFull
        self._bytes += size
        self._kept.append(delivery)

    def acknowledge(self, sequence_id: int) -> None:
        """Forgets every message up to and including ``sequence_id``."""
        sent = self._sent
        while sent and sent[0][0] <= sequence_id:
            self._bytes -= self._size(sent.popleft()[1])

    def replay(self, now: float) -> list[bytes]:
        """The frames of everything unacknowledged and not expired, oldest first, under the ids they had or get now."""
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
