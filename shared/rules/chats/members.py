"""Joining, leaving and being removed: memberships as both sides see them, and the rights that follow.

The chat's member row decides; the user's own row follows it and remembers what a retry has to finish. Must not know how
chats are made.
"""

from dataclasses import replace

import msgspec

from shared.backend import Actor, Backend
from shared.flow.concurrency import results
from shared.flow.tries import tries
from shared.model.errors import BadRequest, ChatNotFound, Unavailable, UserNotFound
from shared.model.records import Chat, Ending, Member, Membership, Page, Profile, Roster
from shared.rules.chats import chats
from shared.rules.membership import access, endings, memberships, rights, room
from shared.rules.membership.memberships import Tell, teller
from shared.rules.profiles import named
from shared.wire.chat_events import ChatJoined
from shared.wire.events import JoinChat, LeaveChat, RemoveMember

PAGE_MEMBERS = 500
# The heir of an owner is sought among so many members.
HEIRS = 1_000


async def page(backend: Backend, user_id: str, chat_id: str, after: str) -> Page[Member]:
    """Who is in a chat, for its members; in a public one for everybody. Raises ChatNotFound.

    Whoever reads the first page finishes what somebody else's end has left undone.
    """
    if after:
        _, rest = await results(
            access.as_joiner(backend, user_id, chat_id), backend.store.chats.members(chat_id, after, PAGE_MEMBERS)
        )
        return rest
    roster, member = await results(
        backend.store.chats.roster(chat_id, PAGE_MEMBERS + 1), backend.store.chats.member(chat_id, user_id)
    )
    if roster is None or not access.may_join(roster.chat, member):
        raise ChatNotFound
    await endings.finish(backend, roster.chat, roster.endings)
    found = roster.members[:PAGE_MEMBERS]
    return Page(found, found[-1].user_id if len(roster.members) > PAGE_MEMBERS else "")


async def join(backend: Backend, by: Actor, event: JoinChat) -> ChatJoined | None:
    """Makes the sender a member and tells them the chat as it is now. Raises ChatNotFound or TooManyChats.

    For a member nothing changes, but rights are given again.
    """
    (chat, member), profile = await results(
        access.as_joiner(backend, by.user_id, event.chat_id), named(backend, by.user_id)
    )
    joined = await settle(backend, by, chat, member, profile)
    return None if chat.kind == "private" else joined


async def settle(backend: Backend, by: Actor, chat: Chat, member: Member | None, profile: Profile) -> ChatJoined:
    """Makes somebody a member who may be one; ``member`` is their place if they have it already.

    Raises ChatNotFound or TooManyChats.
    """
    place = None
    if member is not None:
        place = await backend.store.memberships.read(by.user_id, chat.id)
    else:
        room.check_joining(await backend.store.memberships.held(by.user_id, chat.id, room.CHATS))
    if place is not None and place.state == "member":
        await rights.grant(backend, chat.id, by.user_id, by.connection_id, speaks=place.speaks)
        await rights.recheck(backend, chat.id, by.user_id, by.connection_id)
    else:
        await _enter(backend, by, chat, member or Member(by.user_id, profile.name, backend.clock()), place)
    return as_joined(await chats.present(backend, by, chat.id))


async def _enter(backend: Backend, by: Actor, chat: Chat, member: Member, place: Membership | None) -> None:
    joined = member.joined
    place = place or Membership(by.user_id, chat.id, chat.name, chat.kind, joined, chat.moderated, since=joined)
    place = replace(place, joined=joined)
    if place.state != "joining":
        place = await memberships.begin(backend, replace(place, state="joining"))
    if member.version:
        # Who had come already and has just left in another tab stays out.
        is_in = await backend.store.chats.member(chat.id, by.user_id) is not None
    else:
        place, is_in = await memberships.added(backend, place, member)
    await memberships.settle(backend, by, place, is_in, arrival(backend, chat, member))


def as_joined(roster: Roster) -> ChatJoined:
    """The chat as its new member sees it."""
    return msgspec.convert(chats.on_the_wire(roster.chat, roster.members), ChatJoined, from_attributes=True)


def arrival(backend: Backend, chat: Chat, member: Member) -> Tell:
    """Tells that somebody is in; before its owner, that the chat is there: its making may have broken off."""
    come = teller(backend, chat.id, member.user_id, member.name)
    if chat.owner != member.user_id:
        return come

    async def tell(is_in: bool) -> None:
        roster = await backend.store.chats.roster(chat.id, chats.LISTED_MEMBERS)
        if roster is not None and is_in:
            await chats.publisher(backend, chat, roster.members)(True)
        await come(is_in)

    return tell


async def leave(backend: Backend, by: Actor, event: LeaveChat) -> None:
    """Ends the sender's membership.

    Harmless without one: the original Chatr's client also leaves chats that were deleted.
    """
    await _end(backend, event.chat_id, by, removed=False)


async def remove(backend: Backend, by: Actor, event: RemoveMember) -> None:
    """Ends another's membership, for the owner only; raises like ``access.as_owner``, UserNotFound, BadRequest."""
    await access.as_owner(backend, by.user_id, event.chat_id)
    if event.user_id == by.user_id:
        raise BadRequest("removeMember: `userId` is your own; leave the chat with leaveChat.")
    ended = await _end(backend, event.chat_id, Actor(event.user_id, ""), removed=True)
    if not ended and await backend.store.users.read(event.user_id) is None:
        raise UserNotFound


async def _end(backend: Backend, chat_id: str, who: Actor, removed: bool) -> bool:
    """Ends a membership, or what an earlier try left of it; False when there was nothing to end."""
    user_id = who.user_id
    (member, chat), place = await results(
        _member_then_chat(backend, user_id, chat_id), backend.store.memberships.read(user_id, chat_id)
    )
    if chat is None or (member is None and place is None):
        return False
    if member and place and place.state == "joining" and chat.owner == user_id and not chat.deleted:
        # Whoever inherits a chat whose making has broken off does not know of that.
        await arrival(backend, chat, member)(True)
    if chat.deleted and chat.owner != user_id:
        # Whoever ended it, or a later reader, sees to the others: else all who leave it would see to all.
        await chats.dismiss(backend, chat_id, user_id, who)
        return True
    joined = member.joined if member else 0
    place = place or Membership(user_id, chat_id, chat.name, chat.kind, joined, chat.moderated)
    if place.state != "leaving":
        place = await memberships.begin(backend, replace(place, state="leaving"))
    if member is None and not chat.deleted:
        # A join between the reads above may have made the row since.
        member, chat = await _member_then_chat(backend, user_id, chat_id)
    if removed and chat is not None and chat.kind == "group":
        # Before they are out, so that nobody comes back by the link they know.
        await backend.store.invites.drop(chat_id)
    try:
        ending = await _detach(backend, user_id, chat, member, removed)
    except ChatNotFound:
        await chats.vanished(backend, who, chat_id)
        return True
    told = ending or Ending(user_id, (await named(backend, user_id)).name, removed, 0)
    await memberships.settle(backend, who, place, False, teller(backend, chat_id, user_id, told.name, told.removed))
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
                await memberships.inherit(backend, heir.user_id, chat.id)
            if heir and (begun := await backend.store.chats.hand_over(roster.chat, member, heir, ending)):
                return begun
        member, chat = await _member_then_chat(backend, user_id, chat.id)
    raise Unavailable


async def _member_then_chat(backend: Backend, user_id: str, chat_id: str) -> tuple[Member | None, Chat | None]:
    """In this order: whoever is handed the chat between the two reads has another row than the one that was read."""
    member = await backend.store.chats.member(chat_id, user_id)
    return member, await backend.store.chats.read(chat_id)


def first_joined(members: list[Member]) -> Member:
    """Who inherits a chat: the member who has been there longest."""
    return min(members, key=lambda member: (member.joined, member.user_id))
