"""Storing blocks."""

from typing import Protocol

from shared.model.records import Block, Page


class BlockStore(Protocol):
    """Who has blocked whom."""

    async def read(self, user_id: str, blocked: str) -> Block | None:
        """A user's block of another."""

    async def insert(self, block: Block) -> Block | None:
        """Inserts a block and returns it with its version; None when there is one already."""

    async def update(self, block: Block) -> Block | None:
        """Updates a block and returns it with its new version; None when it has changed."""

    async def drop(self, block: Block) -> bool:
        """Deletes a block; False when it has changed."""

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Block]:
        """A page of a user's blocks, in any state. The cursor is a user id."""
