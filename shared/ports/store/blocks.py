"""What the rules ask of the storage of blocks: whom each user wants no private chat with."""

from typing import Protocol

from shared.model.records import Block, Page


class BlockStore(Protocol):
    """Whom each user wants no private chat with."""

    async def read(self, user_id: str, blocked: str) -> Block | None:
        """A user's block of another."""

    async def insert(self, block: Block) -> Block | None:
        """Writes a new block; returns it with its version, None when there is one."""

    async def update(self, block: Block) -> Block | None:
        """Rewrites it; returns it with its new version, None when it changed since it was read."""

    async def drop(self, block: Block) -> bool:
        """Deletes it; False when it changed since it was read, or is gone."""

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Block]:
        """A user's blocks, in any state, in a stable order, those behind user id ``after``."""
