"""Chats of two: their ids, and opening them.

An id is an HMAC of both user ids under a key that never leaves the backend. So it can neither be guessed nor collide,
and everybody who opens the chat of two users comes to the same id.
"""

import hashlib
import hmac
import secrets
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import checked, each, results
from shared.model.errors import BadRequest, Blocked, Forbidden, UnblockFirst, UserNotFound
from shared.model.records import Chat, Member, Membership, Profile, Roster
from shared.model.text.names import chat_with
from shared.rules.membership import rights, settling, silence
from shared.rules.membership.announcements import Move, Opening, announce
from shared.rules.profiles import named
from shared.wire.chat_events import JoinPrivateChat, WireMember
from shared.wire.chat_view import faces
from shared.wire.events import CreatePrivateChat

PREFIX = "private_"
KEY_NAME = "private-chats"
KEY_BYTES = 32


async def id_of(backend: Backend, one: str, other: str) -> str:
    """The id of the chat of two users, whether the chat exists or not."""
    return private_chat_id(await _key(backend), one, other)


def private_chat_id(key: bytes, one: str, other: str) -> str:
    """The id of the chat of two users, in whichever order they are named."""
    # The lengths keep pairs apart whose concatenated ids are equal.
    parts = [user.encode("utf-8", "surrogatepass") for user in sorted((one, other))]
    pair = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return PREFIX + hmac.new(key, pair, hashlib.sha256).hexdigest()


async def _key(backend: Backend) -> bytes:
    return bytes.fromhex(await backend.store.secrets.get_or_make(KEY_NAME, secrets.token_hex(KEY_BYTES)))


async def create(backend: Backend, by: Actor, event: CreatePrivateChat) -> None:
    """Opens the chat of the sender and another user for both, also when one of them had left it.

    Raises BadRequest, Forbidden, UserNotFound, UnblockFirst or Blocked.
    """
    if event.initiator_user_id not in (None, by.user_id):
        raise Forbidden("createPrivateChat: `initiatorUserId` must be your own user id, or be left out.")
    if event.target_user_id == by.user_id:
        raise BadRequest("createPrivateChat: `targetUserId` must be somebody else.")
    chat_id = await id_of(backend, by.user_id, event.target_user_id)
    target, initiator, roster = await checked(
        _require_unblocked(backend, by.user_id, event.target_user_id),
        results(
            backend.store.users.read(event.target_user_id),
            named(backend, by.user_id),
            backend.store.chats.roster(chat_id, 2),
        ),
    )
    if target is None:
        raise UserNotFound
    await _open(backend, Chat(chat_id, "", "", "private"), by, (initiator, target), roster)


async def _require_unblocked(backend: Backend, one: str, other: str) -> None:
    """Raises UnblockFirst if ``one`` blocks the other, Blocked if the other blocks ``one``."""
    blocks, blocked = await results(
        silence.is_blocked(backend, other, by=one), silence.is_blocked(backend, one, by=other)
    )
    if blocks:
        raise UnblockFirst
    if blocked:
        raise Blocked


async def _open(backend: Backend, chat: Chat, by: Actor, pair: tuple[Profile, Profile], roster: Roster | None) -> None:
    """Lets in whoever of the two is not in. For the initiator it opens on every call."""
    now = backend.clock()
    members = [Member(user.user_id, user.name, now) for user in pair]
    shown = faces(members)
    wanted = [
        Membership(member.user_id, chat.id, name_of(other), "private", now, state="joining", peer=other.user_id)
        for member, other in zip(members, reversed(pair), strict=True)
    ]
    own_rows = await each(wanted, lambda own: _as_kept(backend, own, roster))
    if own_rows[0].state == "member":
        await rights.renew(backend, own_rows[0], by.connection_id)
        await announce(backend, _opening(own_rows[0], by, shown), is_in=True)
    missing = [member for member, own in zip(members, own_rows, strict=True) if own.state != "member"]
    begun = await each((own for own in own_rows if own.state != "member"), lambda one: _begun(backend, one))
    is_new = roster is None and await backend.store.chats.create(chat, members)

    async def enter(side: tuple[Member, Membership]) -> None:
        member, own = side
        who = by if member.user_id == by.user_id else Actor(member.user_id, "")
        is_in = is_new
        if not is_new:
            own, is_in = await settling.added(backend, own, member)
        await settling.settle(backend, who, own, is_in, _opening(own, who, shown))

    await each(zip(missing, begun, strict=True), enter)


async def _as_kept(backend: Backend, wanted: Membership, roster: Roster | None) -> Membership:
    """The own row as it is kept, if the user is in the chat already; what is settled is left alone."""
    there = next((one for one in roster.members if one.user_id == wanted.user_id), None) if roster else None
    if roster is None or roster.chat.deleted or there is None:
        return wanted
    kept = await backend.store.memberships.read(wanted.user_id, wanted.chat_id)
    return replace(kept, joined=there.joined) if kept else wanted


async def _begun(backend: Backend, own: Membership) -> Membership:
    if own.version and own.state == "joining":
        return own
    return await settling.begin(backend, replace(own, state="joining"))


def _opening(own: Membership, who: Actor, shown: dict[str, WireMember]) -> Opening:
    """The chat opens for ``who``; in front of everything else only where they asked for it."""
    opened = JoinPrivateChat(own.chat_id, own.name, bool(who.connection_id), shown)
    return Opening(opened, Move(own.chat_id, who.user_id, shown[who.user_id].user_name))


def name_of(other: Profile) -> str:
    """What a private chat is called by the one who talks with ``other``."""
    return chat_with(other.name)
