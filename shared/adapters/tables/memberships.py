"""Memberships seen from the user: a partition per user, a row per chat."""

from shared.adapters.tables.keys import HIGH, LOW, from_behind, key
from shared.adapters.tables.table import Row, Table
from shared.model.records import Held, Membership, Page
from shared.model.text.names import stored_chat_with

# The prefix of private chats' ids. All other ids are UUIDs, which sort before it.
PRIVATE = "private_"
COLUMNS = ("PartitionKey", "RowKey", "made")


class Memberships:
    """Implements ``ports.store.MembershipStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def insert(self, membership: Membership) -> Membership | None:
        version = await self._table.insert(_row(membership))
        return _versioned(membership, version) if version else None

    async def update(self, membership: Membership) -> Membership | None:
        version = await self._table.update(_row(membership), membership.version)
        return _versioned(membership, version) if version else None

    async def read(self, user_id: str, chat_id: str) -> Membership | None:
        row = await self._table.get(key(user_id), key(chat_id))
        return membership_of(row) if row else None

    async def drop(self, membership: Membership) -> bool:
        return await self._table.take(key(membership.user_id), key(membership.chat_id), membership.version)

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Membership]:
        rows = await self._table.page(key(user_id), from_behind(after), HIGH, limit + 1)
        found = tuple(membership_of(row) for row in rows[:limit])
        return Page(found, found[-1].chat_id if len(rows) > limit else "")

    async def held(self, user_id: str, but: str, limit: int) -> Held:
        # One more than the limit, because `but` may be among them.
        rows = await self._table.page(key(user_id), LOW, key(PRIVATE), limit + 1, COLUMNS)
        others = [row for row in rows if row["RowKey"] != key(but)][:limit]
        return Held(len(others), sum(bool(row.get("made")) for row in others))


def _versioned(membership: Membership, version: str) -> Membership:
    return membership_of({**_row(membership), "etag": version})


def _row(membership: Membership) -> Row:
    return {
        "PartitionKey": key(membership.user_id),
        "RowKey": key(membership.chat_id),
        "userId": membership.user_id,
        "chatId": membership.chat_id,
        "name": membership.name,
        "kind": membership.kind,
        "joined": str(membership.joined),
        "moderated": membership.moderated,
        "state": membership.state,
        "made": membership.made,
        "since": str(membership.since),
        "peer": membership.peer,
        "silenced": membership.silenced,
    }


def membership_of(row: Row) -> Membership:
    """The membership in a row."""
    return Membership(
        user_id=row["userId"],
        chat_id=row["chatId"],
        name=stored_chat_with(row["name"]) if row["kind"] == "private" else row["name"],
        kind=row["kind"],
        joined=int(row["joined"]),
        moderated=row.get("moderated", False),
        state=row["state"],
        # Rows of the first version have only the time of joining.
        since=int(row.get("since") or row["joined"]),
        version=row["etag"],
        # Rows of the first version don't have it.
        made=row.get("made", False),
        peer=row.get("peer", ""),
        silenced=row.get("silenced", False),
    )
