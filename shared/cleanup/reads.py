"""Read positions in chats that the user is not in: the chat was left in one tab while another was reading it."""

from collections.abc import AsyncIterator

from shared.backend import Backend
from shared.cleanup.removal import Removal, chosen
from shared.model.records import ReadPosition


async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Each removal checks the version that was read, so a position that moves meanwhile (its user is back) stays."""

    async def pointless(position: ReadPosition) -> Removal | None:
        if await backend.store.memberships.read(position.user_id, position.chat_id):
            return None
        return Removal(1, lambda: backend.store.reads.forget(position))

    async for found in chosen(backend.store.sweep().reads(), pointless):
        yield found
