"""Deleting chats, and what follows when one is gone."""

from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import each
from shared.flow.on_the_way import on_the_way
from shared.flow.tries import tries
from shared.model.errors import ChatNotFound, Refusal, Unavailable
from shared.model.records import Chat, Membership, Roster
from shared.rules import sending
from shared.rules.membership import access, recovery, settling
from shared.wire.chat_events import (
    ChatDeleted,
)
from shared.wire.chat_view import LISTED_MEMBERS
from shared.wire.events import DeleteChat

# One call's share of cleaning up after a deleted chat. Members go a portion at a time, so that a retry of a call that
# has met its deadline begins where that ended.
PORTION_MEMBERS = 100
PORTIONS = 10
PURGED_MESSAGE_ROWS = 3_000
# Who finishes what others began is no user at no connection.
NOBODY = Actor("", "")


async def delete(backend: Backend, by: Actor, event: DeleteChat) -> None:
    """Makes a chat gone at once, for its owner only, then cleans up a bounded part of it."""
    try:
        await _end(backend, by, event.chat_id)
    except Refusal:
        # Another delivery of the same event may have ended it, also between the reads that led here.
        kept = await backend.store.chats.read(event.chat_id)
        if kept is None or not kept.deleted or kept.owner != by.user_id:
            raise
        if await backend.store.memberships.read(by.user_id, event.chat_id) is None:
            # All is done, and who repeats it has nothing to tell everybody.
            return
    await vanished(backend, by, event.chat_id)


async def _end(backend: Backend, by: Actor, chat_id: str) -> None:
    async for _ in tries(backend.pause):
        chat = await access.as_owner(backend, by.user_id, chat_id)
        if await backend.store.chats.delete(Roster(chat, ()), unless_joined=False, at=backend.clock()):
            return
    raise Unavailable


async def vanished(backend: Backend, by: Actor, chat_id: str) -> None:
    """What follows when a chat is gone, noticed by ``by``; safe to repeat.

    Whoever noticed it is dismissed last, and the ways in go just before: both show that something is left to do. As
    long as members are left, a public chat stays where the next reader comes upon it.
    """
    roster = await backend.store.chats.roster(chat_id, PORTION_MEMBERS)
    public = roster is None or roster.chat.kind == "public"
    await _tell_end(backend, chat_id, public)
    is_empty = await _dismiss_members(backend, by, chat_id, roster)
    # Behind that: both remove rows of members, and a batch that misses one is done row by row.
    await backend.store.messages.purge(chat_id, PURGED_MESSAGE_ROWS)
    if not public:
        await backend.store.invites.drop(chat_id)
    elif is_empty:
        await backend.store.chats.unlist(chat_id)
    if by.user_id:
        await dismiss(backend, chat_id, by.user_id, by)


async def _dismiss_members(backend: Backend, by: Actor, chat_id: str, roster: Roster | None) -> bool:
    """As many members as one call may; True when none are left.

    ``by`` only as far as the chat knows: their own row shows that something is left to do.
    """
    for _ in range(PORTIONS):
        if roster is None or not roster.members:
            return True
        others = [member.user_id for member in roster.members if member.user_id != by.user_id]
        await each(others, lambda user_id: dismiss(backend, chat_id, user_id, by))
        await backend.store.chats.purge_members(chat_id, PORTION_MEMBERS)
        if len(roster.members) < PORTION_MEMBERS:
            return True
        roster = await backend.store.chats.roster(chat_id, PORTION_MEMBERS)
    return roster is None or not roster.members


async def _tell_end(backend: Backend, chat_id: str, public: bool) -> None:
    """Those who knew of the chat hear that it has ended."""
    event = ChatDeleted(chat_id)
    if public:
        await sending.to_everyone(backend, event)
    else:
        await sending.to_chat(backend, chat_id, event)


async def dismiss(backend: Backend, chat_id: str, user_id: str, by: Actor) -> None:
    """Takes from a user what a chat that is gone had given."""
    who = by if user_id == by.user_id else Actor(user_id, "")
    place = await backend.store.memberships.read(user_id, chat_id)
    if place is None:
        place = Membership(user_id, chat_id, "", "public", 0)
    elif place.state != "leaving":
        place = await settling.begin(backend, replace(place, state="leaving"))
    await settling.settle(backend, who, place, False, settling.nothing)


async def present(backend: Backend, by: Actor, chat_id: str) -> Roster:
    """A chat with some of its members. Raises ChatNotFound when it is gone, once nothing of it is left for ``by``."""
    roster = await backend.store.chats.roster(chat_id, LISTED_MEMBERS)
    if roster is not None and not roster.chat.deleted:
        return roster
    await vanished(backend, by, chat_id)
    raise ChatNotFound


async def finish(backend: Backend, roster: Roster, by: Actor = NOBODY) -> None:
    """What a reader does about the ends in a chat, and its own, that somebody began and gave up."""
    chat = roster.chat
    await recovery.finish(backend, chat, roster.endings)
    if chat.deleted and recovery.is_given_up(backend, chat.ended):
        await on_the_way(lambda: _take_over(backend, chat, by))


async def _take_over(backend: Backend, chat: Chat, by: Actor) -> None:
    if await backend.store.chats.take_up_deletion(chat, backend.clock()):
        await vanished(backend, by, chat.id)
