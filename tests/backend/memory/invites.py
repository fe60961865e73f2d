"""Invite links in memory."""

from dataclasses import replace

from shared.model.records import Invite
from tests.backend.memory.part import Part, Whole


class MemoryInvites(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.rows: dict[str, Invite] = {}

    async def read(self, chat_id: str) -> Invite | None:
        await self._call("read")
        return self.rows.get(chat_id)

    async def add(self, chat_id: str, invite: Invite) -> bool:
        await self._call("add")
        if chat_id in self.rows:
            return False
        self.rows[chat_id] = replace(invite, version=self._store.version())
        return True

    async def renew(self, chat_id: str, invite: Invite) -> bool:
        await self._call("renew")
        if chat_id not in self.rows or self.rows[chat_id].version != invite.version:
            return False
        self.rows[chat_id] = replace(invite, version=self._store.version())
        return True

    async def forget(self, chat_id: str, version: str) -> bool:
        await self._call("forget")
        if chat_id not in self.rows or self.rows[chat_id].secret != version:
            return False
        del self.rows[chat_id]
        return True

    async def drop(self, chat_id: str) -> None:
        await self._call("drop")
        self.rows.pop(chat_id, None)
