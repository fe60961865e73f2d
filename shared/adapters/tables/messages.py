"""Messages: a partition per chat, three rows per message, written in one transaction.

``i:<id>`` finds a message by its id and keeps the id unique; ``m:<time>:<id>`` is in the order newest first and
``f:<time>:<id>`` oldest first, because tables are only ever read forwards: so a page in either direction is one bounded
query.
"""

from shared.adapters.tables.keys import HIGH, LOW, ascending, descending, end_of, key
from shared.adapters.tables.table import Conflict, Row, Table
from shared.records import Message, Position

ID, NEWEST, OLDEST = "i:", "m:", "f:"


class Messages:
    """Implements ``store.MessageStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def save(self, chat_id: str, message: Message) -> bool:
        partition = {"PartitionKey": key(chat_id)}
        content = _content(message)
        index = {"id": message.id, "author": message.author, "time": str(message.time)}
        rows: list[Row] = [
            {**partition, "RowKey": ID + key(message.id), **index},
            {**partition, "RowKey": _newest(message.time, message.id), **content},
            {**partition, "RowKey": _oldest(message.time, message.id), **content},
        ]
        try:
            await self._table.transact([("create", row) for row in rows])
        except Conflict:
            return False
        return True

    async def position(self, chat_id: str, message_id: str) -> Position | None:
        row = await self._table.get(key(chat_id), ID + key(message_id))
        return Position(row["id"], row["author"], int(row["time"])) if row else None

    async def newest(self, chat_id: str, before: Position | None, limit: int) -> tuple[Message, ...]:
        start = _newest(before.time, before.id) + LOW if before else NEWEST + LOW
        rows = await self._table.page(key(chat_id), start, end_of(NEWEST), limit)
        return tuple(_message(row) for row in rows)

    async def following(self, chat_id: str, after: Position, limit: int) -> tuple[Message, ...]:
        start = _oldest(after.time, after.id) + LOW
        rows = await self._table.page(key(chat_id), start, end_of(OLDEST), limit)
        return tuple(_message(row) for row in rows)

    async def purge(self, chat_id: str, limit: int) -> bool:
        rows = await self._table.page(key(chat_id), LOW, HIGH, limit, ["PartitionKey", "RowKey"])
        await self._table.delete_rows(key(chat_id), [row["RowKey"] for row in rows])
        return len(rows) < limit


def _newest(time: int, message_id: str) -> str:
    return f"{NEWEST}{descending(time)}:{inverted(message_id)}"


def _oldest(time: int, message_id: str) -> str:
    return f"{OLDEST}{ascending(time)}:{key(message_id)}"


# Two messages of one microsecond are ordered by id; in the newest-first row the id must count backwards too.
_BACKWARDS = str.maketrans("0123456789abcdef", "fedcba9876543210")


def inverted(message_id: str) -> str:
    """A message id whose text order is the opposite of its own; ids are hexadecimal digits and hyphens."""
    return key(message_id.lower().translate(_BACKWARDS))


def _content(message: Message) -> Row:
    return {
        "id": message.id,
        "author": message.author,
        "authorName": message.author_name,
        "text": message.text,
        "time": str(message.time),
        "replyTo": message.reply_to,
    }


def _message(row: Row) -> Message:
    return Message(row["id"], row["author"], row["authorName"], row["text"], int(row["time"]), row["replyTo"])
