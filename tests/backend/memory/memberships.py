"""Memberships in memory."""

from dataclasses import replace

from shared.model.records import Held, Membership, Page
from tests.backend.memory.part import Part, Whole, paged


class MemoryMemberships(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.rows: dict[tuple[str, str], Membership] = {}

    async def insert(self, membership: Membership) -> Membership | None:
        await self._call("insert")
        taken = (membership.user_id, membership.chat_id) in self.rows
        return None if taken else self._write(membership)

    async def update(self, membership: Membership) -> Membership | None:
        await self._call("update")
        return self._write(membership) if self._unchanged(membership) else None

    async def read(self, user_id: str, chat_id: str) -> Membership | None:
        await self._call("read")
        return self.rows.get((user_id, chat_id))

    async def drop(self, membership: Membership) -> bool:
        await self._call("drop")
        key = membership.user_id, membership.chat_id
        if not self._unchanged(membership):
            return False
        del self.rows[key]
        return True

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Membership]:
        await self._call("of_user")
        mine = [row for row in self.rows.values() if row.user_id == user_id]
        return paged(mine, lambda row: row.chat_id, after, limit)

    async def held(self, user_id: str, but: str, limit: int) -> Held:
        await self._call("held")
        mine = [row for row in self.rows.values() if row.user_id == user_id and row.kind != "private"]
        others = sorted((row for row in mine if row.chat_id != but), key=lambda row: row.chat_id)[:limit]
        return Held(len(others), sum(row.made for row in others))

    def _write(self, membership: Membership) -> Membership:
        row = replace(membership, version=self._store.version())
        self.rows[membership.user_id, membership.chat_id] = row
        return row

    def _unchanged(self, membership: Membership) -> bool:
        row = self.rows.get((membership.user_id, membership.chat_id))
        return row is not None and row.version == membership.version
