"""Storing events that were performed."""

from typing import Protocol

from shared.model.records import Performed


class EventStore(Protocol):
    """Events that were performed and must not be performed again."""

    async def read(self, connection_id: str, event_id: str) -> Performed | None:
        """The event that was performed under this id."""

    async def remember(self, performed: Performed) -> None:
        """Writes an event, and replaces one with the same id."""

    async def forget(self, connection_id: str, event_id: str) -> None:
        """Deletes an event. Idempotent."""
