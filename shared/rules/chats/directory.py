"""The list of public chats."""

from shared.backend import Backend
from shared.flow.concurrency import each
from shared.model.records import Page, Roster
from shared.rules.chats import deletion
from shared.wire.chat_events import ChatCreated
from shared.wire.chat_view import LISTED_MEMBERS, PAGE_CHATS, on_the_wire


async def public_page(backend: Backend, after: str) -> Page[ChatCreated]:
    """Public chats with some of their members; what an end in them, or their own, left undone is done on the way."""
    page = await backend.store.chats.listed(after, PAGE_CHATS)
    rosters = await each(page.items, lambda chat_id: _read(backend, chat_id))
    alive = [roster for roster in rosters if roster is not None and not roster.chat.deleted]
    return Page(tuple(on_the_wire(roster.chat, roster.members) for roster in alive), page.next)


async def _read(backend: Backend, chat_id: str) -> Roster | None:
    async with backend.list_reads:
        roster = await backend.store.chats.roster(chat_id, LISTED_MEMBERS)
    if roster is not None:
        await deletion.finish(backend, roster)
    return roster
