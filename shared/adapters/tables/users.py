"""Profiles: one row per user who ever signed in, each in a partition of its own."""

from shared.adapters.tables.keys import key
from shared.adapters.tables.table import Table
from shared.names import kept_name
from shared.records import Profile

PROFILE = "profile"


class Users:
    """Implements ``store.UserStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self, user_id: str) -> Profile | None:
        row = await self._table.get(key(user_id), PROFILE)
        return Profile(row["userId"], kept_name(row["name"]), row["provider"]) if row else None

    async def forget(self, user_id: str, version: str) -> bool:
        return await self._table.take(key(user_id), PROFILE, version)

    async def put(self, profile: Profile) -> None:
        row = {"userId": profile.user_id, "name": profile.name, "provider": profile.provider}
        await self._table.put({"PartitionKey": key(profile.user_id), "RowKey": PROFILE, **row})
