"""The messages a reliable connection has been sent and has not acknowledged yet, in order, and within a bound."""

from collections import deque
from collections.abc import Iterator

from emulator.protocol.delivery import Delivery

# "1000 messages or 16 MB" in the client specification; measured on the encoded text.
MAX_MESSAGES = 1000
MAX_BYTES = 16 * 1024 * 1024


class BufferFull(Exception):
    """The client acknowledges too slowly; its connection must end and cannot be recovered."""


class Unacknowledged:
    """Gives out sequence ids 1, 2, … and keeps each message until it is acknowledged.

    Messages are kept as shared deliveries, not as copies, so a group of reliable clients costs one text per message.
    """

    def __init__(self, max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES) -> None:
        self._waiting: deque[tuple[int, Delivery]] = deque()
        self._last_id = 0
        self._bytes = 0
        self._max_messages, self._max_bytes = max_messages, max_bytes

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, delivery: Delivery) -> bytes:
        """The next frame to write; raises BufferFull."""
        size = len(delivery.json_text)
        if len(self._waiting) >= self._max_messages or self._bytes + size > self._max_bytes:
            raise BufferFull
        self._last_id += 1
        self._bytes += size
        self._waiting.append((self._last_id, delivery))
        return delivery.reliable_json_frame(self._last_id)

    def acknowledge(self, sequence_id: int) -> None:
        """Forgets every message up to and including ``sequence_id``."""
        waiting = self._waiting
        while waiting and waiting[0][0] <= sequence_id:
            self._bytes -= len(waiting.popleft()[1].json_text)

    def replay(self) -> Iterator[bytes]:
        """The frames of everything unacknowledged, oldest first, under the ids they had."""
        for sequence_id, delivery in self._waiting:
            yield delivery.reliable_json_frame(sequence_id)
