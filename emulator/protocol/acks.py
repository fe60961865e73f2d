"""The ack ids a connection has already carried out, so that a repeated message is not carried out twice."""

from collections import deque


class AckHistory:
    """The last ``limit`` ack ids that succeeded. A failed one is not recorded, so it may be tried again."""

    def __init__(self, limit: int) -> None:
        self._order: deque[int] = deque()
        self._ids: set[int] = set()
        self._limit = limit

    def __contains__(self, ack_id: int) -> bool:
        return ack_id in self._ids

    def record(self, ack_id: int) -> None:
        """Remembers ``ack_id`` and forgets the oldest beyond the limit."""
        if len(self._order) >= self._limit:
            self._ids.discard(self._order.popleft())
        self._order.append(ack_id)
        self._ids.add(ack_id)

    def forget(self, ack_id: int) -> None:
        """What was recorded has failed after all; it may be too long ago to be remembered."""
        if ack_id in self._ids:
            self._order.remove(ack_id)
            self._ids.remove(ack_id)
