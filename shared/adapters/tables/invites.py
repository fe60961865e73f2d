"""Invites: a partition per chat, with one row while the chat has an invite link."""

from shared.adapters.tables.keys import key
from shared.adapters.tables.table import Row, Table
from shared.model.records import Invite

INVITE = "invite"


class Invites:
    """Implements ``ports.store.InviteStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self, chat_id: str) -> Invite | None:
        row = await self._table.get(key(chat_id), INVITE)
        return Invite(row["secret"], int(row["expires"]), row["etag"]) if row else None

    async def add(self, chat_id: str, invite: Invite) -> bool:
        return bool(await self._table.insert(_row(chat_id, invite)))

    async def renew(self, chat_id: str, invite: Invite) -> bool:
        return bool(await self._table.update(_row(chat_id, invite), invite.version))

    async def drop(self, chat_id: str) -> None:
        await self._table.delete(key(chat_id), INVITE)

    async def forget(self, chat_id: str, version: str) -> bool:
        return await self._table.take(key(chat_id), INVITE, version)


def _row(chat_id: str, invite: Invite) -> Row:
    return {"PartitionKey": key(chat_id), "RowKey": INVITE, "secret": invite.secret, "expires": str(invite.expires)}
