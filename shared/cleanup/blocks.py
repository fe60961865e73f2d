"""Blocks by or of users who are gone for good, and blocks whose change was abandoned half-way."""

from collections.abc import AsyncIterator

from shared.backend import Backend
from shared.cleanup.removal import Removal, chosen
from shared.flow.concurrency import results
from shared.model.records import Block
from shared.rules.chats.blocking import settle


async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Each removal checks the version that was read, so a block that changes meanwhile is left for the next run."""

    async def pointless(block: Block) -> Removal | None:
        if await _is_of_nobody(backend, block):
            return Removal(1, lambda: backend.store.blocks.drop(block))
        if block.state != "blocked":
            return Removal(1, lambda: _settled(backend, block))
        return None

    async for found in chosen(backend.store.sweep().blocks(), pointless):
        yield found


async def _is_of_nobody(backend: Backend, block: Block) -> bool:
    """Whether one of the two users is a guest who was removed, whose id is never used again."""
    return None in await results(backend.store.users.read(block.user_id), backend.store.users.read(block.blocked))


async def _settled(backend: Backend, block: Block) -> bool:
    """Settles a block; False if it is in force and stays."""
    await settle(backend, block)
    return not block.holds
