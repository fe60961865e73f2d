"""Joining, leaving and being removed: memberships as both sides see them, and the rights that follow.

The chat's member row decides; the user's own row follows it and remembers what a retry has to finish. Must not know how
chats are made.
"""

import asyncio
from dataclasses import replace

import msgspec

from shared import access, announcements, chats, rights
from shared.backend import Actor, Backend
from shared.concurrency import together
from shared.errors import BadRequest, ChatNotFound, Unavailable, UserNotFound
from shared.events import ChatJoined, JoinChat, LeaveChat, MemberJoined, MemberLeft, RemoveMember
from shared.profiles import named
from shared.records import Chat, Member, Membership, Profile, Roster
from shared.store import Addition
from shared.tries import tries

# The heir of an owner is sought among so many members.
HEIRS = 1_000


async def join(backend: Backend, by: Actor, event: JoinChat) -> ChatJoined | None:
    """Makes the sender a member and tells them the chat as it is now. Raises ChatNotFound.

    For a member nothing changes, but rights are given again.
    """
    (chat, member), profile = await asyncio.gather(
        access.as_joiner(backend, by.user_id, event.chat_id), named(backend, by.user_id)
    )
    if member is not None and chat.kind == "private":
        await rights.grant(backend, chat.id, by.user_id, by.connection_id, moderated=chat.moderated)
        await rights.recheck(backend, chat.id, by.user_id, by.connection_id)
        return None
    return await settle(backend, by, chat, member, profile)


async def settle(backend: Backend, by: Actor, chat: Chat, member: Member | None, profile: Profile) -> ChatJoined:
    """Makes somebody a member who may be one; ``member`` is their place if they have it already."""
    if member is not None and await _has_settled_in(backend, chat, by.user_id):
        await rights.grant(backend, chat.id, by.user_id, by.connection_id, moderated=chat.moderated)
        await rights.recheck(backend, chat.id, by.user_id, by.connection_id)
        return as_joined(await chats.present(backend, chat.id))
    member = member or Member(by.user_id, profile.name, backend.clock())
    wanted = Membership(by.user_id, chat.id, chat.name, chat.kind, member.joined, chat.moderated, "joining")
    place = await settle_in(backend, member, wanted)
    await rights.grant(backend, chat.id, by.user_id, by.connection_id, moderated=chat.moderated)
    await announcements.to_chat(backend, chat.id, MemberJoined(chat.id, by.user_id, member.name))
    return as_joined(await chats.settled(backend, by, place))


async def _has_settled_in(backend: Backend, chat: Chat, user_id: str) -> bool:
    """Whether a member has nothing left to do; an earlier try to join may not have come to its end."""
    place = await backend.store.memberships.read(user_id, chat.id)
    return place is not None and place.state == "member"


def as_joined(roster: Roster) -> ChatJoined:
    """The chat as its new member sees it."""
    return msgspec.convert(chats.on_the_wire(roster.chat, roster.members), ChatJoined, from_attributes=True)


async def settle_in(backend: Backend, member: Member, place: Membership) -> Membership:
    """Writes both rows of a membership so that a leave at the same moment cannot keep one of them only."""
    for _ in tries():
        outcome = await backend.store.chats.add(place.chat_id, member)
        if outcome is Addition.GONE:
            raise ChatNotFound
        kept = await backend.store.memberships.put(place)
        if outcome is Addition.ADDED or await backend.store.chats.member(place.chat_id, member.user_id):
            return kept
    raise Unavailable


async def leave(backend: Backend, by: Actor, event: LeaveChat) -> None:
    """Ends the sender's membership. Harmless without one: Chatr's client also leaves chats that were deleted."""
    await _end(backend, event.chat_id, by, removed=False)


async def remove(backend: Backend, by: Actor, event: RemoveMember) -> None:
    """Ends another's membership, for the owner only; raises like ``access.as_owner``, UserNotFound, BadRequest."""
    chat = await access.as_owner(backend, by.user_id, event.chat_id)
    if event.user_id == by.user_id:
        raise BadRequest("removeMember: `userId` is your own; leave the chat with leaveChat.")
    if chat.kind == "group":
        # First, so that nobody comes back by the link they know.
        await backend.store.invites.drop(chat.id)
    ended = await _end(backend, event.chat_id, Actor(event.user_id, ""), removed=True)
    if not ended and await backend.store.users.read(event.user_id) is None:
        raise UserNotFound


async def _end(backend: Backend, chat_id: str, who: Actor, removed: bool) -> bool:
    """Ends a membership, or what an earlier try left of it; False when there was nothing to end."""
    user_id = who.user_id
    (member, chat), place = await asyncio.gather(
        _member_then_chat(backend, user_id, chat_id), backend.store.memberships.read(user_id, chat_id)
    )
    if chat is None or (member is None and place is None):
        return False
    if chat.deleted:
        return await _finish(backend, chat, who, place)
    place = await _mark_leaving(backend, place or Membership(user_id, chat_id, chat.name, chat.kind, 0, chat.moderated))
    if member is None:
        # A join between the reads above may have made the row since.
        member, chat = await _member_then_chat(backend, user_id, chat_id)
    if chat is None or chat.deleted or (member is not None and await _detach(backend, chat, member)):
        await chats.vanished(backend, who, chat_id)
    else:
        await together(
            rights.revoke(backend, chat_id, user_id, who.connection_id), backend.store.reads.drop(user_id, chat_id)
        )
        name = member.name if member else (await named(backend, user_id)).name
        await _announce(backend, MemberLeft(chat_id, user_id, name, removed))
    await _forget(backend, place)
    return True


async def _finish(backend: Backend, chat: Chat, who: Actor, place: Membership | None) -> bool:
    """Cleans up after a deleted chat; an earlier try of the last member's leaving may have ended it and no more."""
    if chat.owner == who.user_id:
        await chats.vanished(backend, who, chat.id)
    if place is not None:
        await _forget(backend, place)
    return True


async def _mark_leaving(backend: Backend, place: Membership) -> Membership:
    """From here on no new token or connection gets rights, whatever fails afterwards."""
    leaving = replace(place, state="leaving")
    for _ in tries():
        if not leaving.version:
            return await backend.store.memberships.put(leaving)
        if marked := await backend.store.memberships.update(leaving):
            return marked
        again = await backend.store.memberships.read(place.user_id, place.chat_id)
        leaving = replace(again or place, state="leaving", version=again.version if again else "")
    raise Unavailable


async def _detach(backend: Backend, chat: Chat, member: Member) -> bool:
    """Takes the user out of the chat, handing it over where needed; True when the chat has ended, with its last one."""
    for _ in tries():
        if chat.owner != member.user_id:
            if await backend.store.chats.remove(chat.id, member):
                return False
        elif (roster := await backend.store.chats.roster(chat.id, HEIRS)) and roster.chat.version == chat.version:
            others = [other for other in roster.members if other.user_id != member.user_id]
            if not others and await backend.store.chats.delete(roster, unless_joined=True):
                return True
            if others and await backend.store.chats.hand_over(roster.chat, member, first_joined(others)):
                return False
        there, now = await _member_then_chat(backend, member.user_id, chat.id)
        if now is None or now.deleted or there is None:
            return now is None or now.deleted
        chat, member = now, there
    raise Unavailable


async def _member_then_chat(backend: Backend, user_id: str, chat_id: str) -> tuple[Member | None, Chat | None]:
    """In this order: whoever is handed the chat between the two reads has another row than the one that was read."""
    member = await backend.store.chats.member(chat_id, user_id)
    return member, await backend.store.chats.read(chat_id)


def first_joined(members: list[Member]) -> Member:
    """Who inherits a chat: the member who has been there longest."""
    return min(members, key=lambda member: (member.joined, member.user_id))


async def _announce(backend: Backend, event: MemberLeft) -> None:
    await together(
        announcements.to_chat(backend, event.chat_id, event),
        announcements.to_user(backend, event.user_id, event),
    )


async def _forget(backend: Backend, place: Membership) -> None:
    """Drops the user's own row, unless the user has come back in the meantime."""
    for _ in tries():
        if await backend.store.memberships.drop(place):
            return
        # The order matters: who joins after the first read changes the version that the drop insists on.
        again = await backend.store.memberships.read(place.user_id, place.chat_id)
        if again is None or await _is_back(backend, place.chat_id, place.user_id):
            return
        place = again
    raise Unavailable


async def _is_back(backend: Backend, chat_id: str, user_id: str) -> bool:
    chat, member = await asyncio.gather(backend.store.chats.read(chat_id), backend.store.chats.member(chat_id, user_id))
    return chat is not None and not chat.deleted and member is not None
