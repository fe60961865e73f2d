"""Leaving a chat, by oneself or removed by its owner (``removing``)."""

from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import results
from shared.flow.tries import tries
from shared.model.errors import ChatNotFound, Unavailable
from shared.model.records import Chat, Ending, Member, Membership
from shared.rules.chats import deletion, succession
from shared.rules.membership import settling
from shared.rules.membership.announcements import Move, announce, of_joining
from shared.rules.profiles import named
from shared.wire.events import LeaveChat


async def leave(backend: Backend, by: Actor, event: LeaveChat) -> None:
    """Ends the sender's membership.

    Does nothing without one: the original Chatr's client also leaves chats that were deleted.
    """
    await end(backend, event.chat_id, by, removed=False)


async def end(backend: Backend, chat_id: str, who: Actor, removed: bool) -> bool:
    """Ends a membership, or what an earlier attempt left of it; False when there was nothing to end."""
    user_id = who.user_id
    (member, chat), own = await results(
        _member_then_chat(backend, user_id, chat_id), backend.store.memberships.read(user_id, chat_id)
    )
    if chat is None or (member is None and own is None):
        return False
    if chat.deleted and chat.owner != user_id:
        # Only this one goes. The others are left to the call that deleted the chat, or to a later reader: otherwise
        # everybody who leaves would dismiss everybody.
        await deletion.dismiss(backend, chat_id, user_id, who)
        return True
    if member and own and own.state == "joining" and chat.owner == user_id and not chat.deleted:
        # Their `createChat` failed before anybody heard of the chat, and somebody is about to inherit it.
        await announce(backend, await of_joining(backend, chat, member), is_in=True)
    own = await _marked(backend, user_id, chat, member, own)
    if member is None and not chat.deleted:
        # A join between the reads above may have added the row since.
        member, chat = await _member_then_chat(backend, user_id, chat_id)
    if removed and chat is not None and chat.kind == "group":
        # Before they are out, so that they cannot come back by a link they know.
        await backend.store.invites.drop(chat_id)
    await _leave_marked(backend, who, own, chat, member, removed)
    return True


async def _marked(
    backend: Backend, user_id: str, chat: Chat, member: Member | None, own: Membership | None
) -> Membership:
    """The own row as ``leaving``."""
    joined = member.joined if member else 0
    own = own or Membership(user_id, chat.id, chat.name, chat.kind, joined, chat.moderated)
    return own if own.state == "leaving" else await settling.begin(backend, replace(own, state="leaving"))


async def _leave_marked(
    backend: Backend, who: Actor, own: Membership, chat: Chat | None, member: Member | None, removed: bool
) -> None:
    """Takes the user out of the chat and settles the rest."""
    try:
        ending = await _taken_out(backend, who.user_id, chat, member, removed)
    except ChatNotFound:
        await deletion.dissolve(backend, who, own.chat_id)
        return
    told = ending or Ending(who.user_id, (await named(backend, who.user_id)).name, removed, 0)
    news = Move(own.chat_id, who.user_id, told.name, told.removed)
    await settling.settle(backend, who, own, False, news)
    if ending is not None:
        await backend.store.chats.close(own.chat_id, ending)


async def _taken_out(
    backend: Backend, user_id: str, chat: Chat | None, member: Member | None, removed: bool
) -> Ending | None:
    """Takes the user out of the chat. Returns the ending that this, or an earlier attempt, has kept beside the members.

    Raises ChatNotFound when the chat is gone, perhaps with its last member.
    """
    async for _ in tries(backend.pause):
        if chat is None or chat.deleted:
            raise ChatNotFound
        if member is None:
            return await backend.store.chats.ending(chat.id, user_id)
        ending = Ending(user_id, member.name, removed, backend.clock())
        if chat.owner == user_id:
            kept = await succession.hand_over(backend, chat, member, ending)
        else:
            kept = await backend.store.chats.take_out(chat.id, member, ending)
        if kept is not None:
            return kept
        member, chat = await _member_then_chat(backend, user_id, chat.id)
    raise Unavailable


async def _member_then_chat(backend: Backend, user_id: str, chat_id: str) -> tuple[Member | None, Chat | None]:
    """In this order: inheriting the chat between the two reads rewrites the member's row, so a later write fails."""
    member = await backend.store.chats.member(chat_id, user_id)
    return member, await backend.store.chats.read(chat_id)
