"""Chats of two: their ids, and opening them. Must not know public chats.

An id is an HMAC of both user ids under a key that never leaves the backend, so it can neither be guessed nor collide.
"""

import hashlib
import hmac
import secrets

from shared import announcements, memberships
from shared.backend import Actor, Backend
from shared.chat_events import JoinPrivateChat, WireMember
from shared.chats import on_the_wire
from shared.concurrency import each, results, together
from shared.errors import BadRequest, Forbidden, UserNotFound
from shared.events import CreatePrivateChat
from shared.memberships import Tell, teller
from shared.names import chat_with
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
    target, initiator, key = await results(
        backend.store.users.read(event.target_user_id), named(backend, by.user_id), _key(backend)
    )
    if target is None:
        raise UserNotFound
    chat = Chat(private_chat_id(key, by.user_id, target.user_id), "", "", "private")
    await _open(backend, chat, by, initiator, target)


async def _open(backend: Backend, chat: Chat, by: Actor, initiator: Profile, target: Profile) -> None:
    now = backend.clock()
    members = [Member(user.user_id, user.name, now) for user in (initiator, target)]
    names = name_of(target), name_of(initiator)
    places = [
        Membership(member.user_id, chat.id, name, "private", now, state="joining")
        for member, name in zip(members, names, strict=True)
    ]
    places = await each(places, lambda place: memberships.begin(backend, place))
    if not await backend.store.chats.create(chat, members):
        await each(members, lambda member: backend.store.chats.add(chat.id, member))
    faces = on_the_wire(chat, tuple(members)).members
    whos = by, Actor(target.user_id, "")
    await together(
        *(
            memberships.settle(backend, who, place, True, _opener(backend, who, place, faces))
            for who, place in zip(whos, places, strict=True)
        )
    )


def _opener(backend: Backend, who: Actor, place: Membership, faces: dict[str, WireMember]) -> Tell:
    """Opens the chat on a user's screens, or closes it for one who has just left in another tab."""
    opened = JoinPrivateChat(place.chat_id, place.name, bool(who.connection_id), faces)
    left = teller(backend, place.chat_id, who.user_id, faces[who.user_id].user_name)

    async def tell(is_in: bool) -> None:
        await (announcements.to_user(backend, who.user_id, opened) if is_in else left(False))

    return tell


def name_of(other: Profile) -> str:
    """What a private chat is called, as the one reads it who talks with ``other``."""
    return chat_with(other.name)


async def _key(backend: Backend) -> bytes:
    return bytes.fromhex(await backend.store.secrets.get_or_make(KEY_NAME, secrets.token_hex(KEY_BYTES)))
