"""Expired history: messages older than requested, and processed events that are no longer redelivered."""

from collections.abc import AsyncIterator

from shared.backend import Backend
from shared.cleanup.removal import Find, Removal, chosen
from shared.model.clock import SECOND
from shared.model.records import Position
from shared.ports.store.messages import Outcome

DAY_SECONDS = 24 * 3600
# A message's index row and its row in each of the two orders.
MESSAGE_ROWS = 3


def messages_older_than(days: int) -> Find:
    """Messages that are more than ``days`` old, in any chat, with all their rows and reactions."""

    async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
        async def old(one: tuple[str, Position]) -> Removal:
            rows = 1 if one[1].deleted else MESSAGE_ROWS
            return Removal(rows + one[1].reactions, lambda: _aged(backend, *one))

        before = backend.clock() - days * DAY_SECONDS * SECOND
        async for found in chosen(backend.store.sweep().messages(before), old):
            yield found

    return find


async def _aged(backend: Backend, chat_id: str, position: Position) -> bool:
    """Removes the index row last, since it leads to the reactions. A concurrent change keeps the message."""
    if position.reactions:
        closed = await _closed(backend, chat_id, position)
        if closed is None:
            return False
        position = closed
        await backend.store.reactions.purge(chat_id, position)
    return await backend.store.messages.forget(chat_id, position)


async def _closed(backend: Backend, chat_id: str, position: Position) -> Position | None:
    """Deletes the message, so that no reaction can be added any more; None if it was changed meanwhile."""
    if position.deleted:
        return position
    if await backend.store.messages.delete(chat_id, position, "") is not Outcome.DONE:
        return None
    return await backend.store.messages.position(chat_id, position.id)


async def events(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Events that were processed more than a day ago; Web PubSub redelivers them for minutes only."""

    async def past(one: tuple[str, str]) -> Removal:
        return Removal(1, lambda: _forgotten(backend, *one))

    async for found in chosen(backend.store.sweep().events(backend.clock() - DAY_SECONDS * SECOND), past):
        yield found


async def _forgotten(backend: Backend, connection_id: str, event_id: str) -> bool:
    await backend.store.events.forget(connection_id, event_id)
    return True
