"""Sends events to everyone, to a chat, or to a user, in the form that browsers expect."""

import msgspec

from shared.backend import Backend
from shared.model.clock import iso
from shared.model.records import Message
from shared.wire.chat_events import GroupMessage, ToBrowser
from shared.wire.payloads import envelope


async def to_everyone(backend: Backend, event: ToBrowser) -> None:
    """Sends to all connections."""
    await backend.sender.to_everyone(envelope(event))


async def to_chat(backend: Backend, chat_id: str, event: ToBrowser) -> None:
    """Sends to the connections of a chat's members."""
    await backend.sender.to_chat(chat_id, envelope(event))


async def to_user(backend: Backend, user_id: str, event: ToBrowser) -> None:
    """Sends to all connections of a user."""
    await backend.sender.to_user(user_id, envelope(event))


async def relay(backend: Backend, chat_id: str, message: Message) -> None:
    """Sends a message to a moderated chat on behalf of its author, who may not."""
    said = GroupMessage(
        message.id,
        message.text,
        message.author,
        message.author_name,
        message.reply_to or None,
        message.mentions,
        iso(message.time),
    )
    await backend.sender.to_chat(chat_id, msgspec.to_builtins(said))
