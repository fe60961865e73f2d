"""Blocks between users of whom one is gone for good, and those that were left between two states."""

from collections.abc import AsyncIterator

from shared.backend import Backend
from shared.cleanup.removal import Removal, chosen
from shared.flow.concurrency import results
from shared.model.records import Block
from shared.rules.chats.blocking import settle


async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Each as it was read, so that one which somebody changes at this moment stays for the next run."""

    async def pointless(block: Block) -> Removal | None:
        if await _is_of_nobody(backend, block):
            return Removal(1, lambda: backend.store.blocks.drop(block))
        if block.state != "blocked":
            return Removal(1, lambda: _settled(backend, block))
        return None

    async for found in chosen(backend.store.sweep().blocks(), pointless):
        yield found


async def _is_of_nobody(backend: Backend, block: Block) -> bool:
    """Whether one of the two is a guest who was removed: nobody ever comes back as that."""
    return None in await results(backend.store.users.read(block.user_id), backend.store.users.read(block.blocked))


async def _settled(backend: Backend, block: Block) -> bool:
    """False for one that holds, and stays."""
    await settle(backend, block)
    return not block.holds
