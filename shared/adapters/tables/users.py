"""Profiles and sign-outs: a partition per user, with a row for each of the two."""

from shared.adapters.tables.keys import key
from shared.adapters.tables.table import Table
from shared.model.records import Profile
from shared.model.text.names import stored_name

PROFILE = "profile"
REVOKED = "revoked"


class Users:
    """Implements ``ports.store.UserStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self, user_id: str) -> Profile | None:
        row = await self._table.get(key(user_id), PROFILE)
        return Profile(row["userId"], stored_name(row["name"]), row["provider"]) if row else None

    async def forget(self, user_id: str, version: str) -> bool:
        return await self._table.take(key(user_id), PROFILE, version)

    async def put(self, profile: Profile) -> None:
        row = {"userId": profile.user_id, "name": profile.name, "provider": profile.provider}
        await self._table.put({"PartitionKey": key(profile.user_id), "RowKey": PROFILE, **row})

    async def revoke(self, user_id: str, time: int) -> None:
        row = {"userId": user_id, "time": str(time)}
        await self._table.put({"PartitionKey": key(user_id), "RowKey": REVOKED, **row})

    async def revoked(self, user_id: str) -> int:
        row = await self._table.get(key(user_id), REVOKED)
        return int(row["time"]) if row else 0

    async def forget_revoked(self, user_id: str, version: str) -> bool:
        return await self._table.take(key(user_id), REVOKED, version)
