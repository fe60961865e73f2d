"""Users and revocations in memory."""

from shared.model.records import Profile
from tests.backend.memory.part import Part, Whole


class MemoryUsers(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.rows: dict[str, Profile] = {}
        # When each profile was last written, and its version.
        self.written: dict[str, tuple[int, str]] = {}
        # When each user was revoked, and the version.
        self.marks: dict[str, tuple[int, str]] = {}

    async def read(self, user_id: str) -> Profile | None:
        await self._call("read")
        return self.rows.get(user_id)

    async def put(self, profile: Profile) -> None:
        await self._call("put")
        self.rows[profile.user_id] = profile
        self.written[profile.user_id] = self._store.clock(), self._store.version()

    async def forget(self, user_id: str, version: str) -> bool:
        await self._call("forget")
        if user_id not in self.rows or self.written[user_id][1] != version:
            return False
        del self.rows[user_id], self.written[user_id]
        return True

    async def revoke(self, user_id: str, time: int) -> None:
        await self._call("revoke")
        self.marks[user_id] = time, self._store.version()

    async def revoked(self, user_id: str) -> int:
        await self._call("revoked")
        return self.marks.get(user_id, (0, ""))[0]

    async def forget_revoked(self, user_id: str, version: str) -> bool:
        await self._call("forget_revoked")
        if self.marks.get(user_id, (0, ""))[1] != version:
            return False
        del self.marks[user_id]
        return True
