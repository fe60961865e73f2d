"""Read positions in memory."""

from dataclasses import replace

from shared.model.records import ReadPosition
from tests.backend.memory.part import Part, Whole


class MemoryReads(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.rows: dict[tuple[str, str], ReadPosition] = {}

    async def read(self, user_id: str, chat_id: str) -> ReadPosition | None:
        await self._call("read")
        return self.rows.get((user_id, chat_id))

    async def put(self, position: ReadPosition) -> bool:
        await self._call("put")
        kept = self.rows.get((position.user_id, position.chat_id))
        if (kept.version if kept else "") != position.version:
            return False
        self.rows[position.user_id, position.chat_id] = replace(position, version=self._store.version())
        return True

    async def drop(self, user_id: str, chat_id: str) -> None:
        await self._call("drop")
        self.rows.pop((user_id, chat_id), None)

    async def forget(self, position: ReadPosition) -> bool:
        await self._call("forget")
        key = position.user_id, position.chat_id
        if key not in self.rows or self.rows[key].version != position.version:
            return False
        del self.rows[key]
        return True

    async def between(self, user_id: str, first: str, last: str, limit: int) -> tuple[ReadPosition, ...]:
        await self._call("between")
        rows = [self.rows[one] for one in sorted(self.rows) if one[0] == user_id and first <= one[1] <= last]
        return tuple(rows[:limit])
