"""Joining a chat."""

from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import results
from shared.model.records import Chat, Member, Membership, Profile
from shared.rules.chats import deletion
from shared.rules.membership import access, quota, rights, settling
from shared.rules.membership.announcements import of_joining
from shared.rules.profiles import named
from shared.wire.chat_events import ChatJoined
from shared.wire.chat_view import as_joined
from shared.wire.events import JoinChat


async def join(backend: Backend, by: Actor, event: JoinChat) -> ChatJoined | None:
    """Makes the sender a member. Returns the chat as it is then, but not a private one, which has opened already.

    A member stays one and gets the rights again. Raises ChatNotFound or TooManyChats.
    """
    (chat, member), profile = await results(
        access.as_joiner(backend, by.user_id, event.chat_id), named(backend, by.user_id)
    )
    joined = await enter(backend, by, chat, member, profile)
    return None if chat.kind == "private" else joined


async def enter(backend: Backend, by: Actor, chat: Chat, member: Member | None, profile: Profile) -> ChatJoined:
    """Makes somebody a member who may become one. ``member`` is their row in the chat, if they are in already.

    Raises ChatNotFound or TooManyChats.
    """
    own = None
    if member is not None:
        own = await backend.store.memberships.read(by.user_id, chat.id)
    else:
        quota.check_joining(await backend.store.memberships.held(by.user_id, chat.id, quota.CHATS))
    if own is not None and own.state == "member":
        await rights.renew(backend, own, by.connection_id)
    else:
        await _become_member(backend, by, chat, member or Member(by.user_id, profile.name, backend.clock()), own)
    return as_joined(await deletion.require_existing(backend, by, chat.id))


async def _become_member(backend: Backend, by: Actor, chat: Chat, member: Member, own: Membership | None) -> None:
    """Marks the own row, adds the member's row, settles. ``member`` has a version if an earlier call has added it."""
    joined = member.joined
    own = own or Membership(by.user_id, chat.id, chat.name, chat.kind, joined, chat.moderated, since=joined)
    own = replace(own, joined=joined)
    if own.state != "joining":
        own = await settling.begin(backend, replace(own, state="joining"))
    if member.version:
        # Somebody who was in and has just left in another tab stays out.
        is_in = await backend.store.chats.member(chat.id, by.user_id) is not None
    else:
        own, is_in = await settling.added(backend, own, member)
    await settling.settle(backend, by, own, is_in, await of_joining(backend, chat, member))
