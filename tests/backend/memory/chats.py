"""Chats and their members in memory."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from shared.model.records import Chat, Ending, Member, Page, Roster
from shared.ports.store.chats import ENDINGS_LIMIT, Addition
from tests.backend.memory.part import Part, Whole, paged


class MemoryChats(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.rows: dict[str, Chat] = {}
        self.people: dict[str, dict[str, Member]] = {}
        self.live: dict[str, str] = {}
        self.directory: set[str] = set()
        self.endings: dict[str, dict[str, Ending]] = defaultdict(dict)

    async def create(self, chat: Chat, members: Sequence[Member]) -> bool:
        await self._call("create")
        if chat.id in self.rows:
            return False
        self.rows[chat.id] = replace(chat, version=self._store.version())
        self.people[chat.id] = {one.user_id: replace(one, version=self._store.version()) for one in members}
        self.live[chat.id] = self._store.version()
        return True

    async def read(self, chat_id: str) -> Chat | None:
        await self._call("read")
        return self.rows.get(chat_id)

    async def member(self, chat_id: str, user_id: str) -> Member | None:
        await self._call("member")
        return self.people.get(chat_id, {}).get(user_id)

    async def roster(self, chat_id: str, limit: int) -> Roster | None:
        await self._call("roster")
        if chat_id not in self.rows:
            return None
        members = sorted(self.people[chat_id].values(), key=lambda one: one.user_id)
        endings = sorted(self.endings[chat_id].values(), key=lambda one: one.user_id)[:ENDINGS_LIMIT]
        return Roster(self.rows[chat_id], tuple(members[:limit]), self.live.get(chat_id, ""), tuple(endings))

    async def members(self, chat_id: str, after: str, limit: int) -> Page[Member]:
        await self._call("members")
        return paged(list(self.people.get(chat_id, {}).values()), lambda one: one.user_id, after, limit)

    async def add(self, chat_id: str, member: Member) -> Addition:
        await self._call("add")
        if chat_id not in self.live:
            return Addition.GONE
        if member.user_id in self.people[chat_id]:
            return Addition.ALREADY
        self.live[chat_id] = self._store.version()
        self.people[chat_id][member.user_id] = replace(member, version=self._store.version())
        return Addition.ADDED

    async def remove(self, chat_id: str, member: Member) -> bool:
        await self._call("remove")
        if not self._unchanged(chat_id, member):
            return False
        del self.people[chat_id][member.user_id]
        return True

    async def take_out(self, chat_id: str, member: Member, ending: Ending) -> Ending | None:
        await self._call("take_out")
        return self._end(chat_id, member, ending) if self._unchanged(chat_id, member) else None

    async def hand_over(self, chat: Chat, leaver: Member, heir: Member, ending: Ending) -> Ending | None:
        await self._call("hand_over")
        if self.rows[chat.id] != chat or not (self._unchanged(chat.id, leaver) and self._unchanged(chat.id, heir)):
            return None
        self.rows[chat.id] = replace(chat, owner=heir.user_id, version=self._store.version())
        self.people[chat.id][heir.user_id] = replace(heir, version=self._store.version())
        return self._end(chat.id, leaver, ending)

    def _end(self, chat_id: str, member: Member, ending: Ending) -> Ending:
        del self.people[chat_id][member.user_id]
        self.endings[chat_id][member.user_id] = replace(ending, version=self._store.version())
        return self.endings[chat_id][member.user_id]

    async def ending(self, chat_id: str, user_id: str) -> Ending | None:
        await self._call("ending")
        return self.endings[chat_id].get(user_id)

    async def take_up(self, chat_id: str, ending: Ending) -> Ending | None:
        await self._call("take_up")
        if not self._is_left(chat_id, ending):
            return None
        self.endings[chat_id][ending.user_id] = replace(ending, version=self._store.version())
        return self.endings[chat_id][ending.user_id]

    async def close(self, chat_id: str, ending: Ending) -> bool:
        await self._call("close")
        if not self._is_left(chat_id, ending):
            return False
        del self.endings[chat_id][ending.user_id]
        return True

    def _is_left(self, chat_id: str, ending: Ending) -> bool:
        kept = self.endings[chat_id].get(ending.user_id)
        return kept is not None and kept.version == ending.version

    async def delete(self, roster: Roster, unless_joined: bool, at: int = 0) -> bool:
        await self._call("delete")
        chat = roster.chat
        if self.rows[chat.id] != chat or (unless_joined and self.live.get(chat.id) != roster.version):
            return False
        self.rows[chat.id] = replace(chat, deleted=True, ended=at, version=self._store.version())
        del self.live[chat.id]
        return True

    async def take_up_deletion(self, chat: Chat, at: int) -> bool:
        await self._call("take_up_deletion")
        if self.rows[chat.id] != chat:
            return False
        self.rows[chat.id] = replace(chat, ended=at, version=self._store.version())
        return True

    async def purge_members(self, chat_id: str, limit: int) -> tuple[Member, ...]:
        await self._call("purge_members")
        members = sorted(self.people[chat_id].values(), key=lambda one: one.user_id)[:limit]
        for member in members:
            del self.people[chat_id][member.user_id]
        return tuple(members)

    async def list_publicly(self, chat_id: str) -> None:
        await self._call("list_publicly")
        self.directory.add(chat_id)

    async def unlist(self, chat_id: str) -> None:
        await self._call("unlist")
        self.directory.discard(chat_id)

    async def listed(self, after: str, limit: int) -> Page[str]:
        await self._call("listed")
        return paged(list(self.directory), str, after, limit)

    def _unchanged(self, chat_id: str, member: Member) -> bool:
        return self.people.get(chat_id, {}).get(member.user_id) == member
