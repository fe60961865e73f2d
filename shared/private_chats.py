"""Chats of two: their ids, and opening them. Must not know public chats.

An id is an HMAC of both user ids under a key that never leaves the backend, so it can neither be guessed nor collide.
"""

import asyncio
import hashlib
import hmac
import secrets

from shared import announcements, rights
from shared.backend import Actor, Backend
from shared.chats import on_the_wire
from shared.concurrency import together
from shared.errors import BadRequest, Forbidden, UserNotFound
from shared.events import CreatePrivateChat, JoinPrivateChat
from shared.members import settle_in
from shared.profiles import named
from shared.records import Chat, Member, Membership, Profile

PREFIX = "private_"
KEY_NAME = "private-chats"
KEY_BYTES = 32


def private_chat_id(key: bytes, one: str, other: str) -> str:
    """The id of the chat of two users, in whichever order they are named."""
    # The length in front keeps pairs apart whose ids run together alike.
    parts = [user.encode("utf-8", "surrogatepass") for user in sorted((one, other))]
    pair = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return PREFIX + hmac.new(key, pair, hashlib.sha256).hexdigest()


async def create(backend: Backend, by: Actor, event: CreatePrivateChat) -> None:
    """Opens the chat of the sender and another user for both, also when one of them had left it."""
    if event.initiator_user_id not in (None, by.user_id):
        raise Forbidden("createPrivateChat: `initiatorUserId` must be your own user id, or be left out.")
    if event.target_user_id == by.user_id:
        raise BadRequest("createPrivateChat: `targetUserId` must be somebody else.")
    target, initiator, key = await asyncio.gather(
        backend.store.users.read(event.target_user_id), named(backend, by.user_id), _key(backend)
    )
    if target is None:
        raise UserNotFound
    chat = Chat(private_chat_id(key, by.user_id, target.user_id), "", "", "private")
    members = [Member(user.user_id, user.name, backend.clock()) for user in (initiator, target)]
    is_new = await backend.store.chats.create(chat, members)
    await together(
        _settle(backend, chat.id, members[0], target, is_new),
        _settle(backend, chat.id, members[1], initiator, is_new),
    )
    await together(
        _open(backend, chat, initiator, target, members, by.connection_id),
        _open(backend, chat, target, initiator, members, ""),
    )


async def _settle(backend: Backend, chat_id: str, member: Member, other: Profile, is_new: bool) -> None:
    """Makes one of the two a member, again if need be."""
    place = Membership(member.user_id, chat_id, name_of(other), "private", member.joined)
    if is_new:
        await backend.store.memberships.put(place)
    else:
        await settle_in(backend, member, place)


async def _open(
    backend: Backend, chat: Chat, user: Profile, other: Profile, members: list[Member], connection_id: str
) -> None:
    """Gives one of the two the rights and opens the chat on the user's screens."""
    await rights.grant(backend, chat.id, user.user_id, connection_id, moderated=False)
    await rights.recheck(backend, chat.id, user.user_id, connection_id)
    faces = on_the_wire(chat, tuple(members)).members
    event = JoinPrivateChat(chat.id, name_of(other), bool(connection_id), faces)
    await announcements.to_user(backend, user.user_id, event)


def name_of(other: Profile) -> str:
    """What a private chat is called, as the one reads it who talks with ``other``."""
    return f"Chat with {other.name}"


async def _key(backend: Backend) -> bytes:
    return bytes.fromhex(await backend.store.secrets.get_or_make(KEY_NAME, secrets.token_hex(KEY_BYTES)))
