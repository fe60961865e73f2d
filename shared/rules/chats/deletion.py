"""Deleting a chat, and dissolving what a deleted chat leaves: its members, their rights, its messages, its link.

A chat is gone at once. The rest follows in the same call as far as its bounds allow, and then in the calls of later
readers and in the clean-up.
"""

from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.best_effort import best_effort
from shared.flow.concurrency import each
from shared.flow.tries import tries
from shared.model.errors import ChatNotFound, Refusal, Unavailable
from shared.model.records import Chat, Membership, Roster
from shared.rules import sending
from shared.rules.membership import access, recovery, settling
from shared.wire.chat_events import ChatDeleted
from shared.wire.chat_view import LISTED_MEMBERS
from shared.wire.events import DeleteChat

# The bounds of one call. Members go in portions, so that a retry continues where a call met its deadline.
PORTION_MEMBERS = 100
PORTIONS = 10
PURGED_MESSAGE_ROWS = 3_000
# Whoever finishes what others abandoned acts for nobody, at no connection.
NOBODY = Actor("", "")


async def delete(backend: Backend, by: Actor, event: DeleteChat) -> None:
    """Deletes a chat, for its owner only, and dissolves it. Raises like ``access.as_owner``."""
    try:
        await _end(backend, by, event.chat_id)
    except Refusal:
        # Another delivery of the same event may have deleted it, also between the reads that led here.
        kept = await backend.store.chats.read(event.chat_id)
        if kept is None or not kept.deleted or kept.owner != by.user_id:
            raise
        if await backend.store.memberships.read(by.user_id, event.chat_id) is None:
            # The owner is dismissed last, so everything is done and everybody has been told.
            return
    await dissolve(backend, by, event.chat_id)


async def _end(backend: Backend, by: Actor, chat_id: str) -> None:
    async for _ in tries(backend.pause):
        chat = await access.as_owner(backend, by.user_id, chat_id)
        if await backend.store.chats.delete(Roster(chat, ()), unless_joined=False, at=backend.clock()):
            return
    raise Unavailable


async def dissolve(backend: Backend, by: Actor, chat_id: str) -> None:
    """Removes what a deleted chat leaves, within the bounds of one call. Idempotent.

    Two rows show that something is left, so they go last: ``by``'s own row, and before it the directory's row of a
    public chat, which stays as long as there are members.
    """
    roster = await backend.store.chats.roster(chat_id, PORTION_MEMBERS)
    is_public = roster is None or roster.chat.kind == "public"
    await _announce(backend, chat_id, is_public)
    is_empty = await _dismiss_members(backend, by, chat_id, roster)
    # Not at the same time: both remove rows of members, and a batch that misses one is repeated row by row.
    await backend.store.messages.purge(chat_id, PURGED_MESSAGE_ROWS)
    if not is_public:
        await backend.store.invites.drop(chat_id)
    elif is_empty:
        await backend.store.chats.unlist(chat_id)
    if by.user_id:
        await dismiss(backend, chat_id, by.user_id, by)


async def _announce(backend: Backend, chat_id: str, is_public: bool) -> None:
    """Tells those who knew of the chat that it is gone."""
    event = ChatDeleted(chat_id)
    if is_public:
        await sending.to_everyone(backend, event)
    else:
        await sending.to_chat(backend, chat_id, event)


async def _dismiss_members(backend: Backend, by: Actor, chat_id: str, roster: Roster | None) -> bool:
    """Dismisses as many members as one call may; True when none are left.

    Of ``by`` only the member's row goes here, since their own row shows that something is left to do.
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


async def dismiss(backend: Backend, chat_id: str, user_id: str, by: Actor) -> None:
    """Takes from a user what a deleted chat gave them: rights, read position, own row. Idempotent."""
    who = by if user_id == by.user_id else Actor(user_id, "")
    own = await backend.store.memberships.read(user_id, chat_id)
    if own is None:
        own = Membership(user_id, chat_id, "", "public", 0)
    elif own.state != "leaving":
        own = await settling.begin(backend, replace(own, state="leaving"))
    # Everybody has been told that the chat is gone.
    await settling.settle(backend, who, own, False, news=None)


async def require_existing(backend: Backend, by: Actor, chat_id: str) -> Roster:
    """The chat with some of its members. If it was deleted, dissolves it for ``by`` and raises ChatNotFound."""
    roster = await backend.store.chats.roster(chat_id, LISTED_MEMBERS)
    if roster is not None and not roster.chat.deleted:
        return roster
    await dissolve(backend, by, chat_id)
    raise ChatNotFound


async def finish_abandoned(backend: Backend, roster: Roster, by: Actor = NOBODY) -> None:
    """Finishes what other calls abandoned in a chat: ends of memberships, and its own deletion.

    A side task of whoever reads the chat.
    """
    chat = roster.chat
    await recovery.finish_endings(backend, chat, roster.endings)
    if chat.deleted and recovery.is_abandoned(backend, chat.ended):
        await best_effort(lambda: _take_over(backend, chat, by))


async def _take_over(backend: Backend, chat: Chat, by: Actor) -> None:
    """Dissolves a chat whose deletion was abandoned. Of many readers one wins the claim."""
    if await backend.store.chats.take_up_deletion(chat, backend.clock()):
        await dissolve(backend, by, chat.id)
