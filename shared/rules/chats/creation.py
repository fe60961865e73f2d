"""Making public chats and groups."""

from contextlib import suppress
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import results
from shared.model.errors import (
    ChatIdTaken,
    ChatNotFound,
    TooManyChats,
)
from shared.model.records import (
    Chat,
    Member,
    Membership,
)
from shared.rules import sending
from shared.rules.chats import deletion
from shared.rules.membership import quota, settling
from shared.rules.membership.settling import Tell
from shared.rules.profiles import named
from shared.wire.chat_view import LISTED_MEMBERS, on_the_wire
from shared.wire.events import (
    CreateChat,
)


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
    place = begun or await settling.begin(backend, wanted)
    await settling.settle(backend, by, place, True, publisher(backend, chat, members))
    # Deleted in the meantime: it was made all the same.
    with suppress(ChatNotFound):
        await deletion.present(backend, by, chat.id)


async def _check_room(backend: Backend, chat: Chat, wanted: Membership, begun: Membership | None) -> None:
    """Raises TooManyChats unless its maker may have the chat; what is there already takes no more quota.

    Each counts the others' rows when its own is there, so that of many at once no more get by than may. A row that
    another delivery has begun is marked anew, so that it stays when that one is refused.
    """
    if begun is None:
        there, kept = await results(
            backend.store.chats.read(chat.id), backend.store.memberships.read(wanted.user_id, chat.id)
        )
        if there is not None:
            return
        await settling.begin(backend, replace(wanted, version=kept.version if kept else ""))
    try:
        quota.check_making(await backend.store.memberships.held(chat.owner, chat.id, quota.CHATS), chat.kind)
    except TooManyChats:
        if begun:
            await backend.store.memberships.drop(begun)
        raise


def publisher(backend: Backend, chat: Chat, members: tuple[Member, ...]) -> Tell:
    """Tells those who may know of a new chat, as long as its maker is in it; a public one is listed first."""

    async def tell(is_in: bool) -> None:
        if is_in and chat.kind == "public":
            await backend.store.chats.list_publicly(chat.id)
            await sending.to_everyone(backend, on_the_wire(chat, members))
        elif is_in:
            await sending.to_user(backend, chat.owner, on_the_wire(chat, members))

    return tell


async def _unfinished(backend: Backend, wanted: Chat) -> tuple[Member, ...]:
    """The members of a chat that an earlier delivery of the same event has made; raises ChatIdTaken."""
    roster = await backend.store.chats.roster(wanted.id, LISTED_MEMBERS)
    if roster is None or replace(roster.chat, version="") != wanted:
        raise ChatIdTaken
    return roster.members
