"""Events that were processed, in memory."""

from shared.model.records import Performed
from tests.backend.memory.part import Part, Whole


class MemoryEvents(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.rows: dict[tuple[str, str], Performed] = {}

    async def read(self, connection_id: str, event_id: str) -> Performed | None:
        await self._call("read")
        return self.rows.get((connection_id, event_id))

    async def remember(self, performed: Performed) -> None:
        await self._call("remember")
        self.rows[performed.connection_id, performed.event_id] = performed

    async def forget(self, connection_id: str, event_id: str) -> None:
        await self._call("forget")
        self.rows.pop((connection_id, event_id), None)
