"""Chats and their members, in one partition per chat, and the public directory.

The rows of a chat are: ``chat``, which stays as a tombstone when the chat is deleted, so that its id can't be used
again; ``live``, which is deleted with the chat and rewritten by every join, so that a join and a deletion conflict;
``member:``, one per member; and ``ending:``, one per former member whose leaving is unfinished.
"""

from collections.abc import Sequence
from dataclasses import replace

from azure.data.tables import UpdateMode

from shared.adapters.tables.keys import HIGH, end_of, from_behind, key
from shared.adapters.tables.table import Conflict, Operation, Row, Table, condition
from shared.model.records import Chat, Ending, Member, Page, Roster
from shared.model.text.names import stored_name
from shared.ports.store.chats import ENDINGS_LIMIT, Addition

# Their keys sort in this order, so that one range query reads all of them.
CHAT, ENDING, LIVE, MEMBER = "chat", "ending:", "live", "member:"
# No chat has this id, since ids are UUIDs or start with `private_`.
DIRECTORY = "public"


class Chats:
    """Implements ``ports.store.ChatStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def create(self, chat: Chat, members: Sequence[Member]) -> bool:
        rows = [_chat_row(chat), _live_row(chat.id), *(_member_row(chat.id, member) for member in members)]
        return await self._transact([("create", row) for row in rows])

    async def read(self, chat_id: str) -> Chat | None:
        row = await self._table.get(key(chat_id), CHAT)
        return _chat(row) if row else None

    async def member(self, chat_id: str, user_id: str) -> Member | None:
        row = await self._table.get(key(chat_id), MEMBER + key(user_id))
        return member_of(row) if row else None

    async def roster(self, chat_id: str, limit: int) -> Roster | None:
        rows = await self._table.page(key(chat_id), CHAT, end_of(MEMBER), limit + 2 + ENDINGS_LIMIT)
        if not rows or rows[0]["RowKey"] != CHAT:
            return None
        endings = [ending_of(row) for row in rows if row["RowKey"].startswith(ENDING)]
        if len(endings) > ENDINGS_LIMIT:
            rows = [rows[0], *await self._table.page(key(chat_id), LIVE, end_of(MEMBER), limit + 1)]
        live = next((row["etag"] for row in rows if row["RowKey"] == LIVE), "")
        members = [member_of(row) for row in rows if row["RowKey"].startswith(MEMBER)]
        return Roster(_chat(rows[0]), tuple(members[:limit]), live, tuple(endings[:ENDINGS_LIMIT]))

    async def members(self, chat_id: str, after: str, limit: int) -> Page[Member]:
        rows = await self._table.page(key(chat_id), from_behind(after, MEMBER), end_of(MEMBER), limit + 1)
        found = tuple(member_of(row) for row in rows[:limit])
        return Page(found, found[-1].user_id if len(rows) > limit else "")

    async def add(self, chat_id: str, member: Member) -> Addition:
        operations: list[Operation] = [_touch(chat_id), ("create", _member_row(chat_id, member))]
        try:
            await self._table.transact(operations)
        except Conflict as conflict:
            return Addition.ALREADY if conflict.code == "EntityAlreadyExists" else Addition.GONE
        return Addition.ADDED

    async def remove(self, chat_id: str, member: Member) -> bool:
        return await self._transact([_removal(chat_id, member)])

    async def take_out(self, chat_id: str, member: Member, ending: Ending) -> Ending | None:
        return await self._ended(chat_id, ending, [_removal(chat_id, member)])

    async def hand_over(self, chat: Chat, leaver: Member, heir: Member, ending: Ending) -> Ending | None:
        changes = [
            _rewrite({**_chat_row(chat), "owner": heir.user_id}, chat.version),
            # Rewriting the heir's row makes a concurrent leave of the heir conflict and retry.
            _rewrite(_member_row(chat.id, heir), heir.version),
            _removal(chat.id, leaver),
        ]
        return await self._ended(chat.id, ending, changes)

    async def _ended(self, chat_id: str, ending: Ending, changes: list[Operation]) -> Ending | None:
        """Makes the changes and stores the ending, replacing an earlier one of the same user."""
        kept: Operation = ("upsert", _ending_row(chat_id, ending), {"mode": UpdateMode.REPLACE})
        try:
            *_, done = await self._table.transact([*changes, kept])
        except Conflict:
            return None
        return replace(ending, version=str(done["etag"]))

    async def ending(self, chat_id: str, user_id: str) -> Ending | None:
        row = await self._table.get(key(chat_id), ENDING + key(user_id))
        return ending_of(row) if row else None

    async def take_up(self, chat_id: str, ending: Ending) -> Ending | None:
        version = await self._table.update(_ending_row(chat_id, ending), ending.version)
        return replace(ending, version=version) if version else None

    async def close(self, chat_id: str, ending: Ending) -> bool:
        return await self._table.take(key(chat_id), ENDING + key(ending.user_id), ending.version)

    async def delete(self, roster: Roster, unless_joined: bool, at: int = 0) -> bool:
        gone = replace(roster.chat, deleted=True, ended=at)
        live = {"PartitionKey": key(gone.id), "RowKey": LIVE}
        return await self._transact(
            [
                _rewrite(_chat_row(gone), gone.version),
                ("delete", live, condition(roster.version if unless_joined else "")),
            ]
        )

    async def take_up_deletion(self, chat: Chat, at: int) -> bool:
        return bool(await self._table.update(_chat_row(replace(chat, ended=at)), chat.version))

    async def purge_members(self, chat_id: str, limit: int) -> tuple[Member, ...]:
        rows = await self._table.page(key(chat_id), MEMBER, end_of(MEMBER), limit)
        await self._table.delete_rows(key(chat_id), [row["RowKey"] for row in rows])
        return tuple(member_of(row) for row in rows)

    async def list_publicly(self, chat_id: str) -> None:
        await self._table.put({"PartitionKey": DIRECTORY, "RowKey": key(chat_id), "id": chat_id})

    async def unlist(self, chat_id: str) -> None:
        await self._table.delete(DIRECTORY, key(chat_id))

    async def listed(self, after: str, limit: int) -> Page[str]:
        rows = await self._table.page(DIRECTORY, from_behind(after), HIGH, limit + 1)
        ids = tuple(row["id"] for row in rows)
        return Page(ids[:limit], ids[limit - 1] if len(ids) > limit else "")

    async def _transact(self, operations: list[Operation]) -> bool:
        try:
            await self._table.transact(operations)
        except Conflict:
            return False
        return True


def _touch(chat_id: str) -> Operation:
    return ("update", _live_row(chat_id), {"mode": UpdateMode.REPLACE})


def _rewrite(row: Row, version: str) -> Operation:
    return ("update", row, {"mode": UpdateMode.REPLACE, **condition(version)})


def _removal(chat_id: str, member: Member) -> Operation:
    row = {"PartitionKey": key(chat_id), "RowKey": MEMBER + key(member.user_id)}
    return ("delete", row, condition(member.version))


def _chat_row(chat: Chat) -> Row:
    return {
        "PartitionKey": key(chat.id),
        "RowKey": CHAT,
        "id": chat.id,
        "name": chat.name,
        "owner": chat.owner,
        "kind": chat.kind,
        "moderated": chat.moderated,
        "deleted": chat.deleted,
        "ended": str(chat.ended),
    }


def _live_row(chat_id: str) -> Row:
    return {"PartitionKey": key(chat_id), "RowKey": LIVE}


def _member_row(chat_id: str, member: Member) -> Row:
    return {
        "PartitionKey": key(chat_id),
        "RowKey": MEMBER + key(member.user_id),
        "userId": member.user_id,
        "name": member.name,
        # As text, because the service would take a large integer for a 32-bit one.
        "joined": str(member.joined),
    }


def _ending_row(chat_id: str, ending: Ending) -> Row:
    return {
        "PartitionKey": key(chat_id),
        "RowKey": ENDING + key(ending.user_id),
        "userId": ending.user_id,
        "name": ending.name,
        "removed": ending.removed,
        "since": str(ending.since),
    }


def _chat(row: Row) -> Chat:
    # Rows of the first version have no `moderated`: no chat was.
    moderated, ended = row.get("moderated", False), int(row.get("ended", "0"))
    return Chat(row["id"], row["name"], row["owner"], row["kind"], moderated, row["deleted"], ended, row["etag"])


def ending_of(row: Row) -> Ending:
    """The ending in a row."""
    return Ending(row["userId"], stored_name(row["name"]), row["removed"], int(row["since"]), row["etag"])


def member_of(row: Row) -> Member:
    """The member in a row."""
    return Member(row["userId"], stored_name(row["name"]), int(row["joined"]), row["etag"])
