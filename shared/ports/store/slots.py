"""What the rules ask of the storage of slots: how many connections each user holds."""

from typing import Protocol

from shared.model.records import Slot


class SlotStore(Protocol):
    """The slots of users' open connections that are taken, by number."""

    async def take(self, user_id: str, slot: Slot) -> bool:
        """Takes a slot; False when it is taken."""

    async def of_user(self, user_id: str) -> tuple[Slot, ...]:
        """A user's slots that are taken, at most CONNECTIONS_LIMIT."""

    async def update(self, user_id: str, slot: Slot) -> Slot | None:
        """Rewrites a slot as it was read; None when it changed since, or is free. Returns it as kept."""

    async def free(self, user_id: str, slot: Slot) -> bool:
        """Frees a slot; False when it changed since it was read, or is free."""
