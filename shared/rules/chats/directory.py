"""The directory of public chats: ``GET chats``."""

from shared.backend import Backend
from shared.flow.concurrency import each
from shared.model.records import Page, Roster
from shared.rules.chats import deletion
from shared.wire.chat_events import ChatCreated
from shared.wire.chat_view import LISTED_MEMBERS, PAGE_CHATS, as_listed


async def page(backend: Backend, after: str) -> Page[ChatCreated]:
    """Public chats with some of their members. Finishes on the side what other calls abandoned in them."""
    listed = await backend.store.chats.listed(after, PAGE_CHATS)
    rosters = await each(listed.items, lambda chat_id: _read(backend, chat_id))
    existing = [roster for roster in rosters if roster is not None and not roster.chat.deleted]
    return Page(tuple(as_listed(roster.chat, roster.members) for roster in existing), listed.next)


async def _read(backend: Backend, chat_id: str) -> Roster | None:
    async with backend.list_reads:
        roster = await backend.store.chats.roster(chat_id, LISTED_MEMBERS)
    if roster is not None:
        await deletion.finish_abandoned(backend, roster)
    return roster
