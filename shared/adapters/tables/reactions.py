"""Reactions, as rows in the chat's partition next to its messages.

``r:<time>:<id>:<emoji and user>`` sorts like the message's ``f:`` row, so the reactions to a page of messages are one
range. Each is written in one transaction with the message's ``i:`` row, which counts them, under that row's ETag. So no
reaction is added to a deleted message, and the count is right under concurrency.
"""

from dataclasses import replace

from shared.adapters.tables.keys import end_of, key
from shared.adapters.tables.messages import as_read, change, forwards
from shared.adapters.tables.table import Operation, Row, Table
from shared.model.records import Position, Reaction
from shared.ports.store.messages import Outcome
from shared.ports.store.reactions import REACTIONS_LIMIT

REACTION = "r:"


class Reactions:
    """Implements ``ports.store.ReactionStore`` on the table of messages."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def add(self, chat_id: str, position: Position, reaction: Reaction) -> Outcome:
        row = {
            **_keys(chat_id, position, reaction),
            "messageId": reaction.message_id,
            "userId": reaction.user_id,
            "emoji": reaction.emoji,
            "time": str(reaction.time),
        }
        return await self._change(chat_id, position, reaction, 1, ("create", row))

    async def remove(self, chat_id: str, position: Position, reaction: Reaction) -> Outcome:
        return await self._change(chat_id, position, reaction, -1, ("delete", _keys(chat_id, position, reaction)))

    async def between(self, chat_id: str, oldest: Position, newest: Position, limit: int) -> tuple[Reaction, ...]:
        start, end = REACTION + forwards(oldest), end_of(REACTION + forwards(newest) + ":")
        rows = await self._table.page(key(chat_id), start, end, limit)
        return tuple(Reaction(row["messageId"], row["userId"], row["emoji"], int(row["time"])) for row in rows)

    async def purge(self, chat_id: str, position: Position) -> None:
        start = REACTION + forwards(position) + ":"
        rows = await self._table.page(key(chat_id), start, end_of(start), REACTIONS_LIMIT, ["PartitionKey", "RowKey"])
        await self._table.delete_rows(key(chat_id), [row["RowKey"] for row in rows])

    async def _change(
        self, chat_id: str, position: Position, reaction: Reaction, by: int, operation: Operation
    ) -> Outcome:
        counted = replace(position, reactions=position.reactions + by)
        # The first operation fails if the message was changed, or removed by the clean-up; the last if the reaction
        # already exists, or no longer does.
        lost = Outcome.STALE, Outcome.ALREADY
        return await change(self._table, as_read(chat_id, counted), reaction.user_id, [operation], lost)


def _keys(chat_id: str, position: Position, reaction: Reaction) -> Row:
    # No emoji contains a colon, so different pairs make different texts.
    what = key(f"{reaction.emoji}:{reaction.user_id}")
    return {"PartitionKey": key(chat_id), "RowKey": f"{REACTION}{forwards(position)}:{what}"}
