"""Open connections, in a partition per user, and the users who are online, in one partition."""

from dataclasses import replace

from shared.adapters.tables.keys import HIGH, LOW, from_behind, key
from shared.adapters.tables.table import Row, Table
from shared.model.records import Connection, OnlineUser, Page
from shared.model.text.names import stored_name
from shared.ports.store.presence import CONNECTIONS_LIMIT

ONLINE = "online"
# Prefix of the users' partitions. It can't collide with the one above, because no key has a ":".
USER = "user:"


class Presence:
    """Implements ``ports.store.PresenceStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def put_connection(self, user_id: str, connection: Connection) -> None:
        await self._table.put(_connection_row(user_id, connection))

    async def set_idle(self, user_id: str, connection: Connection) -> bool:
        return bool(await self._table.update(_connection_row(user_id, connection)))

    async def drop_connection(self, user_id: str, connection_id: str) -> None:
        await self._table.delete(USER + key(user_id), key(connection_id))

    async def connections(self, user_id: str) -> tuple[Connection, ...]:
        rows = await self._table.page(USER + key(user_id), LOW, HIGH, CONNECTIONS_LIMIT)
        return tuple(Connection(row["id"], row["idle"]) for row in rows)

    async def appear(self, user: OnlineUser) -> OnlineUser | None:
        version = await self._table.insert(_online_row(user))
        return replace(user, version=version) if version else None

    async def online(self, user_id: str) -> OnlineUser | None:
        row = await self._table.get(ONLINE, key(user_id))
        return _online(row) if row else None

    async def update(self, user: OnlineUser) -> OnlineUser | None:
        version = await self._table.update(_online_row(user), user.version)
        return replace(user, version=version) if version else None

    async def vanish(self, user: OnlineUser) -> bool:
        return await self._table.take(ONLINE, key(user.user_id), user.version)

    async def all_online(self, after: str, limit: int) -> Page[OnlineUser]:
        rows = await self._table.page(ONLINE, from_behind(after), HIGH, limit + 1)
        users = tuple(_online(row) for row in rows[:limit])
        return Page(users, users[-1].user_id if len(rows) > limit else "")


def _connection_row(user_id: str, connection: Connection) -> Row:
    keys = {"PartitionKey": USER + key(user_id), "RowKey": key(connection.id)}
    return {**keys, "id": connection.id, "idle": connection.idle}


def _online_row(user: OnlineUser) -> Row:
    return {
        "PartitionKey": ONLINE,
        "RowKey": key(user.user_id),
        "userId": user.user_id,
        "name": user.name,
        "provider": user.provider,
        "idle": user.idle,
        "seen": str(user.seen),
        "gone": user.gone,
        "told": user.told,
        "owes": user.owes,
        "changes": str(user.changes),
    }


def _online(row: Row) -> OnlineUser:
    return OnlineUser(
        user_id=row["userId"],
        name=stored_name(row["name"]),
        provider=row["provider"],
        idle=row["idle"],
        seen=int(row["seen"]),
        gone=row["gone"],
        told=row["told"],
        owes=row["owes"],
        # Rows of earlier versions don't have it.
        changes=int(row.get("changes", 0)),
        version=row["etag"],
    )
