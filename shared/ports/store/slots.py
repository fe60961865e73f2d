"""Storing slots: which of a user's numbered places for connections are taken."""

from typing import Protocol

from shared.model.records import Slot


class SlotStore(Protocol):
    """The slots that users' connections hold."""

    async def take(self, user_id: str, slot: Slot) -> bool:
        """Takes a slot; False when it is taken already."""

    async def of_user(self, user_id: str) -> tuple[Slot, ...]:
        """The slots of a user that are taken, at most CONNECTIONS_LIMIT."""

    async def update(self, user_id: str, slot: Slot) -> Slot | None:
        """Updates a slot and returns it with its new version; None when it has changed."""

    async def free(self, user_id: str, slot: Slot) -> bool:
        """Frees a slot; False when it has changed."""
