"""Users' connection slots: a partition per user, a row per slot number, in the table of presence."""

from dataclasses import replace

from shared.adapters.tables.keys import HIGH, LOW, key
from shared.adapters.tables.table import Row, Table
from shared.model.records import Slot
from shared.ports.store.presence import CONNECTIONS_LIMIT

# Prefix of these partitions. It can't collide with those of presence, because no key has a ":".
SLOTS = "slots:"


class Slots:
    """Implements ``ports.store.SlotStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def take(self, user_id: str, slot: Slot) -> bool:
        return bool(await self._table.insert(_row(user_id, slot)))

    async def of_user(self, user_id: str) -> tuple[Slot, ...]:
        rows = await self._table.page(SLOTS + key(user_id), LOW, HIGH, CONNECTIONS_LIMIT)
        return tuple(map(slot_of, rows))

    async def update(self, user_id: str, slot: Slot) -> Slot | None:
        version = await self._table.update(_row(user_id, slot), slot.version)
        return replace(slot, version=version) if version else None

    async def free(self, user_id: str, slot: Slot) -> bool:
        return await self._table.take(SLOTS + key(user_id), str(slot.number), slot.version)


def _row(user_id: str, slot: Slot) -> Row:
    keys = {"PartitionKey": SLOTS + key(user_id), "RowKey": str(slot.number)}
    return {**keys, "id": slot.connection_id, "seen": str(slot.seen), "asked": str(slot.asked)}


def slot_of(row: Row) -> Slot:
    """The slot in a row."""
    # Rows of earlier versions have no `asked`.
    return Slot(int(row["RowKey"]), row["id"], int(row["seen"]), int(row.get("asked", 0)), row["etag"])
