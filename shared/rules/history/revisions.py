"""Changes to saved messages: editing by the author, and deletion by the author or the chat's owner."""

from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.tries import tries
from shared.model.clock import MILLISECOND, iso
from shared.model.errors import MessageNotFound, NotTheAuthor, Unavailable
from shared.model.records import Message, Position
from shared.ports.store.messages import Outcome
from shared.rules import sending
from shared.rules.history.mentions import members_among
from shared.rules.membership import access
from shared.wire.chat_events import MessageDeleted, MessageEdited
from shared.wire.events import DeleteMessage, EditMessage


async def edit(backend: Backend, by: Actor, event: EditMessage) -> None:
    """Changes a message's text, and its mentions if the event has any. A retry announces it again.

    Raises ChatNotFound, NotAMember, MessageNotFound or NotTheAuthor.
    """
    _, position = await access.as_reader(backend, by.user_id, event.chat_id, event.id)
    mentions = None
    if event.mentions is not None:
        mentions = await members_among(backend, event.chat_id, event.mentions)
    message = await _rewritten(backend, by, event, position, mentions)
    if message.edited:
        edited = MessageEdited(event.chat_id, event.id, message.text, iso(message.edited), message.mentions)
        await sending.to_chat(backend, event.chat_id, edited)


async def _rewritten(
    backend: Backend, by: Actor, event: EditMessage, position: Position, mentions: tuple[str, ...] | None
) -> Message:
    async for _ in tries(backend.pause):
        if position.deleted:
            raise MessageNotFound
        if position.author != by.user_id:
            raise NotTheAuthor
        kept = await backend.store.messages.at(event.chat_id, position)
        if kept is not None:
            mentioned = kept.mentions if mentions is None else mentions
            if (kept.text, kept.mentions) == (event.message, mentioned):
                return kept
            # Pages see milliseconds, and must be able to tell which of two edits is the later one.
            edited = max(backend.clock(), kept.time, kept.edited + MILLISECOND)
            message = replace(kept, text=event.message, mentions=mentioned, edited=edited)
            outcome = await backend.store.messages.edit(event.chat_id, position, message)
            if outcome is Outcome.DONE:
                return message
            if outcome is Outcome.BARRED:
                await access.still_writes(backend, by.user_id, event.chat_id)
        position = await access.position(backend, event.chat_id, event.id)
    raise Unavailable


async def delete(backend: Backend, by: Actor, event: DeleteMessage) -> None:
    """Deletes a message from the history. A retry announces it again.

    Raises ChatNotFound, NotAMember, MessageNotFound or NotTheAuthor.
    """
    chat, position = await access.as_reader(backend, by.user_id, event.chat_id, event.id)
    async for _ in tries(backend.pause):
        if by.user_id not in (position.author, chat.owner):
            raise NotTheAuthor
        if position.deleted or await _deleted(backend, by, event, position):
            if position.reactions:
                await backend.store.reactions.purge(event.chat_id, position)
            await sending.to_chat(backend, event.chat_id, MessageDeleted(event.chat_id, event.id))
            return
        position = await access.position(backend, event.chat_id, event.id)
    raise Unavailable


async def _deleted(backend: Backend, by: Actor, event: DeleteMessage, position: Position) -> bool:
    outcome = await backend.store.messages.delete(event.chat_id, position, by.user_id)
    if outcome is Outcome.BARRED:
        await access.still_writes(backend, by.user_id, event.chat_id)
    return outcome is Outcome.DONE
