"""Read positions and unread counts. The backend stores them, so that they are the same on all of a user's devices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from shared.backend import Actor, Backend
from shared.flow.concurrency import each, results
from shared.flow.tries import tries
from shared.model.clock import iso
from shared.model.errors import Unavailable
from shared.model.records import Membership, Position, ReadPosition
from shared.rules import sending
from shared.rules.membership import access
from shared.wire.chat_events import ChatCreated, ChatRead
from shared.wire.events import MarkRead
from shared.wire.shapes import OwnChat

# Counting stops here; pages show "99+".
UNREAD_LIMIT = 100
# The most messages that one chat's count reads, including the user's own.
LOOKED_AT = 200
# More than there are chats on a page, because positions of chats that were left while being read may remain.
POSITIONS_LIMIT = 1_000


@dataclass(frozen=True)
class Unread:
    """A user's unread counts for a chat."""

    messages: int
    mentions: int
    last_read: str
    # Messages after this time (microseconds) are unread.
    since: int


async def mark_read(backend: Backend, by: Actor, event: MarkRead) -> None:
    """Moves the sender's read position forward, never back, and tells their other tabs. A retry tells them again.

    Raises ChatNotFound, NotAMember or MessageNotFound.
    """
    (_, position), kept = await results(
        access.as_reader(backend, by.user_id, event.chat_id, event.id),
        backend.store.reads.read(by.user_id, event.chat_id),
    )
    wanted = ReadPosition(by.user_id, event.chat_id, position.id, position.time)
    if await _moved(backend, wanted, kept):
        await sending.to_user(backend, by.user_id, ChatRead(event.chat_id, event.id))


async def _moved(backend: Backend, wanted: ReadPosition, kept: ReadPosition | None) -> bool:
    """Moves the position to ``wanted``; False if the user had already read further."""
    async for _ in tries(backend.pause):
        if kept is not None and kept.position.place >= wanted.position.place:
            return kept.message_id == wanted.message_id
        if await backend.store.reads.put(replace(wanted, version=kept.version if kept else "")):
            return True
        kept = await backend.store.reads.read(wanted.user_id, wanted.chat_id)
    raise Unavailable


async def counted(backend: Backend, own_rows: Sequence[Membership]) -> list[Unread]:
    """The unread counts for consecutive chats of a user's memberships."""
    if not own_rows:
        return []
    user_id, first, last = own_rows[0].user_id, own_rows[0].chat_id, own_rows[-1].chat_id
    found = await backend.store.reads.between(user_id, first, last, POSITIONS_LIMIT)
    by_chat = {one.chat_id: one for one in found}
    return await each(own_rows, lambda own: _counted(backend, own, by_chat.get(own.chat_id)))


async def _counted(backend: Backend, own: Membership, read: ReadPosition | None) -> Unread:
    since = Position("", "", own.since)
    if read is not None and read.position.place > since.place:
        since = read.position
    async with backend.list_reads:
        heads = await backend.store.messages.heads(own.chat_id, since, LOOKED_AT)
    others = [head for head in heads if head.author != own.user_id][:UNREAD_LIMIT]
    mentions = sum(own.user_id in head.mentions for head in others)
    return Unread(len(others), mentions, read.message_id if read else "", since.time)


def with_unread(chat: ChatCreated, unread: Unread) -> OwnChat:
    """The chat with its unread counts."""
    return OwnChat(
        **msgspec.structs.asdict(chat),
        unread=unread.messages,
        unread_mentions=unread.mentions,
        last_read=unread.last_read,
        unread_since=iso(unread.since) if unread.messages else "",
    )
