"""Rows for the contract tests of the store, and ids that are hard to store."""

from shared.model.records import Chat, Ending, Member, Message, Position, Reaction
from shared.ports.store import Store
from shared.ports.store.messages import Outcome
from tests.backend.stage import keep, new_id

STRANGE = ["a/b", "ünï#?\\", "a%2Fb", "a=2Fb", "~", "'", "a b+c", "x" * 128, "é" * 128]
START = 1_700_000_000_000_000


def member(user_id: str, joined: int = 1_700_000_000_000_000) -> Member:
    return Member(user_id, f"Name of {user_id}"[:50], joined)


def ending(user_id: str, since: int = 1) -> Ending:
    return Ending(user_id, f"Name of {user_id}"[:50], True, since)


async def made(store: Store, *users: str) -> str:
    chat_id = new_id()
    assert await store.chats.create(Chat(chat_id, "Tea", users[0], "public"), [member(user) for user in users])
    return chat_id


def said(time: int, message_id: str = "", text: str = "hi") -> Message:
    return Message(message_id or new_id(), "ann", "Ann", text, time)


async def kept(store: Store, chat_id: str, *messages: Message) -> list[Position]:
    """The positions of messages after they were saved."""
    found = []
    for message in messages:
        assert await keep(store, chat_id, message)
        position = await store.messages.position(chat_id, message.id)
        assert position is not None
        found.append(position)
    return found


async def reacted(store: Store, chat_id: str, message: Message, user_id: str, emoji: str = "👍") -> Reaction:
    position = await store.messages.position(chat_id, message.id)
    assert position is not None
    reaction = Reaction(message.id, user_id, emoji, START + 50)
    await store.messages.admit(chat_id, user_id)
    assert await store.reactions.add(chat_id, position, reaction) is Outcome.DONE
    return reaction
