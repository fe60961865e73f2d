"""The history of a chat: keeping a message once, and reading pages of it. Must not know how messages reach browsers."""

from shared import access
from shared.backend import Actor, Backend
from shared.errors import BadRequest, MessageIdTaken, MessageNotFound
from shared.events import SaveMessage
from shared.records import Message, Page, Position

PAGE_MESSAGES = 50
MAX_PAGE_MESSAGES = 100


async def save(backend: Backend, by: Actor, event: SaveMessage) -> None:
    """Keeps a member's message. The author may repeat it; raises ChatNotFound, NotAMember or MessageIdTaken."""
    _, member = await access.as_member(backend, by.user_id, event.chat_id)
    time = backend.clock()
    message = Message(event.id, by.user_id, member.name, event.message, time, event.reply_to or "")
    if await backend.store.messages.save(event.chat_id, message):
        return
    kept = await backend.store.messages.position(event.chat_id, event.id)
    if kept is None or kept.author != by.user_id:
        raise MessageIdTaken


async def page(
    backend: Backend, user_id: str, chat_id: str, before: str = "", after: str = "", limit: int = PAGE_MESSAGES
) -> Page[Message]:
    """A page of a chat's history for a member, oldest first; ``next`` is set when there is more in that direction."""
    if before and after:
        raise BadRequest("Use `before` or `after`, not both.")
    await access.as_member(backend, user_id, chat_id)
    if after:
        position = await _position(backend, chat_id, after)
        found = await backend.store.messages.following(chat_id, position, limit + 1)
        shown = found[:limit]
    else:
        start = await _position(backend, chat_id, before) if before else None
        found = await backend.store.messages.newest(chat_id, start, limit + 1)
        shown = found[:limit][::-1]
    more = shown[-1 if after else 0].id if len(found) > limit else ""
    return Page(shown, more)


async def _position(backend: Backend, chat_id: str, message_id: str) -> Position:
    position = await backend.store.messages.position(chat_id, message_id)
    if position is None:
        raise MessageNotFound
    return position
