"""Messages: a partition per chat, three rows per message and one that says how far the history has come.

``i:<id>`` finds a message by its id and keeps the id unique; ``m:<time>:<id>`` is in the order newest first and
``f:<time>:<id>`` oldest first, because tables are only ever read forwards: so a page in either direction is one bounded
query. The same transaction rewrites ``h``, which holds the time of the newest message, as it was read: so of two
messages at once one looks again and comes behind the other. Whatever changes about a message rewrites its ``i:`` row as
it was read, so of two changes at once one looks again.

``a:<user>`` is there as long as a user may write. Every change of theirs rewrites it in the same transaction, so that
none comes behind the end of their membership. It sorts before all others, so that purging a chat removes it first.
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from azure.data.tables import UpdateMode

from shared.adapters.tables.keys import HIGH, LOW, ascending, descending, end_of, key
from shared.adapters.tables.table import Conflict, Operation, Row, Table, condition
from shared.model.records import Head, Message, MessageHead, Position
from shared.model.text.names import kept_name
from shared.ports.store.messages import Outcome

ID, NEWEST, OLDEST, ADMITTED = "i:", "m:", "f:", "a:"
HEAD = "h"
AUTHORS = ("PartitionKey", "RowKey", "author", "mentions")


class Messages:
    """Implements ``store.MessageStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def head(self, chat_id: str) -> Head:
        row = await self._table.get(key(chat_id), HEAD)
        # Chats of the first version get theirs with their next message.
        return Head(int(row["time"]), row["etag"]) if row else Head()

    async def admit(self, chat_id: str, user_id: str) -> None:
        await self._table.put(_admitted(key(chat_id), user_id))

    async def bar(self, chat_id: str, user_id: str) -> None:
        await self._table.delete(key(chat_id), ADMITTED + key(user_id))

    async def save(self, chat_id: str, message: Message, head: Head) -> Outcome:
        # The id comes first, because a transaction tells the first of its operations that did not work.
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
    """Changes a history, all or nothing, as long as the user may write there; nobody (``""``) always may.

    ``lost``: what it is when the row that finds the message is not as expected, and when another is not.
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
    """Lets the history end with a message, unless it has come further since it was read."""
    row = {"PartitionKey": key(chat_id), "RowKey": HEAD, "time": str(message.time)}
    if not head.version:
        return ("create", row)
    return ("update", row, {"mode": UpdateMode.REPLACE, **condition(head.version)})


def as_read(chat_id: str, position: Position) -> Operation:
    """Rewrites what finds a message, unless anything about the message changed since it was read."""
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
    """Where a message stands, as text whose order is oldest first."""
    return f"{ascending(place.time)}:{key(place.id.lower())}"


# Two messages of one microsecond are ordered by id; in the newest-first row the id must count backwards too.
_BACKWARDS = str.maketrans("0123456789abcdef", "fedcba9876543210")


def inverted(message_id: str) -> str:
    """A message id whose text order is the opposite of its own; ids are hexadecimal digits and hyphens."""
    return key(message_id.lower().translate(_BACKWARDS))


def _content(chat_id: str, message: Message) -> list[Row]:
    """The message in both orders."""
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
    """The place in the row that finds a message."""
    # Rows of the first version have no more than id, author and time.
    deleted, reactions = row.get("deleted", False), row.get("reactions", 0)
    return Position(row["id"], row["author"], int(row["time"]), deleted, reactions, row["etag"])


def _message(row: Row) -> Message:
    return Message(
        id=row["id"],
        author=row["author"],
        author_name=kept_name(row["authorName"]),
        text=row["text"],
        time=int(row["time"]),
        reply_to=row["replyTo"],
        mentions=_mentions(row),
        edited=int(row.get("edited", "0")),
    )


def _mentions(row: Row) -> tuple[str, ...]:
    # A column that was asked for is there, empty, in rows of the first version too.
    return msgspec.json.decode(row.get("mentions") or "[]", type=tuple[str, ...])
