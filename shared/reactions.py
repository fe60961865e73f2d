"""Emoji at messages: putting them there, taking them away, and showing them with a page of messages.

Must not know how messages are kept and read (``messages``).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from shared import access, announcements
from shared.backend import Actor, Backend
from shared.chat_events import Reaction
from shared.errors import MessageNotFound, TooManyReactions, Unavailable
from shared.events import React
from shared.records import Message, Position
from shared.records import Reaction as Kept
from shared.store import REACTIONS_LIMIT, Outcome
from shared.tries import tries


async def react(backend: Backend, by: Actor, event: React) -> None:
    """Puts a member's emoji to a message or takes it away. A retry announces it again.

    Raises ChatNotFound, NotAMember, MessageNotFound or TooManyReactions.
    """
    _, position = await access.as_reader(backend, by.user_id, event.chat_id, event.id)
    for _ in tries():
        if position.deleted:
            raise MessageNotFound
        if await _change(backend, by, event, position) is not Outcome.STALE:
            said = Reaction(event.chat_id, event.id, by.user_id, event.emoji, event.on)
            await announcements.to_chat(backend, event.chat_id, said)
            return
        position = await access.position(backend, event.chat_id, event.id)
    raise Unavailable


async def _change(backend: Backend, by: Actor, event: React, position: Position) -> Outcome:
    reaction = Kept(event.id, by.user_id, event.emoji, backend.clock())
    if not event.on:
        return await backend.store.reactions.remove(event.chat_id, position, reaction)
    if position.reactions < REACTIONS_LIMIT:
        return await backend.store.reactions.add(event.chat_id, position, reaction)
    there = await backend.store.reactions.between(event.chat_id, position, position, REACTIONS_LIMIT)
    if any((one.user_id, one.emoji) == (by.user_id, event.emoji) for one in there):
        return Outcome.ALREADY
    raise TooManyReactions(f"A message may have {REACTIONS_LIMIT} reactions; one has to be taken away first.")


async def shown(backend: Backend, chat_id: str, messages: Sequence[Message]) -> tuple[Message, ...]:
    """Messages that follow each other in a chat, oldest first, with their reactions."""
    if not messages:
        return ()
    limit = REACTIONS_LIMIT * len(messages)
    found = await backend.store.reactions.between(chat_id, messages[0].position, messages[-1].position, limit)
    by_message: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in sorted(found, key=lambda one: one.time):
        by_message[one.message_id][one.emoji].append(one.user_id)
    return tuple(
        replace(one, reactions={emoji: tuple(users) for emoji, users in by_message[one.id].items()}) for one in messages
    )
