"""Saves messages in a chat's history, exactly once, and reads pages of it.

Browsers send their messages to each other directly. Only in a moderated chat does the backend send the saved message.
"""

from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import results
from shared.flow.tries import tries
from shared.model import message_ids
from shared.model.clock import MILLISECOND, iso
from shared.model.errors import BadRequest, MessageIdTaken, Unavailable
from shared.model.limits import PAGE_MESSAGES
from shared.model.records import Head, Message, Page
from shared.ports.store.messages import Outcome
from shared.rules import sending
from shared.rules.history import reactions
from shared.rules.history.mentions import members_among
from shared.rules.membership import access
from shared.trust import revocation
from shared.wire.chat_events import MessageDeleted, MessageSaved
from shared.wire.events import SaveMessage


async def save(backend: Backend, by: Actor, event: SaveMessage) -> MessageSaved | MessageDeleted:
    """Saves a member's message, sends it if the chat is moderated, and tells its author its time in the history.

    Idempotent: a retry sends the message as saved, or answers that it was deleted since. Raises ChatNotFound,
    NotAMember or MessageIdTaken, and NotSignedIn for a guest who has signed out.
    """
    if not message_ids.may_use(by.user_id, event.id):
        raise MessageIdTaken
    # All of it under a lock, so that concurrent writers in one chat don't waste storage requests on conflicts.
    async with backend.locks.hold(event.chat_id, by.user_id):
        (chat, member), head, _ = await results(
            access.as_member(backend, by.user_id, event.chat_id),
            backend.store.messages.head(event.chat_id),
            revocation.require_present(backend, by.user_id),
        )
        mentioned = await members_among(backend, event.chat_id, event.mentions)
        message = Message(event.id, by.user_id, member.name, event.message, 0, event.reply_to or "", mentioned)
        kept = await _appended(backend, event.chat_id, message, head)
    place = kept.position if kept else await backend.store.messages.position(event.chat_id, event.id)
    if place is None or place.author != by.user_id:
        raise MessageIdTaken
    if chat.moderated and (shown := kept or await backend.store.messages.at(event.chat_id, place)):
        await sending.relay(backend, event.chat_id, shown)
    if place.deleted:
        return MessageDeleted(event.chat_id, event.id)
    return MessageSaved(event.chat_id, event.id, iso(place.time))


async def _appended(backend: Backend, chat_id: str, message: Message, head: Head) -> Message | None:
    """Appends a message to the history; None if its id is taken. Raises as ``access.still_writes`` does.

    Its time is that of the clock, or the millisecond after the newest message if that is later: despite clock skew and
    delays, somebody who has read to the end must find the message after it. Pages see milliseconds, and no two messages
    share one.
    """
    async for _ in tries(backend.pause):
        placed = replace(message, time=max(backend.clock(), (head.time // MILLISECOND + 1) * MILLISECOND))
        outcome = await backend.store.messages.save(chat_id, placed, head)
        if outcome is Outcome.DONE:
            return placed
        if outcome is Outcome.ALREADY:
            return None
        if outcome is Outcome.BARRED:
            await access.still_writes(backend, message.author, chat_id)
        head = await backend.store.messages.head(chat_id)
    raise Unavailable


async def page(
    backend: Backend, user_id: str, chat_id: str, before: str = "", after: str = "", limit: int = PAGE_MESSAGES
) -> Page[Message]:
    """A page of a chat's history for a member, oldest first; ``next`` is set if more follows in that direction."""
    if before and after:
        raise BadRequest("Use either `before` or `after`, not both.")
    position = None
    if cursor := before or after:
        _, position = await access.as_reader(backend, user_id, chat_id, cursor)
    else:
        await access.as_member(backend, user_id, chat_id)
    if after:
        found = await backend.store.messages.following(chat_id, position, limit + 1)
        shown = found[:limit]
    else:
        found = await backend.store.messages.newest(chat_id, position, limit + 1)
        shown = found[:limit][::-1]
    more = shown[-1 if after else 0].id if len(found) > limit else ""
    return Page(await reactions.shown(backend, chat_id, shown), more)
