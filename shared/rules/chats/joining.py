"""Joining a chat."""

from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import results
from shared.model.records import Chat, Member, Membership, Profile
from shared.rules.chats import creation, deletion
from shared.rules.membership import access, quota, rights, settling
from shared.rules.membership.settling import Tell, teller
from shared.rules.profiles import named
from shared.wire.chat_events import ChatJoined
from shared.wire.chat_view import LISTED_MEMBERS, as_joined
from shared.wire.events import JoinChat


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
        quota.check_joining(await backend.store.memberships.held(by.user_id, chat.id, quota.CHATS))
    if place is not None and place.state == "member":
        await rights.grant(backend, chat.id, by.user_id, by.connection_id, speaks=place.speaks)
        await rights.recheck(backend, chat.id, by.user_id, by.connection_id)
    else:
        await _enter(backend, by, chat, member or Member(by.user_id, profile.name, backend.clock()), place)
    return as_joined(await deletion.present(backend, by, chat.id))


async def _enter(backend: Backend, by: Actor, chat: Chat, member: Member, place: Membership | None) -> None:
    joined = member.joined
    place = place or Membership(by.user_id, chat.id, chat.name, chat.kind, joined, chat.moderated, since=joined)
    place = replace(place, joined=joined)
    if place.state != "joining":
        place = await settling.begin(backend, replace(place, state="joining"))
    if member.version:
        # Who had come already and has just left in another tab stays out.
        is_in = await backend.store.chats.member(chat.id, by.user_id) is not None
    else:
        place, is_in = await settling.added(backend, place, member)
    await settling.settle(backend, by, place, is_in, arrival(backend, chat, member))


def arrival(backend: Backend, chat: Chat, member: Member) -> Tell:
    """Tells that somebody is in; before its owner, that the chat is there: its making may have broken off."""
    come = teller(backend, chat.id, member.user_id, member.name)
    if chat.owner != member.user_id:
        return come

    async def tell(is_in: bool) -> None:
        roster = await backend.store.chats.roster(chat.id, LISTED_MEMBERS)
        if roster is not None and is_in:
            await creation.publisher(backend, chat, roster.members)(True)
        await come(is_in)

    return tell
