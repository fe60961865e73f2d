"""Open connections and who is online, in memory."""

from dataclasses import replace

from shared.model.records import Connection, OnlineUser, Page
from shared.ports.store.presence import CONNECTIONS_LIMIT
from tests.backend.memory.part import Part, Whole, paged


class MemoryPresence(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.open: dict[str, dict[str, Connection]] = {}
        self.rows: dict[str, OnlineUser] = {}

    async def put_connection(self, user_id: str, connection: Connection) -> None:
        await self._call("put_connection")
        self.open.setdefault(user_id, {})[connection.id] = connection

    async def set_idle(self, user_id: str, connection: Connection) -> bool:
        await self._call("set_idle")
        if connection.id not in self.open.get(user_id, {}):
            return False
        self.open[user_id][connection.id] = connection
        return True

    async def drop_connection(self, user_id: str, connection_id: str) -> None:
        await self._call("drop_connection")
        self.open.get(user_id, {}).pop(connection_id, None)

    async def connections(self, user_id: str) -> tuple[Connection, ...]:
        await self._call("connections")
        return tuple(self.open.get(user_id, {}).values())[:CONNECTIONS_LIMIT]

    async def appear(self, user: OnlineUser) -> OnlineUser | None:
        await self._call("appear")
        return None if user.user_id in self.rows else self._write(user)

    async def online(self, user_id: str) -> OnlineUser | None:
        await self._call("online")
        return self.rows.get(user_id)

    async def update(self, user: OnlineUser) -> OnlineUser | None:
        await self._call("update")
        return self._write(user) if self._unchanged(user) else None

    async def vanish(self, user: OnlineUser) -> bool:
        await self._call("vanish")
        if not self._unchanged(user):
            return False
        del self.rows[user.user_id]
        return True

    async def all_online(self, after: str, limit: int) -> Page[OnlineUser]:
        await self._call("all_online")
        return paged(list(self.rows.values()), lambda row: row.user_id, after, limit)

    def _write(self, user: OnlineUser) -> OnlineUser:
        self.rows[user.user_id] = replace(user, version=self._store.version())
        return self.rows[user.user_id]

    def _unchanged(self, user: OnlineUser) -> bool:
        row = self.rows.get(user.user_id)
        return row is not None and row.version == user.version
