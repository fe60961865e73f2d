"""Scans of the store in memory. They pass the same contract as those of the tables (``test_sweep_contract.py``)."""

from collections.abc import AsyncIterator
from typing import Protocol

from shared.model.records import Block, Ending, Member, Membership, Position, ReadPosition, Slot
from shared.ports.sweep import OldInvite, OldProfile, Revoked
from tests.backend.memory.blocks import MemoryBlocks
from tests.backend.memory.chats import MemoryChats
from tests.backend.memory.events import MemoryEvents
from tests.backend.memory.invites import MemoryInvites
from tests.backend.memory.memberships import MemoryMemberships
from tests.backend.memory.messages import MemoryMessages, MemoryReactions
from tests.backend.memory.part import Part, Whole
from tests.backend.memory.presence import MemoryPresence
from tests.backend.memory.reads import MemoryReads
from tests.backend.memory.slots import MemorySlots
from tests.backend.memory.users import MemoryUsers


class Scanned(Whole, Protocol):
    """The parts of a store that scans read."""

    chats: MemoryChats
    memberships: MemoryMemberships
    blocks: MemoryBlocks
    invites: MemoryInvites
    users: MemoryUsers
    presence: MemoryPresence
    slots: MemorySlots
    reads: MemoryReads
    reactions: MemoryReactions
    messages: MemoryMessages
    events: MemoryEvents


class MemorySweep(Part):
    def __init__(self, store: Scanned) -> None:
        super().__init__(store)
        self._kept = store

    async def profiles(self, prefix: str, before: int) -> AsyncIterator[OldProfile]:
        await self._call("profiles")
        for user_id, (written, version) in sorted(self._kept.users.written.items()):
            if user_id.startswith(prefix) and written < before:
                yield OldProfile(user_id, version)

    async def revoked(self) -> AsyncIterator[Revoked]:
        await self._call("revoked")
        for user_id, (time, version) in sorted(self._kept.users.marks.items()):
            yield Revoked(user_id, time, version)

    async def memberships(self, user_id: str = "") -> AsyncIterator[Membership]:
        await self._call("memberships")
        for (owner, _), row in sorted(self._kept.memberships.rows.items()):
            if user_id in ("", owner):
                yield row

    async def blocks(self) -> AsyncIterator[Block]:
        await self._call("blocks")
        for _, block in sorted(self._kept.blocks.rows.items()):
            yield block

    async def reads(self) -> AsyncIterator[ReadPosition]:
        await self._call("reads")
        for _, position in sorted(self._kept.reads.rows.items()):
            yield position

    async def invites(self, before: int) -> AsyncIterator[OldInvite]:
        await self._call("invites")
        for chat_id, invite in sorted(self._kept.invites.rows.items()):
            if invite.expires < before:
                yield OldInvite(chat_id, invite.secret)

    async def connections(self) -> AsyncIterator[tuple[str, str]]:
        await self._call("connections")
        for user_id, opened in sorted(self._kept.presence.open.items()):
            for connection_id in sorted(opened):
                yield user_id, connection_id

    async def slots(self) -> AsyncIterator[tuple[str, Slot]]:
        await self._call("slots")
        for user_id, taken in sorted(self._kept.slots.rows.items()):
            for _, slot in sorted(taken.items()):
                yield user_id, slot

    async def members_of_deleted(self) -> AsyncIterator[tuple[str, Member]]:
        await self._call("members_of_deleted")
        for chat_id, people in sorted(self._kept.chats.people.items()):
            for _, member in sorted(people.items()):
                if self._kept.chats.rows[chat_id].deleted:
                    yield chat_id, member

    async def endings(self, before: int) -> AsyncIterator[tuple[str, Ending]]:
        await self._call("endings")
        for chat_id, endings in sorted(self._kept.chats.endings.items()):
            for _, ending in sorted(endings.items()):
                if ending.since < before:
                    yield chat_id, ending

    async def chats_with_messages(self) -> AsyncIterator[str]:
        await self._call("chats_with_messages")
        messages = self._kept.messages
        for chat_id in sorted(messages.index.keys() | messages.ends.keys() | messages.writers.keys()):
            if messages.index.get(chat_id) or chat_id in messages.ends or messages.writers.get(chat_id):
                yield chat_id

    async def count_messages(self, chat_id: str, limit: int) -> int:
        await self._call("count_messages")
        messages, reactions = self._kept.messages, self._kept.reactions
        kept = len(messages.index.get(chat_id, {})) + 2 * len(messages.rows.get(chat_id, {}))
        kept += (chat_id in messages.ends) + len(messages.writers.get(chat_id, set()))
        return min(limit, kept + len(reactions.rows.get(chat_id, {})))

    async def messages(self, before: int) -> AsyncIterator[tuple[str, Position]]:
        await self._call("messages")
        for chat_id, index in sorted(self._kept.messages.index.items()):
            for _, position in sorted(index.items()):
                if position.time < before:
                    yield chat_id, position

    async def events(self, before: int) -> AsyncIterator[tuple[str, str]]:
        await self._call("events")
        for keys, performed in sorted(self._kept.events.rows.items()):
            if performed.time < before:
                yield keys
