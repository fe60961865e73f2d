"""The ack ids that a connection has handled, which make repeated messages idempotent."""

from collections import deque


class AckHistory:
    """The last ``limit`` ack ids that succeeded. Failed ones are not recorded, so they may be retried."""

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
        """Removes an ack id that failed after all, unless it has been forgotten already."""
        if ack_id in self._ids:
            self._order.remove(ack_id)
            self._ids.remove(ack_id)
