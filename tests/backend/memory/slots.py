"""Users' slots in memory."""

from dataclasses import replace

from shared.model.records import Slot
from shared.ports.store.presence import CONNECTIONS_LIMIT
from tests.backend.memory.part import Part, Whole


class MemorySlots(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.rows: dict[str, dict[int, Slot]] = {}

    async def take(self, user_id: str, slot: Slot) -> bool:
        await self._call("take")
        taken = self.rows.setdefault(user_id, {})
        if slot.number in taken:
            return False
        taken[slot.number] = replace(slot, version=self._store.version())
        return True

    async def of_user(self, user_id: str) -> tuple[Slot, ...]:
        await self._call("of_user")
        return tuple(self.rows.get(user_id, {}).values())[:CONNECTIONS_LIMIT]

    async def update(self, user_id: str, slot: Slot) -> Slot | None:
        await self._call("update")
        if not self._unchanged(user_id, slot):
            return None
        self.rows[user_id][slot.number] = kept = replace(slot, version=self._store.version())
        return kept

    async def free(self, user_id: str, slot: Slot) -> bool:
        await self._call("free")
        if not self._unchanged(user_id, slot):
            return False
        del self.rows[user_id][slot.number]
        return True

    def _unchanged(self, user_id: str, slot: Slot) -> bool:
        row = self.rows.get(user_id, {}).get(slot.number)
        return row is not None and row.version == slot.version
