"""Leaving a chat."""

from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import results
from shared.flow.tries import tries
from shared.model.errors import ChatNotFound, Unavailable
from shared.model.records import Chat, Ending, Member, Membership
from shared.rules.chats import deletion, joining
from shared.rules.chats.succession import HEIRS, first_joined
from shared.rules.membership import settling
from shared.rules.membership.settling import teller
from shared.rules.profiles import named
from shared.wire.events import LeaveChat


async def leave(backend: Backend, by: Actor, event: LeaveChat) -> None:
    """Ends the sender's membership.

    Harmless without one: the original Chatr's client also leaves chats that were deleted.
    """
    await end(backend, event.chat_id, by, removed=False)


async def end(backend: Backend, chat_id: str, who: Actor, removed: bool) -> bool:
    """Ends a membership, or what an earlier try left of it; False when there was nothing to end."""
    user_id = who.user_id
    (member, chat), place = await results(
        _member_then_chat(backend, user_id, chat_id), backend.store.memberships.read(user_id, chat_id)
    )
    if chat is None or (member is None and place is None):
        return False
    if member and place and place.state == "joining" and chat.owner == user_id and not chat.deleted:
        # Whoever inherits a chat whose making has broken off does not know of that.
        await joining.arrival(backend, chat, member)(True)
    if chat.deleted and chat.owner != user_id:
        # Whoever ended it, or a later reader, sees to the others: else all who leave it would see to all.
        await deletion.dismiss(backend, chat_id, user_id, who)
        return True
    joined = member.joined if member else 0
    place = place or Membership(user_id, chat_id, chat.name, chat.kind, joined, chat.moderated)
    if place.state != "leaving":
        place = await settling.begin(backend, replace(place, state="leaving"))
    if member is None and not chat.deleted:
        # A join between the reads above may have made the row since.
        member, chat = await _member_then_chat(backend, user_id, chat_id)
    if removed and chat is not None and chat.kind == "group":
        # Before they are out, so that nobody comes back by the link they know.
        await backend.store.invites.drop(chat_id)
    try:
        ending = await _detach(backend, user_id, chat, member, removed)
    except ChatNotFound:
        await deletion.vanished(backend, who, chat_id)
        return True
    told = ending or Ending(user_id, (await named(backend, user_id)).name, removed, 0)
    await settling.settle(backend, who, place, False, teller(backend, chat_id, user_id, told.name, told.removed))
    if ending is not None:
        await backend.store.chats.close(chat_id, ending)
    return True


async def _detach(
    backend: Backend, user_id: str, chat: Chat | None, member: Member | None, removed: bool
) -> Ending | None:
    """Takes the user out of the chat, handing it over where needed; returns what that, or an earlier try, has begun.

    Raises ChatNotFound when the chat has ended, perhaps with its last member.
    """
    async for _ in tries(backend.pause):
        if chat is None or chat.deleted:
            raise ChatNotFound
        if member is None:
            return await backend.store.chats.ending(chat.id, user_id)
        ending = Ending(user_id, member.name, removed, backend.clock())
        if chat.owner != user_id:
            if begun := await backend.store.chats.take_out(chat.id, member, ending):
                return begun
        elif (roster := await backend.store.chats.roster(chat.id, HEIRS)) and roster.chat.version == chat.version:
            others = [other for other in roster.members if other.user_id != user_id]
            if not others and await backend.store.chats.delete(roster, unless_joined=True, at=backend.clock()):
                raise ChatNotFound
            heir = first_joined(others) if others else None
            if heir and chat.kind == "public":
                # Before they have it, so that nobody who is given one after another counts for less.
                await settling.inherit(backend, heir.user_id, chat.id)
            if heir and (begun := await backend.store.chats.hand_over(roster.chat, member, heir, ending)):
                return begun
        member, chat = await _member_then_chat(backend, user_id, chat.id)
    raise Unavailable


async def _member_then_chat(backend: Backend, user_id: str, chat_id: str) -> tuple[Member | None, Chat | None]:
    """In this order: whoever is handed the chat between the two reads has another row than the one that was read."""
    member = await backend.store.chats.member(chat_id, user_id)
    return member, await backend.store.chats.read(chat_id)
