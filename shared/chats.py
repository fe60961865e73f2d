"""Public chats and groups: making, listing and deleting them. Must not know joining and leaving (``members``)."""

import asyncio
from dataclasses import replace

from shared import access, announcements, rights, unread
from shared.backend import Actor, Backend
from shared.concurrency import each, together
from shared.errors import ChatIdTaken, ChatNotFound, Refusal
from shared.events import ChatCreated, ChatDeleted, CreateChat, DeleteChat, WireMember
from shared.profiles import named
from shared.records import Chat, Member, Membership, Page, Roster
from shared.unread import OwnChat, with_unread

PAGE_CHATS = 50
# A list shows faces, not the whole crowd; the members of an opened chat come from its own page.
LISTED_MEMBERS = 100
# One call's share of cleaning up after a deleted chat: it must end well within the 40 s a call may take.
PURGED_MEMBERS = 1_000
PURGED_MESSAGE_ROWS = 3_000


async def create(backend: Backend, by: Actor, event: CreateChat) -> None:
    """Makes a chat owned by its first member. A retry finishes what is missing; raises ChatIdTaken for another's id."""
    profile = await named(backend, by.user_id)
    chat = Chat(event.id, event.chat_name, by.user_id, event.kind, event.moderated)
    owner = Member(by.user_id, profile.name, backend.clock())
    if not await backend.store.chats.create(chat, [owner]):
        owner = await _unfinished(backend, chat)
    place = Membership(by.user_id, chat.id, chat.name, chat.kind, owner.joined, chat.moderated, "joining")
    place = await backend.store.memberships.put(place)
    granted = rights.grant(backend, chat.id, by.user_id, by.connection_id, moderated=chat.moderated)
    if chat.kind == "public":
        await together(backend.store.chats.list_publicly(chat.id), granted)
        await announcements.to_everyone(backend, on_the_wire(chat, (owner,)))
    else:
        await granted
        await announcements.to_user(backend, by.user_id, on_the_wire(chat, (owner,)))
    await settled(backend, by, place)


async def settled(backend: Backend, by: Actor, place: Membership) -> Roster:
    """Ends making or joining a chat: nothing is left to do, unless the chat was deleted in the meantime.

    Returns the chat as it is now. If it is gone, what came after the deletion is taken back, and ChatNotFound raised.
    """
    if not await backend.store.memberships.update(replace(place, state="member")):
        await rights.recheck(backend, place.chat_id, by.user_id, by.connection_id)
    try:
        return await present(backend, place.chat_id)
    except ChatNotFound:
        await vanished(backend, by, place.chat_id)
        await dismiss(backend, place.chat_id, by.user_id, by)
        raise


async def present(backend: Backend, chat_id: str) -> Roster:
    """A chat with some of its members; raises ChatNotFound when it is gone."""
    roster = await backend.store.chats.roster(chat_id, LISTED_MEMBERS)
    if roster is None or roster.chat.deleted:
        raise ChatNotFound
    return roster


async def _unfinished(backend: Backend, wanted: Chat) -> Member:
    """The owner's place in a chat that an earlier delivery of the same event has made."""
    kept = await backend.store.chats.read(wanted.id)
    if kept is None or replace(kept, version="") != wanted:
        raise ChatIdTaken
    owner = await backend.store.chats.member(wanted.id, wanted.owner)
    if owner is None:
        raise ChatIdTaken
    return owner


async def delete(backend: Backend, by: Actor, event: DeleteChat) -> None:
    """Makes a chat gone at once, for its owner only, then cleans up a bounded part of it."""
    try:
        await _end(backend, by, event.chat_id)
    except Refusal:
        # Another delivery of the same event may have ended it, also between the reads that led here.
        kept = await backend.store.chats.read(event.chat_id)
        if kept is None or not kept.deleted or kept.owner != by.user_id:
            raise
    await vanished(backend, by, event.chat_id)


async def _end(backend: Backend, by: Actor, chat_id: str) -> None:
    while True:
        chat = await access.as_owner(backend, by.user_id, chat_id)
        if await backend.store.chats.delete(Roster(chat, ()), unless_joined=False):
            return


async def vanished(backend: Backend, by: Actor, chat_id: str) -> None:
    """What follows when a chat is gone, noticed by ``by``; safe to repeat."""
    roster = await backend.store.chats.roster(chat_id, PURGED_MEMBERS)
    await _end_access(backend, chat_id, roster is None or roster.chat.kind == "public")
    if roster is not None:
        await each(roster.members, lambda member: dismiss(backend, chat_id, member.user_id, by))
    await together(
        backend.store.chats.purge_members(chat_id, PURGED_MEMBERS),
        backend.store.messages.purge(chat_id, PURGED_MESSAGE_ROWS),
    )


async def _end_access(backend: Backend, chat_id: str, public: bool) -> None:
    """Nobody finds or enters the chat any more, and those who knew of it hear so."""
    if public:
        await together(backend.store.chats.unlist(chat_id), announcements.to_everyone(backend, ChatDeleted(chat_id)))
    else:
        await together(
            backend.store.invites.drop(chat_id), announcements.to_chat(backend, chat_id, ChatDeleted(chat_id))
        )


async def dismiss(backend: Backend, chat_id: str, user_id: str, by: Actor) -> None:
    connection_id = by.connection_id if user_id == by.user_id else ""
    # The row first: who is given rights at this moment looks at it afterwards.
    await together(_drop_place(backend, chat_id, user_id), backend.store.reads.drop(user_id, chat_id))
    await rights.revoke(backend, chat_id, user_id, connection_id)


async def _drop_place(backend: Backend, chat_id: str, user_id: str) -> None:
    place = await backend.store.memberships.read(user_id, chat_id)
    if place is not None:
        await backend.store.memberships.drop(place)


async def public_page(backend: Backend, after: str) -> Page[ChatCreated]:
    """Public chats with some of their members."""
    page = await backend.store.chats.listed(after, PAGE_CHATS)
    rosters = await each(page.items, lambda chat_id: backend.store.chats.roster(chat_id, LISTED_MEMBERS))
    alive = [roster for roster in rosters if roster is not None and not roster.chat.deleted]
    return Page(tuple(on_the_wire(roster.chat, roster.members) for roster in alive), page.next)


async def of_user(backend: Backend, user_id: str, after: str) -> Page[OwnChat]:
    """The chats a user belongs to, public and private; a membership whose chat is gone is dropped on the way."""
    page = await backend.store.memberships.of_user(user_id, after, PAGE_CHATS)
    seen, counts = await asyncio.gather(
        each(page.items, lambda membership: _as_seen(backend, membership)), unread.counted(backend, page.items)
    )
    chats = [with_unread(chat, count) for chat, count in zip(seen, counts, strict=True) if chat is not None]
    return Page(tuple(chats), page.next)


async def _as_seen(backend: Backend, membership: Membership) -> ChatCreated | None:
    roster = await backend.store.chats.roster(membership.chat_id, LISTED_MEMBERS)
    if roster is None or roster.chat.deleted:
        await backend.store.reads.drop(membership.user_id, membership.chat_id)
        await backend.store.memberships.drop(membership)
        return None
    return on_the_wire(roster.chat, roster.members, membership.name if roster.chat.kind == "private" else "")


def on_the_wire(chat: Chat, members: tuple[Member, ...], name: str = "") -> ChatCreated:
    """A chat as browsers see it; ``name`` replaces the chat's own."""
    faces = {member.user_id: WireMember(member.user_id, member.name) for member in members}
    return ChatCreated(chat.id, name or chat.name, chat.owner, chat.kind, faces, chat.moderated)
