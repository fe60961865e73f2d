"""Messages: a partition per chat, with three rows per message and one for the head of the history.

``i:<id>`` is the index by id and keeps the id unique. ``m:<time>:<id>`` sorts newest first and ``f:<time>:<id>`` oldest
first: tables can only be read forwards, and so a page in either direction is one bounded query.

Writes use optimistic concurrency. Saving a message also rewrites ``h``, the time of the newest message, under its ETag:
of two concurrent messages one conflicts, retries and comes after the other. Changing a message rewrites its ``i:`` row
under its ETag, so concurrent changes conflict too.

``a:<user>`` exists while a user may write. Every write of theirs rewrites it in the same transaction, so that none can
succeed after their membership has ended. It sorts before all other rows, so that purging a chat removes it first.
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from azure.data.tables import UpdateMode

from shared.adapters.tables.keys import HIGH, LOW, ascending, descending, end_of, key
from shared.adapters.tables.table import Conflict, Operation, Row, Table, condition
from shared.model.records import Head, Message, MessageHead, Position
from shared.model.text.names import stored_name
from shared.ports.store.messages import Outcome

ID, NEWEST, OLDEST, ADMITTED = "i:", "m:", "f:", "a:"
HEAD = "h"
AUTHORS = ("PartitionKey", "RowKey", "author", "mentions")


class Messages:
    """Implements ``ports.store.MessageStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def head(self, chat_id: str) -> Head:
        row = await self._table.get(key(chat_id), HEAD)
        # A chat of the first version gets this row with its next message.
        return Head(int(row["time"]), row["etag"]) if row else Head()

    async def admit(self, chat_id: str, user_id: str) -> None:
        await self._table.put(_admitted(key(chat_id), user_id))

    async def bar(self, chat_id: str, user_id: str) -> None:
        await self._table.delete(key(chat_id), ADMITTED + key(user_id))

    async def save(self, chat_id: str, message: Message, head: Head) -> Outcome:
        # The index row comes first, because a transaction reports the first operation that fails.
        index, *content = [index_row(chat_id, message.position), *_content(chat_id, message)]
        changes: list[Operation] = [_moved(chat_id, message, head), *(("create", row) for row in content)]
        lost = Outcome.ALREADY, Outcome.STALE
        return await change(self._table, ("create", index), message.author, changes, lost)

    async def position(self, chat_id: str, message_id: str) -> Position | None:
        row = await self._table.get(key(chat_id), ID + key(message_id))
        return position_of(row) if row else None

    async def at(self, chat_id: str, position: Position) -> Message | None:
        row = await self._table.get(key(chat_id), _newest(position))
        return _message(row) if row else None

    async def edit(self, chat_id: str, position: Position, message: Message) -> Outcome:
        content: list[Operation] = [("update", row, {"mode": UpdateMode.REPLACE}) for row in _content(chat_id, message)]
        return await change(self._table, as_read(chat_id, position), message.author, content)

    async def delete(self, chat_id: str, position: Position, user_id: str) -> Outcome:
        gone: list[Operation] = [
            ("delete", {"PartitionKey": key(chat_id), "RowKey": row}) for row in (_newest(position), _oldest(position))
        ]
        return await change(self._table, as_read(chat_id, replace(position, deleted=True)), user_id, gone)

    async def forget(self, chat_id: str, position: Position) -> bool:
        rows = [] if position.deleted else [_newest(position), _oldest(position)]
        content: list[Operation] = [("delete", {"PartitionKey": key(chat_id), "RowKey": row}) for row in rows]
        index = {"PartitionKey": key(chat_id), "RowKey": ID + key(position.id)}
        try:
            await self._table.transact([("delete", index, condition(position.version)), *content])
        except Conflict:
            return False
        return True

    async def newest(self, chat_id: str, before: Position | None, limit: int) -> tuple[Message, ...]:
        start = (_newest(before) if before else NEWEST) + LOW
        rows = await self._table.page(key(chat_id), start, end_of(NEWEST), limit)
        return tuple(_message(row) for row in rows)

    async def following(self, chat_id: str, after: Position | None, limit: int) -> tuple[Message, ...]:
        start = (_oldest(after) if after else OLDEST) + LOW
        rows = await self._table.page(key(chat_id), start, end_of(OLDEST), limit)
        return tuple(_message(row) for row in rows)

    async def heads(self, chat_id: str, behind: Position, limit: int) -> tuple[MessageHead, ...]:
        rows = await self._table.page(key(chat_id), NEWEST + LOW, _newest(behind), limit, AUTHORS)
        return tuple(MessageHead(row["author"], _mentions(row)) for row in rows)

    async def purge(self, chat_id: str, limit: int) -> bool:
        rows = await self._table.page(key(chat_id), LOW, HIGH, limit, ["PartitionKey", "RowKey"])
        await self._table.delete_rows(key(chat_id), [row["RowKey"] for row in rows])
        return len(rows) < limit


async def change(
    table: Table,
    found: Operation,
    user_id: str,
    changes: Sequence[Operation],
    lost: tuple[Outcome, Outcome] = (Outcome.STALE, Outcome.STALE),
) -> Outcome:
    """Changes a history in one transaction, if the user may write there. An empty ``user_id`` always may.

    ``lost`` are the outcomes if the precondition on the index row (``found``) fails, and if one on another row does.
    """
    admitted = [_rewritten(str(found[1]["PartitionKey"]), user_id)] if user_id else []
    try:
        await table.transact([found, *admitted, *changes])
    except Conflict as conflict:
        if conflict.index == 0:
            return lost[0]
        return Outcome.BARRED if admitted and conflict.index == 1 else lost[1]
    return Outcome.DONE


def _rewritten(partition: str, user_id: str) -> Operation:
    return ("update", _admitted(partition, user_id), {"mode": UpdateMode.REPLACE})


def _admitted(partition: str, user_id: str) -> Row:
    return {"PartitionKey": partition, "RowKey": ADMITTED + key(user_id)}


def _moved(chat_id: str, message: Message, head: Head) -> Operation:
    """Moves the head of the history to a message, if the head is unchanged since it was read."""
    row = {"PartitionKey": key(chat_id), "RowKey": HEAD, "time": str(message.time)}
    if not head.version:
        return ("create", row)
    return ("update", row, {"mode": UpdateMode.REPLACE, **condition(head.version)})


def as_read(chat_id: str, position: Position) -> Operation:
    """Rewrites a message's index row, if the message is unchanged since it was read."""
    return ("update", index_row(chat_id, position), {"mode": UpdateMode.REPLACE, **condition(position.version)})


def index_row(chat_id: str, position: Position) -> Row:
    return {
        "PartitionKey": key(chat_id),
        "RowKey": ID + key(position.id),
        "id": position.id,
        "author": position.author,
        "time": str(position.time),
        "deleted": position.deleted,
        "reactions": position.reactions,
    }


def _newest(place: Position | Message) -> str:
    return f"{NEWEST}{descending(place.time)}:{inverted(place.id)}"


def _oldest(place: Position | Message) -> str:
    return OLDEST + forwards(place)


def forwards(place: Position | Message) -> str:
    """A message's sort key as text that sorts oldest first."""
    return f"{ascending(place.time)}:{key(place.id.lower())}"


# Messages of the same microsecond are sorted by id, which has to be inverted too in the newest-first row.
_BACKWARDS = str.maketrans("0123456789abcdef", "fedcba9876543210")


def inverted(message_id: str) -> str:
    """A message id transformed to sort in the opposite order; ids are hexadecimal digits and hyphens."""
    return key(message_id.lower().translate(_BACKWARDS))


def _content(chat_id: str, message: Message) -> list[Row]:
    """The two rows with the content of a message, one for each order."""
    content = {
        "PartitionKey": key(chat_id),
        "id": message.id,
        "author": message.author,
        "authorName": message.author_name,
        "text": message.text,
        "time": str(message.time),
        "replyTo": message.reply_to,
        "mentions": msgspec.json.encode(message.mentions).decode(),
        "edited": str(message.edited),
    }
    return [{**content, "RowKey": row} for row in (_newest(message), _oldest(message))]


def position_of(row: Row) -> Position:
    """The position in an index row."""
    # Rows of the first version have only id, author and time.
    deleted, reactions = row.get("deleted", False), row.get("reactions", 0)
    return Position(row["id"], row["author"], int(row["time"]), deleted, reactions, row["etag"])


def _message(row: Row) -> Message:
    return Message(
        id=row["id"],
        author=row["author"],
        author_name=stored_name(row["authorName"]),
        text=row["text"],
        time=int(row["time"]),
        reply_to=row["replyTo"],
        mentions=_mentions(row),
        edited=int(row.get("edited", "0")),
    )


def _mentions(row: Row) -> tuple[str, ...]:
    # A selected column is present but empty in rows of the first version.
    return msgspec.json.decode(row.get("mentions") or "[]", type=tuple[str, ...])
