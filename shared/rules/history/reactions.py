"""Emoji reactions: adds and removes them, and reads those of a page of messages.

Reactions that were stored before emoji had a canonical form are shown and removed by their canonical form.
"""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.best_effort import best_effort
from shared.flow.concurrency import each
from shared.flow.tries import tries
from shared.model.errors import MessageNotFound, TooManyReactions, Unavailable
from shared.model.records import Message, Position
from shared.model.records import Reaction as Kept
from shared.model.text.emoji import one_form
from shared.ports.store.messages import Outcome
from shared.ports.store.reactions import REACTIONS_LIMIT
from shared.rules import sending
from shared.rules.membership import access
from shared.wire.chat_events import Reaction
from shared.wire.events import React

# The number of rows that storage returns at a time.
BATCH = 1_000
# Per user and message, so that nobody uses up the limit for all others.
OWN_LIMIT = 20


async def react(backend: Backend, by: Actor, event: React) -> None:
    """Adds a member's emoji to a message or removes it. A retry announces it again.

    Raises ChatNotFound, NotAMember, MessageNotFound or TooManyReactions.
    """
    _, position = await access.as_reader(backend, by.user_id, event.chat_id, event.id)
    # Concurrent reactions to one message would conflict in storage, so a process runs them one at a time.
    async with backend.locks.hold(f"{event.chat_id} {event.id}", by.user_id):
        await _changed(backend, by, event, position)
    said = Reaction(event.chat_id, event.id, by.user_id, event.emoji, event.on)
    await sending.to_chat(backend, event.chat_id, said)


async def _changed(backend: Backend, by: Actor, event: React, position: Position) -> None:
    async for _ in tries(backend.pause):
        if position.deleted:
            raise MessageNotFound
        outcome = await _change(backend, by, event, position)
        if outcome is Outcome.BARRED:
            await access.still_writes(backend, by.user_id, event.chat_id)
        elif outcome is not Outcome.STALE:
            return
        position = await access.position(backend, event.chat_id, event.id)
    raise Unavailable


async def _change(backend: Backend, by: Actor, event: React, position: Position) -> Outcome:
    reaction = Kept(event.id, by.user_id, event.emoji, backend.clock())
    store, chat_id = backend.store.reactions, event.chat_id
    if not event.on:
        outcome = await store.remove(chat_id, position, reaction)
        if outcome is not Outcome.ALREADY:
            return outcome
        other = _same(await _own(backend, chat_id, position, by.user_id), reaction)
        return await store.remove(chat_id, position, other) if other else outcome
    # Adding conflicts if any reaction was added or removed since ``position`` was read, so these counts are current.
    if position.reactions >= OWN_LIMIT:
        own = await _own(backend, chat_id, position, by.user_id)
        if _same(own, reaction):
            return Outcome.ALREADY
        if len(own) >= OWN_LIMIT:
            raise TooManyReactions(f"You can add at most {OWN_LIMIT} reactions to a message; remove one first.")
    if position.reactions >= REACTIONS_LIMIT:
        raise TooManyReactions(f"A message can have at most {REACTIONS_LIMIT} reactions; one must be removed first.")
    return await store.add(chat_id, position, reaction)


async def _own(backend: Backend, chat_id: str, position: Position, user_id: str) -> list[Kept]:
    """A user's reactions to a message."""
    there = await backend.store.reactions.between(chat_id, position, position, REACTIONS_LIMIT)
    return [one for one in there if one.user_id == user_id]


def _same(own: Sequence[Kept], wanted: Kept) -> Kept | None:
    """The user's stored reaction with this emoji, in whatever form it was stored."""
    return next((one for one in own if one_form(one.emoji) == wanted.emoji), None)


async def shown(backend: Backend, chat_id: str, messages: Sequence[Message]) -> tuple[Message, ...]:
    """Adds the reactions to consecutive messages of a chat, oldest first.

    Reactions to a deleted message between them are removed: its deletion was abandoned before it had removed them.
    """
    if not messages:
        return ()
    found = await _between(backend, chat_id, messages)
    if left := {one.message_id for one in found} - {one.id for one in messages}:
        await best_effort(lambda: each(left, lambda message_id: _purge(backend, chat_id, message_id)))
    by_message: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for one in sorted(found, key=lambda one: one.time):
        by_message[one.message_id][one_form(one.emoji)][one.user_id] = None
    return tuple(
        replace(one, reactions={emoji: tuple(users) for emoji, users in by_message[one.id].items()}) for one in messages
    )


async def _between(backend: Backend, chat_id: str, messages: Sequence[Message]) -> list[Kept]:
    """The reactions to these messages and to any between them, read in batches; some are returned twice.

    A message has fewer reactions than a batch, so each batch reaches a later message.
    """
    places = {one.id: number for number, one in enumerate(messages)}
    found: list[Kept] = []
    first = 0
    while first < len(messages):
        start, end = messages[first].position, messages[-1].position
        # Most pages have few reactions and don't wait for the semaphore.
        async with backend.long_reads if found else nullcontext():
            part = await backend.store.reactions.between(chat_id, start, end, BATCH)
        found += part
        if len(part) < BATCH:
            break
        first = max(first + 1, *(places.get(one.message_id, 0) for one in part))
    return found


async def _purge(backend: Backend, chat_id: str, message_id: str) -> None:
    position = await backend.store.messages.position(chat_id, message_id)
    if position is not None and position.deleted:
        await backend.store.reactions.purge(chat_id, position)
