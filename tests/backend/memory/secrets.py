"""Secrets in memory."""

from tests.backend.memory.part import Part, Whole


class MemorySecrets(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.values: dict[str, str] = {}

    async def get_or_make(self, name: str, candidate: str) -> str:
        await self._call("get_or_make")
        return self.values.setdefault(name, candidate)
