"""The content of the store as a model, read without the director."""

import asyncio
import json
from typing import Any

from shared.ports.store import Store
from tests.backend.model.cast import CHATS, USERS, chat_of_message, message_ids
from tests.backend.model.chats import Chats, Room, Words

ALL = 1_000


async def chats(store: Store) -> Chats:
    """All chats, with the members according to the chats' own rows."""
    rooms = await asyncio.gather(*(room(store, chat_id) for chat_id in CHATS))
    found = Chats({chat_id: room for chat_id, room in zip(CHATS, rooms, strict=True) if room})
    for user in USERS:
        for one in (await store.blocks.of_user(user, "", ALL)).items:
            if one.holds:
                found.blocks.add((user, one.blocked))
            if one.state != "blocked":
                found.unsettled.add((user, one.blocked))
    return found


async def room(store: Store, chat_id: str) -> Room | None:
    """One chat."""
    roster = await store.chats.roster(chat_id, ALL)
    if roster is None:
        return None
    chat = roster.chat
    members = [one.user_id for one in sorted(roster.members, key=lambda one: (one.joined, one.user_id))]
    found = Room(chat.name, chat.owner, chat.kind, members, chat.moderated)
    if chat.deleted:
        found.end()
        return found
    invite, found.gone, found.messages = await asyncio.gather(
        store.invites.read(chat_id), gone(store, chat_id), messages(store, chat_id)
    )
    found.invite = invite.secret if invite else ""
    return found


async def messages(store: Store, chat_id: str) -> dict[str, Words]:
    """A chat's history, oldest first."""
    kept = (await store.messages.newest(chat_id, None, ALL))[::-1]
    assert len({one.id for one in kept}) == len(kept), f"a message is kept twice in {chat_id}"
    found = {one.id: Words(one.author, one.text) for one in kept}
    if kept:
        for one in await store.reactions.between(chat_id, kept[0].position, kept[-1].position, ALL):
            found[one.message_id].reactions.add((one.emoji, one.user_id))
    return found


async def gone(store: Store, chat_id: str) -> dict[str, str]:
    """The deleted messages of a chat with their authors."""
    positions = await asyncio.gather(*(store.messages.position(chat_id, one) for one in message_ids(chat_id)))
    return {one.id: one.author for one in positions if one and one.deleted}


async def is_true(store: Store, payload: dict[str, Any]) -> bool:
    """Whether what a message to browsers says is stored."""
    name: str | None = payload.get("chatEvent")
    text: str = payload.get("data", "")
    data = json.loads(text) if text.startswith("{") else {"userId": text, "id": text}
    match name:
        case "chatCreated" | "chatDeleted":
            chat = await store.chats.read(data["id"])
            return chat is not None and chat.deleted == (name == "chatDeleted")
        case "memberJoined" | "memberLeft":
            there = await store.chats.member(data["chatId"], data["userId"])
            return (there is not None) == (name == "memberJoined")
        case "joinPrivateChat":
            return all([await store.chats.member(data["id"], user) for user in data["members"]])
        case "userOnline" | "userOffline" | "userIsIdle" | "userNotIdle":
            user = await store.presence.online(data["userId"])
            wanted = {"userOffline": "offline", "userIsIdle": "idle"}.get(name, "idle" if data.get("idle") else "here")
            return (user.status if user else "offline") == wanted
        case "userBlocked" | "userUnblocked":
            # The payload does not say who receives it.
            blocks = [await store.blocks.read(user, data["userId"]) for user in USERS]
            return any(blocks) if name == "userBlocked" else not all(blocks)
        case "chatRead":
            return await store.messages.position(data["chatId"], data["id"]) is not None
    return await is_kept(store, name, data if name else payload)


async def is_kept(store: Store, name: str | None, data: dict[str, Any]) -> bool:
    """Whether what an event says about a message is stored; without an event name it is the message itself."""
    words = (await messages(store, chat_of_message(data["id"]))).get(data["id"])
    match name:
        case "messageDeleted":
            return words is None
        case "messageEdited" | None:
            return words is not None and words.text == data["message"]
        case "reaction":
            return words is not None and ((data["emoji"], data["userId"]) in words.reactions) is bool(data["on"])
    raise AssertionError(f"the model does not know {name}")
