"""Scans of whole tables, only for the clean-up: they take too long for a request."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

from shared.adapters.tables import messages, presence, slots, users
from shared.adapters.tables.blocks import block_of
from shared.adapters.tables.chats import CHAT, DIRECTORY, ENDING, MEMBER, ending_of, member_of
from shared.adapters.tables.keys import HIGH, LOW, end_of, key, text_of
from shared.adapters.tables.memberships import membership_of
from shared.adapters.tables.reads import read_position_of
from shared.adapters.tables.table import Table
from shared.model.clock import SECOND
from shared.model.records import Block, Ending, Member, Membership, Position, ReadPosition, Slot
from shared.ports.sweep import OldInvite, OldProfile, Revoked


class TableSweep:
    """Implements ``ports.sweep.Sweep``."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables

    async def profiles(self, prefix: str, before: int) -> AsyncIterator[OldProfile]:
        wanted = "PartitionKey ge @start and PartitionKey lt @end and RowKey eq @row and Timestamp lt @before"
        # `Timestamp` is when a row was last written; the service maintains it.
        moment = datetime.fromtimestamp(before / SECOND, UTC)
        values = {"start": key(prefix), "end": end_of(key(prefix)), "row": users.PROFILE, "before": moment}
        async for row in self._tables["users"].scan(wanted, values, ["PartitionKey", "RowKey", "userId"]):
            yield OldProfile(row["userId"], row["etag"])

    async def revoked(self) -> AsyncIterator[Revoked]:
        async for row in self._tables["users"].scan("RowKey eq @row", {"row": users.REVOKED}):
            yield Revoked(row["userId"], int(row["time"]), row["etag"])

    async def memberships(self, user_id: str = "") -> AsyncIterator[Membership]:
        wanted = "PartitionKey eq @user" if user_id else "PartitionKey gt @user"
        async for row in self._tables["memberships"].scan(wanted, {"user": key(user_id)}):
            yield membership_of(row)

    async def blocks(self) -> AsyncIterator[Block]:
        async for row in self._tables["blocks"].scan("PartitionKey gt @low", {"low": ""}):
            yield block_of(row)

    async def reads(self) -> AsyncIterator[ReadPosition]:
        async for row in self._tables["reads"].scan("PartitionKey gt @low", {"low": ""}):
            yield read_position_of(row)

    async def invites(self, before: int) -> AsyncIterator[OldInvite]:
        columns = ["PartitionKey", "RowKey"]
        async for row in self._tables["invites"].scan("expires lt @before", {"before": str(before)}, columns):
            yield OldInvite(text_of(row["PartitionKey"]), row["etag"])

    async def connections(self) -> AsyncIterator[tuple[str, str]]:
        wanted, values = "PartitionKey ge @start and PartitionKey lt @end", {"start": presence.USER}
        values["end"] = end_of(presence.USER)
        async for row in self._tables["presence"].scan(wanted, values, ["PartitionKey", "RowKey", "id"]):
            # No valid user id is so long that its key is a digest.
            if user_id := text_of(row["PartitionKey"].removeprefix(presence.USER)):
                yield user_id, row["id"]

    async def slots(self) -> AsyncIterator[tuple[str, Slot]]:
        values = {"start": slots.SLOTS, "end": end_of(slots.SLOTS)}
        async for row in self._tables["presence"].scan("PartitionKey ge @start and PartitionKey lt @end", values):
            if user_id := text_of(row["PartitionKey"].removeprefix(slots.SLOTS)):
                yield user_id, slots.slot_of(row)

    async def members_of_deleted(self) -> AsyncIterator[tuple[str, Member]]:
        columns = ["PartitionKey", "RowKey", "id", "deleted", "userId", "name", "joined"]
        chat_id = ""
        async for row in self._tables["chats"].scan("PartitionKey ne @directory", {"directory": DIRECTORY}, columns):
            # A chat's row sorts before those of its members.
            if row["RowKey"] == CHAT:
                chat_id = row["id"] if row["deleted"] else ""
            elif chat_id and row["RowKey"].startswith(MEMBER):
                yield chat_id, member_of(row)

    async def endings(self, before: int) -> AsyncIterator[tuple[str, Ending]]:
        wanted = "RowKey ge @start and RowKey lt @end and since lt @before"
        values = {"start": ENDING, "end": end_of(ENDING), "before": str(before)}
        async for row in self._tables["chats"].scan(wanted, values):
            yield text_of(row["PartitionKey"]), ending_of(row)

    async def chats_with_messages(self) -> AsyncIterator[str]:
        after = ""
        while True:
            # One row per partition is enough, so each scan starts after the previous partition.
            wanted = self._tables["messages"].scan("PartitionKey gt @after", {"after": after}, ["PartitionKey"], 1)
            found = await anext(wanted, None)
            if found is None:
                return
            after = found["PartitionKey"]
            yield text_of(after)

    async def count_messages(self, chat_id: str, limit: int) -> int:
        columns = ["PartitionKey", "RowKey"]
        return len(await self._tables["messages"].page(key(chat_id), LOW, HIGH, limit, columns))

    async def messages(self, before: int) -> AsyncIterator[tuple[str, Position]]:
        wanted = "RowKey ge @start and RowKey lt @end and time lt @before"
        # Until the year 2286 all times have 16 digits, so their order as text is that of the numbers.
        values = {"start": messages.ID, "end": end_of(messages.ID), "before": str(before)}
        async for row in self._tables["messages"].scan(wanted, values):
            yield text_of(row["PartitionKey"]), messages.position_of(row)

    async def events(self, before: int) -> AsyncIterator[tuple[str, str]]:
        # Not decoded from the keys: the service chooses the event's id, which may be too long for a key.
        columns = ["connection", "event"]
        async for row in self._tables["events"].scan("time lt @before", {"before": str(before)}, columns):
            yield row["connection"], row["event"]
