"""What the rules ask of the storage of events that were performed."""

from typing import Protocol

from shared.model.records import Performed


class EventStore(Protocol):
    """Events that were performed and must not be again."""

    async def read(self, connection_id: str, event_id: str) -> Performed | None:
        """What was performed under an id of a connection."""

    async def remember(self, performed: Performed) -> None:
        """Keeps what was performed, whatever was there."""

    async def forget(self, connection_id: str, event_id: str) -> None:
        """Removes what was performed; nothing happens when it is gone."""
