"""The slots of a user's connections: a partition per user, a row per number, in the table of presence."""

from shared.adapters.tables.keys import HIGH, LOW, key
from shared.adapters.tables.table import Row, Table
from shared.records import Slot
from shared.store import CONNECTIONS_LIMIT

# Keeps these partitions apart from those of presence: ":" is in no key.
SLOTS = "slots:"


class Slots:
    """Implements ``store.SlotStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def take(self, user_id: str, slot: Slot) -> bool:
        return bool(await self._table.insert(_row(user_id, slot)))

    async def of_user(self, user_id: str) -> tuple[Slot, ...]:
        rows = await self._table.page(SLOTS + key(user_id), LOW, HIGH, CONNECTIONS_LIMIT)
        return tuple(map(slot_of, rows))

    async def confirm(self, user_id: str, slot: Slot, now: int) -> bool:
        return bool(await self._table.update({**_row(user_id, slot), "seen": str(now)}, slot.version))

    async def free(self, user_id: str, slot: Slot) -> bool:
        return await self._table.take(SLOTS + key(user_id), str(slot.number), slot.version)


def _row(user_id: str, slot: Slot) -> Row:
    keys = {"PartitionKey": SLOTS + key(user_id), "RowKey": str(slot.number)}
    return {**keys, "id": slot.connection_id, "seen": str(slot.seen)}


def slot_of(row: Row) -> Slot:
    """The slot in a row."""
    return Slot(int(row["RowKey"]), row["id"], int(row["seen"]), row["etag"])
