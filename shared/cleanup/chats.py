"""Leftovers of deleted chats: members, directory rows and messages. The chat's own row stays as a tombstone."""

from collections.abc import AsyncIterator

from shared.backend import Backend
from shared.cleanup.removal import Removal, chosen, everything
from shared.model.records import Member
from shared.rules.chats import deletion
from shared.rules.chats.deletion import NOBODY

PAGE = 1_000


async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Rows whose chat is deleted, according to the chat's own row."""

    async def member(one: tuple[str, Member]) -> Removal:
        return Removal(2, lambda: _dismissed(backend, *one))

    async def listed(chat_id: str) -> Removal | None:
        return Removal(1, lambda: _unlisted(backend, chat_id)) if await is_gone(backend, chat_id) else None

    async def messages(chat_id: str) -> Removal | None:
        if not await is_gone(backend, chat_id):
            return None
        kept = await backend.store.sweep().count_messages(chat_id, rows)
        return Removal(kept, lambda: _purged(backend, chat_id, kept))

    sweep = backend.store.sweep()
    async for found in chosen(sweep.members_of_deleted(), member):
        yield found
    async for found in chosen(everything(lambda after: backend.store.chats.listed(after, PAGE)), listed):
        yield found
    async for found in chosen(sweep.chats_with_messages(), messages):
        yield found


async def is_gone(backend: Backend, chat_id: str) -> bool:
    """Whether a chat was deleted, which is final."""
    chat = await backend.store.chats.read(chat_id)
    return chat is None or chat.deleted


async def _dismissed(backend: Backend, chat_id: str, member: Member) -> bool:
    """Removes the member's row last, because after a fault the next run finds the rest by it."""
    await deletion.dismiss(backend, chat_id, member.user_id, NOBODY)
    return await backend.store.chats.remove(chat_id, member)


async def _unlisted(backend: Backend, chat_id: str) -> bool:
    await backend.store.chats.unlist(chat_id)
    return True


async def _purged(backend: Backend, chat_id: str, rows: int) -> bool:
    await backend.store.messages.purge(chat_id, rows)
    return True
