"""Storage in memory, for tests of rules. Passes the same contract as the tables (``test_store_contract.py``).

``before_call`` runs before every operation: a test raises from it to see what a fault at that point leaves behind.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from shared.model.clock import now
from shared.model.records import (
    Block,
    Chat,
    Connection,
    Ending,
    Held,
    Invite,
    Member,
    Membership,
    OnlineUser,
    Page,
    Performed,
    Profile,
    Roster,
    Slot,
)
from shared.ports.store import CONNECTIONS_LIMIT, ENDINGS_LIMIT, Addition
from tests.backend.memory.messages import MemoryMessages, MemoryReactions, MemoryReads
from tests.backend.memory.part import BeforeCall, Part, nothing
from tests.backend.memory.sweep import MemorySweep


def paged(items: Sequence, name: Callable, after: str, limit: int) -> Page:
    """The items behind ``after`` in the order of their names."""
    rest = sorted((item for item in items if name(item) > after), key=name)
    return Page(tuple(rest[:limit]), name(rest[limit - 1]) if len(rest) > limit else "")


class MemoryStore:
    """Implements ``store.Store``."""

    def __init__(self, before_call: BeforeCall = nothing) -> None:
        self.before_call = before_call
        self.clock = now
        self.chats = MemoryChats(self)
        self.memberships = MemoryMemberships(self)
        self.blocks = MemoryBlocks(self)
        self.invites = MemoryInvites(self)
        self.users = MemoryUsers(self)
        self.presence = MemoryPresence(self)
        self.slots = MemorySlots(self)
        self.reads = MemoryReads(self)
        self.reactions = MemoryReactions(self)
        self.messages = self.reactions.messages = MemoryMessages(self, self.reactions)
        self.events = MemoryEvents(self)
        self.secrets = MemorySecrets(self)
        self._versions = itertools.count(1)

    def version(self) -> str:
        return str(next(self._versions))

    def sweep(self) -> MemorySweep:
        return MemorySweep(self)

    async def turn(self) -> None:
        """Runs before every operation; a test that wants others to come in between says so here."""

    async def ping(self) -> None:
        self.before_call("ping")


class MemoryChats(Part):
    def __init__(self, store: MemoryStore) -> None:
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


class MemoryMemberships(Part):
    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.rows: dict[tuple[str, str], Membership] = {}

    async def insert(self, membership: Membership) -> Membership | None:
        await self._call("insert")
        taken = (membership.user_id, membership.chat_id) in self.rows
        return None if taken else self._write(membership)

    async def update(self, membership: Membership) -> Membership | None:
        await self._call("update")
        return self._write(membership) if self._unchanged(membership) else None

    async def read(self, user_id: str, chat_id: str) -> Membership | None:
        await self._call("read")
        return self.rows.get((user_id, chat_id))

    async def drop(self, membership: Membership) -> bool:
        await self._call("drop")
        key = membership.user_id, membership.chat_id
        if not self._unchanged(membership):
            return False
        del self.rows[key]
        return True

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Membership]:
        await self._call("of_user")
        mine = [row for row in self.rows.values() if row.user_id == user_id]
        return paged(mine, lambda row: row.chat_id, after, limit)

    async def held(self, user_id: str, but: str, limit: int) -> Held:
        await self._call("held")
        mine = [row for row in self.rows.values() if row.user_id == user_id and row.kind != "private"]
        others = sorted((row for row in mine if row.chat_id != but), key=lambda row: row.chat_id)[:limit]
        return Held(len(others), sum(row.made for row in others))

    def _write(self, membership: Membership) -> Membership:
        row = replace(membership, version=self._store.version())
        self.rows[membership.user_id, membership.chat_id] = row
        return row

    def _unchanged(self, membership: Membership) -> bool:
        row = self.rows.get((membership.user_id, membership.chat_id))
        return row is not None and row.version == membership.version


class MemoryBlocks(Part):
    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.rows: dict[tuple[str, str], Block] = {}

    async def read(self, user_id: str, blocked: str) -> Block | None:
        await self._call("read")
        return self.rows.get((user_id, blocked))

    async def insert(self, block: Block) -> Block | None:
        await self._call("insert")
        return None if (block.user_id, block.blocked) in self.rows else self._write(block)

    async def update(self, block: Block) -> Block | None:
        await self._call("update")
        return self._write(block) if self._unchanged(block) else None

    async def drop(self, block: Block) -> bool:
        await self._call("drop")
        if not self._unchanged(block):
            return False
        del self.rows[block.user_id, block.blocked]
        return True

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Block]:
        await self._call("of_user")
        mine = [row for row in self.rows.values() if row.user_id == user_id]
        return paged(mine, lambda row: row.blocked, after, limit)

    def _write(self, block: Block) -> Block:
        row = self.rows[block.user_id, block.blocked] = replace(block, version=self._store.version())
        return row

    def _unchanged(self, block: Block) -> bool:
        row = self.rows.get((block.user_id, block.blocked))
        return row is not None and row.version == block.version


class MemoryInvites(Part):
    def __init__(self, store: MemoryStore) -> None:
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


class MemoryUsers(Part):
    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.rows: dict[str, Profile] = {}
        # When each was last written, and the version that made it.
        self.written: dict[str, tuple[int, str]] = {}
        # Since when, and the version.
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


class MemoryPresence(Part):
    def __init__(self, store: MemoryStore) -> None:
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


class MemorySlots(Part):
    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.rows: dict[str, dict[int, Slot]] = {}

    async def take(self, user_id: str, slot: Slot) -> bool:
        await self._call("take")
        taken = self.rows.setdefault(user_id, {})
        if slot.number in taken:
            return False
        taken[slot.number] = replace(slot, version=self._store.version())
        return True

    async def of_user(self, user_id: str) -> tuple[Slot, ...]:
        await self._call("of_user")
        return tuple(self.rows.get(user_id, {}).values())[:CONNECTIONS_LIMIT]

    async def update(self, user_id: str, slot: Slot) -> Slot | None:
        await self._call("update")
        if not self._unchanged(user_id, slot):
            return None
        self.rows[user_id][slot.number] = kept = replace(slot, version=self._store.version())
        return kept

    async def free(self, user_id: str, slot: Slot) -> bool:
        await self._call("free")
        if not self._unchanged(user_id, slot):
            return False
        del self.rows[user_id][slot.number]
        return True

    def _unchanged(self, user_id: str, slot: Slot) -> bool:
        row = self.rows.get(user_id, {}).get(slot.number)
        return row is not None and row.version == slot.version


class MemoryEvents(Part):
    def __init__(self, store: MemoryStore) -> None:
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


class MemorySecrets(Part):
    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.values: dict[str, str] = {}

    async def get_or_make(self, name: str, candidate: str) -> str:
        await self._call("get_or_make")
        return self.values.setdefault(name, candidate)
