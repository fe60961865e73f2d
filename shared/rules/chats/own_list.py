"""The chats that a user belongs to, public and private: ``GET me/chats``.

Each own row that is between two states is settled on the side. The list shows what the member's row says, also while
Web PubSub is down and nothing can be settled.
"""

from shared.backend import Actor, Backend
from shared.flow.best_effort import best_effort
from shared.flow.concurrency import each, results
from shared.model.records import Membership, Page, Roster
from shared.rules.chats import deletion
from shared.rules.history import unread
from shared.rules.membership import recovery
from shared.wire.chat_events import ChatCreated
from shared.wire.chat_view import LISTED_MEMBERS, PAGE_CHATS, as_listed
from shared.wire.shapes import OwnChat


async def page(backend: Backend, user_id: str, after: str) -> Page[OwnChat]:
    """A page of a user's chats, with what is unread in each."""
    found = await backend.store.memberships.of_user(user_id, after, PAGE_CHATS)
    seen, counts = await results(
        each(found.items, lambda own: _as_seen(backend, own)), unread.counted(backend, found.items)
    )
    shown = [unread.with_unread(chat, count) for chat, count in zip(seen, counts, strict=True) if chat is not None]
    return Page(tuple(shown), found.next)


async def _as_seen(backend: Backend, own: Membership) -> ChatCreated | None:
    """The chat as its member sees it; None for somebody who is not in it, or when it is gone."""
    async with backend.list_reads:
        roster = await backend.store.chats.roster(own.chat_id, LISTED_MEMBERS)
    if roster is not None:
        await deletion.finish_abandoned(backend, roster, Actor(own.user_id, ""))
    if not await _is_in(backend, own, roster) or roster is None or roster.chat.deleted:
        return None
    return as_listed(roster.chat, roster.members, own.name if roster.chat.kind == "private" else "")


async def _is_in(backend: Backend, own: Membership, roster: Roster | None) -> bool:
    """Whether the user is a member. Settles the own row if it says otherwise, or nothing certain."""
    if not _may_be_in(roster, own.user_id):
        return bool(await best_effort(lambda: _taken_out(backend, own, roster)))
    if own.state == "member":
        return True
    settled = await best_effort(lambda: recovery.mend(backend, own))
    if settled is None:
        return await backend.store.chats.member(own.chat_id, own.user_id) is not None
    return settled


def _may_be_in(roster: Roster | None, user_id: str) -> bool:
    """Whether a chat exists and the user is in it, as far as its listed members tell."""
    if roster is None or roster.chat.deleted:
        return False
    return len(roster.members) == LISTED_MEMBERS or any(one.user_id == user_id for one in roster.members)


async def _taken_out(backend: Backend, own: Membership, roster: Roster | None) -> bool:
    """Finishes the end of the user's membership; True if they have joined again."""
    ending = next((one for one in roster.endings if one.user_id == own.user_id), None) if roster else None
    if roster and ending:
        await recovery.take_over(backend, roster.chat, ending)
    return await recovery.mend(backend, own)
