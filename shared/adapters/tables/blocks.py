"""Blocks: a partition per blocking user, a row per blocked user."""

from shared.adapters.tables.keys import HIGH, from_behind, key
from shared.adapters.tables.table import Row, Table
from shared.model.records import Block, Page
from shared.model.text.names import stored_name


class Blocks:
    """Implements ``ports.store.BlockStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self, user_id: str, blocked: str) -> Block | None:
        row = await self._table.get(key(user_id), key(blocked))
        return block_of(row) if row else None

    async def insert(self, block: Block) -> Block | None:
        version = await self._table.insert(_row(block))
        return block_of({**_row(block), "etag": version}) if version else None

    async def update(self, block: Block) -> Block | None:
        version = await self._table.update(_row(block), block.version)
        return block_of({**_row(block), "etag": version}) if version else None

    async def drop(self, block: Block) -> bool:
        return await self._table.take(key(block.user_id), key(block.blocked), block.version)

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Block]:
        rows = await self._table.page(key(user_id), from_behind(after), HIGH, limit + 1)
        found = tuple(block_of(row) for row in rows[:limit])
        return Page(found, found[-1].blocked if len(rows) > limit else "")


def _row(block: Block) -> Row:
    return {
        "PartitionKey": key(block.user_id),
        "RowKey": key(block.blocked),
        "userId": block.user_id,
        "blocked": block.blocked,
        "name": block.name,
        "state": block.state,
    }


def block_of(row: Row) -> Block:
    """The block in a row."""
    return Block(row["userId"], row["blocked"], stored_name(row["name"]), row["state"], row["etag"])
