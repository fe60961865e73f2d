"""Read positions: a partition per user, a row per chat, sorted like the user's memberships."""

from shared.adapters.tables.keys import LOW, key
from shared.adapters.tables.table import Row, Table
from shared.model.records import ReadPosition


class Reads:
    """Implements ``ports.store.ReadStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self, user_id: str, chat_id: str) -> ReadPosition | None:
        row = await self._table.get(key(user_id), key(chat_id))
        return read_position_of(row) if row else None

    async def put(self, position: ReadPosition) -> bool:
        if not position.version:
            return bool(await self._table.insert(_row(position)))
        return bool(await self._table.update(_row(position), position.version))

    async def drop(self, user_id: str, chat_id: str) -> None:
        await self._table.delete(key(user_id), key(chat_id))

    async def forget(self, position: ReadPosition) -> bool:
        return await self._table.take(key(position.user_id), key(position.chat_id), position.version)

    async def between(self, user_id: str, first: str, last: str, limit: int) -> tuple[ReadPosition, ...]:
        rows = await self._table.page(key(user_id), key(first), key(last) + LOW, limit)
        return tuple(read_position_of(row) for row in rows)


def _row(position: ReadPosition) -> Row:
    return {
        "PartitionKey": key(position.user_id),
        "RowKey": key(position.chat_id),
        "userId": position.user_id,
        "chatId": position.chat_id,
        "messageId": position.message_id,
        "time": str(position.time),
    }


def read_position_of(row: Row) -> ReadPosition:
    """The read position in a row."""
    return ReadPosition(row["userId"], row["chatId"], row["messageId"], int(row["time"]), row["etag"])
