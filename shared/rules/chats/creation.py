"""Creating public chats and groups."""

from contextlib import suppress
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import results
from shared.model.errors import ChatIdTaken, ChatNotFound, TooManyChats
from shared.model.records import Chat, Member, Membership
from shared.rules.chats import deletion
from shared.rules.membership import quota, settling
from shared.rules.membership.announcements import Creation
from shared.rules.profiles import named
from shared.wire.chat_view import LISTED_MEMBERS, as_listed
from shared.wire.events import CreateChat


async def create(backend: Backend, by: Actor, event: CreateChat) -> None:
    """Creates a chat that the sender owns and is the first member of. A retry finishes what is missing.

    Raises ChatIdTaken or TooManyChats.
    """
    chat = Chat(event.id, event.chat_name, by.user_id, event.kind, event.moderated)
    wanted = Membership(by.user_id, chat.id, chat.name, chat.kind, backend.clock(), chat.moderated, "joining")
    wanted = replace(wanted, made=chat.kind == "public")
    profile, begun = await results(named(backend, by.user_id), backend.store.memberships.insert(wanted))
    await _check_quota(backend, chat, wanted, begun)
    members: tuple[Member, ...] = (Member(by.user_id, profile.name, wanted.joined),)
    if not await backend.store.chats.create(chat, members):
        try:
            members = await _members_of_retried(backend, chat)
        except ChatIdTaken:
            if begun:
                await backend.store.memberships.drop(begun)
            raise
    own = begun or await settling.begin(backend, wanted)
    await settling.settle(backend, by, own, True, Creation(as_listed(chat, members)))
    # If it was deleted meanwhile, it was created all the same.
    with suppress(ChatNotFound):
        await deletion.require_existing(backend, by, chat.id)


async def _check_quota(backend: Backend, chat: Chat, wanted: Membership, begun: Membership | None) -> None:
    """Raises TooManyChats unless the user may create the chat. A retry of a creation that succeeded always may.

    The own row is there before the others are counted, so many creations at once cannot all slip under the limit. A row
    that another delivery of the event has begun is marked again, so that it stays when that delivery is refused.
    """
    if begun is None:
        existing, kept = await results(
            backend.store.chats.read(chat.id), backend.store.memberships.read(wanted.user_id, chat.id)
        )
        if existing is not None:
            return
        await settling.begin(backend, replace(wanted, version=kept.version if kept else ""))
    try:
        quota.check_making(await backend.store.memberships.held(chat.owner, chat.id, quota.CHATS), chat.kind)
    except TooManyChats:
        if begun:
            await backend.store.memberships.drop(begun)
        raise


async def _members_of_retried(backend: Backend, wanted: Chat) -> tuple[Member, ...]:
    """The members of the chat, if an earlier delivery of the same event created it. Raises ChatIdTaken."""
    roster = await backend.store.chats.roster(wanted.id, LISTED_MEMBERS)
    if roster is None or replace(roster.chat, version="") != wanted:
        raise ChatIdTaken
    return roster.members
