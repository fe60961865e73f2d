"""Public chats and groups: making, listing and deleting them. Must not know joining and leaving (``members``)."""

from contextlib import suppress
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import each, results
from shared.flow.on_the_way import on_the_way
from shared.flow.tries import tries
from shared.model.errors import ChatIdTaken, ChatNotFound, Refusal, TooManyChats, Unavailable
from shared.model.records import Chat, Member, Membership, Page, Roster
from shared.rules import announcements
from shared.rules.membership import access, endings, memberships, room
from shared.rules.membership.memberships import Tell
from shared.rules.profiles import named
from shared.wire.chat_events import ChatCreated, ChatDeleted, WireMember
from shared.wire.events import CreateChat, DeleteChat

PAGE_CHATS = 50
# A list shows faces, not the whole crowd; the members of an opened chat come from its own page.
LISTED_MEMBERS = 100
# One call's share of cleaning up after a deleted chat. Members go a portion at a time, so that a retry of a call that
# has met its deadline begins where that ended.
PORTION_MEMBERS = 100
PORTIONS = 10
PURGED_MESSAGE_ROWS = 3_000
# Who finishes what others began is no user at no connection.
NOBODY = Actor("", "")


async def create(backend: Backend, by: Actor, event: CreateChat) -> None:
    """Makes a chat owned by its first member. A retry finishes what is missing; raises ChatIdTaken for another's id.

    Raises TooManyChats.
    """
    chat = Chat(event.id, event.chat_name, by.user_id, event.kind, event.moderated)
    wanted = Membership(by.user_id, chat.id, chat.name, chat.kind, backend.clock(), chat.moderated, "joining")
    wanted = replace(wanted, made=chat.kind == "public")
    profile, begun = await results(named(backend, by.user_id), backend.store.memberships.insert(wanted))
    await _check_room(backend, chat, wanted, begun)
    members: tuple[Member, ...] = (Member(by.user_id, profile.name, wanted.joined),)
    if not await backend.store.chats.create(chat, members):
        try:
            members = await _unfinished(backend, chat)
        except ChatIdTaken:
            if begun:
                await backend.store.memberships.drop(begun)
            raise
    place = begun or await memberships.begin(backend, wanted)
    await memberships.settle(backend, by, place, True, publisher(backend, chat, members))
    # Deleted in the meantime: it was made all the same.
    with suppress(ChatNotFound):
        await present(backend, by, chat.id)


async def _check_room(backend: Backend, chat: Chat, wanted: Membership, begun: Membership | None) -> None:
    """Raises TooManyChats unless its maker may have the chat; what is there already takes no more room.

    Each counts the others' rows when its own is there, so that of many at once no more get by than may. A row that
    another delivery has begun is marked anew, so that it stays when that one is refused.
    """
    if begun is None:
        there, kept = await results(
            backend.store.chats.read(chat.id), backend.store.memberships.read(wanted.user_id, chat.id)
        )
        if there is not None:
            return
        await memberships.begin(backend, replace(wanted, version=kept.version if kept else ""))
    try:
        room.check_making(await backend.store.memberships.held(chat.owner, chat.id, room.CHATS), chat.kind)
    except TooManyChats:
        if begun:
            await backend.store.memberships.drop(begun)
        raise


def publisher(backend: Backend, chat: Chat, members: tuple[Member, ...]) -> Tell:
    """Tells those who may know of a new chat, as long as its maker is in it; a public one is listed first."""

    async def tell(is_in: bool) -> None:
        if is_in and chat.kind == "public":
            await backend.store.chats.list_publicly(chat.id)
            await announcements.to_everyone(backend, on_the_wire(chat, members))
        elif is_in:
            await announcements.to_user(backend, chat.owner, on_the_wire(chat, members))

    return tell


async def present(backend: Backend, by: Actor, chat_id: str) -> Roster:
    """A chat with some of its members. Raises ChatNotFound when it is gone, once nothing of it is left for ``by``."""
    roster = await backend.store.chats.roster(chat_id, LISTED_MEMBERS)
    if roster is not None and not roster.chat.deleted:
        return roster
    await vanished(backend, by, chat_id)
    raise ChatNotFound


async def _unfinished(backend: Backend, wanted: Chat) -> tuple[Member, ...]:
    """The members of a chat that an earlier delivery of the same event has made; raises ChatIdTaken."""
    roster = await backend.store.chats.roster(wanted.id, LISTED_MEMBERS)
    if roster is None or replace(roster.chat, version="") != wanted:
        raise ChatIdTaken
    return roster.members


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
        await announcements.to_everyone(backend, event)
    else:
        await announcements.to_chat(backend, chat_id, event)


async def dismiss(backend: Backend, chat_id: str, user_id: str, by: Actor) -> None:
    """Takes from a user what a chat that is gone had given."""
    who = by if user_id == by.user_id else Actor(user_id, "")
    place = await backend.store.memberships.read(user_id, chat_id)
    if place is None:
        place = Membership(user_id, chat_id, "", "public", 0)
    elif place.state != "leaving":
        place = await memberships.begin(backend, replace(place, state="leaving"))
    await memberships.settle(backend, who, place, False, memberships.nothing)


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
        await finish(backend, roster)
    return roster


async def finish(backend: Backend, roster: Roster, by: Actor = NOBODY) -> None:
    """What a reader does about the ends in a chat, and its own, that somebody began and gave up."""
    chat = roster.chat
    await endings.finish(backend, chat, roster.endings)
    if chat.deleted and endings.is_given_up(backend, chat.ended):
        await on_the_way(lambda: _take_over(backend, chat, by))


async def _take_over(backend: Backend, chat: Chat, by: Actor) -> None:
    if await backend.store.chats.take_up_deletion(chat, backend.clock()):
        await vanished(backend, by, chat.id)


def on_the_wire(chat: Chat, members: tuple[Member, ...], name: str = "") -> ChatCreated:
    """A chat as browsers see it; ``name`` replaces the chat's own."""
    faces = {member.user_id: WireMember(member.user_id, member.name) for member in members}
    return ChatCreated(chat.id, name or chat.name, chat.owner, chat.kind, faces, chat.moderated)
