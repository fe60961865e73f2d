"""Storing read positions."""

from typing import Protocol

from shared.model.records import ReadPosition


class ReadStore(Protocol):
    """How far each user has read each chat."""

    async def read(self, user_id: str, chat_id: str) -> ReadPosition | None:
        """A user's position in a chat."""

    async def put(self, position: ReadPosition) -> bool:
        """Writes a position; False when it has changed or, without a version, when there is one already."""

    async def drop(self, user_id: str, chat_id: str) -> None:
        """Deletes a position. Idempotent."""

    async def forget(self, position: ReadPosition) -> bool:
        """Deletes a position; False when it has changed."""

    async def between(self, user_id: str, first: str, last: str, limit: int) -> tuple[ReadPosition, ...]:
        """A user's positions in the chats from ``first`` to ``last``, in the order of ``MembershipStore.of_user``."""
