"""Ends of memberships that were abandoned half-way, in chats that nobody has read since."""

from collections.abc import AsyncIterator

from shared.backend import Backend
from shared.cleanup.removal import Removal, chosen
from shared.flow.deadline import ABANDONED_AFTER
from shared.model.records import Ending
from shared.rules.membership import recovery


async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Each is taken over under the version that was read, so one that another call takes over meanwhile is skipped."""

    async def given_up(one: tuple[str, Ending]) -> Removal:
        return Removal(1, lambda: _finished(backend, *one))

    async for found in chosen(backend.store.sweep().endings(backend.clock() - ABANDONED_AFTER), given_up):
        yield found


async def _finished(backend: Backend, chat_id: str, ending: Ending) -> bool:
    chat = await backend.store.chats.read(chat_id)
    return chat is not None and await recovery.take_over(backend, chat, ending)
