"""Random keys that all instances share. The first instance that needs one stores it."""

from shared.adapters.tables.keys import key
from shared.adapters.tables.table import Table

SECRETS = "secrets"


class Secrets:
    """Implements ``ports.store.SecretStore``. A value never changes, so each process caches it."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: dict[str, str] = {}

    async def get_or_make(self, name: str, candidate: str) -> str:
        if name not in self._known:
            self._known[name] = await self._read(name) or await self._make(name, candidate)
        return self._known[name]

    async def _read(self, name: str) -> str:
        row = await self._table.get(SECRETS, key(name))
        return str(row["value"]) if row else ""

    async def _make(self, name: str, candidate: str) -> str:
        if await self._table.insert({"PartitionKey": SECRETS, "RowKey": key(name), "value": candidate}):
            return candidate
        return await self._read(name)
