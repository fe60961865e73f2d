"""Invite links: the only way into a group.

A link consists of the chat's id and a random secret that is kept with the chat. There is one at a time. It expires
after a week, and ends when a member is removed and with the chat.
"""

import hmac
import secrets

from shared.backend import Actor, Backend
from shared.flow.concurrency import results
from shared.flow.tries import tries
from shared.model.clock import SECOND, SKEW, iso
from shared.model.errors import BadRequest, ChatNotFound, InviteNotFound, Unavailable
from shared.model.records import Invite
from shared.rules.chats import joining, leaving
from shared.rules.membership import access
from shared.rules.profiles import named
from shared.wire.chat_events import ChatJoined, InviteMade
from shared.wire.events import AcceptInvite, CreateInvite, LeaveChat

LIFETIME = 7 * 24 * 3600 * SECOND
SECRET_BYTES = 18


async def create(backend: Backend, by: Actor, event: CreateInvite) -> InviteMade:
    """The link of a group, for its owner only. Raises like ``access.as_owner``, and BadRequest for a public chat."""
    chat = await access.as_owner(backend, by.user_id, event.chat_id)
    if chat.kind != "group":
        raise BadRequest("createInvite: everybody can join a public chat; share its address instead.")
    async for _ in tries(backend.pause):
        kept = await backend.store.invites.read(chat.id)
        if kept is not None and backend.clock() < kept.expires:
            return _link(chat.id, kept)
        made = Invite(secrets.token_urlsafe(SECRET_BYTES), backend.clock() + LIFETIME, kept.version if kept else "")
        write = backend.store.invites.renew if kept else backend.store.invites.add
        if await write(chat.id, made):
            return _link(chat.id, made)
    raise Unavailable


def _link(chat_id: str, invite: Invite) -> InviteMade:
    return InviteMade(chat_id, f"{chat_id}.{invite.secret}", iso(invite.expires))


async def accept(backend: Backend, by: Actor, event: AcceptInvite) -> ChatJoined:
    """Makes whoever has a link a member. Returns the chat as it is then.

    Raises InviteNotFound, also when the chat is gone, or TooManyChats.
    """
    chat_id, _, secret = event.token.partition(".")
    kept, chat, member, profile = await results(
        backend.store.invites.read(chat_id),
        backend.store.chats.read(chat_id),
        backend.store.chats.member(chat_id, by.user_id),
        named(backend, by.user_id),
    )
    # The clock of an instance may be ahead, and no link expires early.
    valid = kept is not None and kept.expires > backend.clock() - SKEW and _same(kept, secret)
    if not valid or chat is None or chat.deleted:
        raise InviteNotFound
    try:
        joined = await joining.enter(backend, by, chat, member, profile)
    except ChatNotFound as gone:
        raise InviteNotFound from gone
    if member is None and not _same(await backend.store.invites.read(chat_id), secret):
        # The link has ended meanwhile, perhaps because this very user was removed.
        await leaving.leave(backend, by, LeaveChat(chat_id))
        raise InviteNotFound
    return joined


def _same(kept: Invite | None, secret: str) -> bool:
    return kept is not None and hmac.compare_digest(kept.secret, secret)
