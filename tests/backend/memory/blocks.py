"""Blocks in memory."""

from dataclasses import replace

from shared.model.records import Block, Page
from tests.backend.memory.part import Part, Whole, paged


class MemoryBlocks(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.rows: dict[tuple[str, str], Block] = {}

    async def read(self, user_id: str, blocked: str) -> Block | None:
        await self._call("read")
        return self.rows.get((user_id, blocked))

    async def insert(self, block: Block) -> Block | None:
        await self._call("insert")
        return None if (block.user_id, block.blocked) in self.rows else self._write(block)

    async def update(self, block: Block) -> Block | None:
        await self._call("update")
        return self._write(block) if self._unchanged(block) else None

    async def drop(self, block: Block) -> bool:
        await self._call("drop")
        if not self._unchanged(block):
            return False
        del self.rows[block.user_id, block.blocked]
        return True

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Block]:
        await self._call("of_user")
        mine = [row for row in self.rows.values() if row.user_id == user_id]
        return paged(mine, lambda row: row.blocked, after, limit)

    def _write(self, block: Block) -> Block:
        row = self.rows[block.user_id, block.blocked] = replace(block, version=self._store.version())
        return row

    def _unchanged(self, block: Block) -> bool:
        row = self.rows.get((block.user_id, block.blocked))
        return row is not None and row.version == block.version
