"""Exports a whole chat for its members, page by page."""

import re
from functools import partial

from shared.backend import Backend
from shared.model.records import Chat, Message, Page
from shared.model.text.folding import folded
from shared.rules.history import reactions
from shared.rules.history.long_reads import batches
from shared.rules.membership import access

PAGE_MESSAGES = 1_000
NAME_CHARACTERS = 60


async def page(backend: Backend, user_id: str, chat_id: str, after: str) -> tuple[Chat, Page[Message]]:
    """A chat with a page of its messages, oldest first, starting after message ``after`` if given.

    Raises ChatNotFound, NotAMember or MessageNotFound.
    """
    start = None
    if after:
        chat, start = await access.as_reader(backend, user_id, chat_id, after)
    else:
        chat, _ = await access.as_member(backend, user_id, chat_id)
    read = partial(backend.store.messages.following, chat_id)
    found = [one async for part in batches(backend, read, start, PAGE_MESSAGES + 1) for one in part]
    shown = await reactions.shown(backend, chat_id, found[:PAGE_MESSAGES])
    return chat, Page(shown, shown[-1].id if len(found) > PAGE_MESSAGES else "")


def file_name(chat: Chat) -> str:
    """A file name for the chat, without extension, in characters that are safe in headers and file systems."""
    name = re.sub(r"[^a-z0-9]+", "-", folded(chat.name)).strip("-")[:NAME_CHARACTERS]
    return f"chat-{name}" if name else "chat"
