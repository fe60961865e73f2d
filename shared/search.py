"""Search in the messages of one's own chats: a bounded look at the newest ones, since tables have no index of words.

Must not know how messages are kept.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from shared import access
from shared.backend import Backend
from shared.concurrency import each
from shared.errors import ChatNotFound, NotAMember
from shared.folding import folded
from shared.records import Message, Page

# What one call looks at: so many messages are read, a request to storage per 1,000.
CHATS = 20
NEWEST_OF_EACH = 1_000
NEWEST_OF_ONE = 2_000
# What one call finds in a chat at most; an answer stays below 8 MB, even when all of it is in characters of four bytes.
HITS = 25
# As many chats as may be in memory together, 16 MB each when all their messages are as long as can be.
CHATS_AT_ONCE = 5
# After so many messages other calls get their turn: the longest, of letters that all differ, take 2 ms each.
MESSAGES_IN_A_ROW = 5


@dataclass(frozen=True)
class Hit:
    """A message that was found, without its reactions."""

    chat_id: str
    message: Message


async def in_own_chats(backend: Backend, user_id: str, text: str, after: str) -> Page[Hit]:
    """The hits in a user's chats behind chat id ``after``, newest first inside a chat; ``next`` goes on with others."""
    words = words_of(text)
    places = await backend.store.memberships.of_user(user_id, after, CHATS)
    found = await each(places.items, lambda place: _newest(backend, user_id, place.chat_id, words), CHATS_AT_ONCE)
    return Page(tuple(hit for hits in found for hit in hits), places.next)


async def _newest(backend: Backend, user_id: str, chat_id: str, words: Sequence[str]) -> list[Hit]:
    looked_at = await backend.store.messages.newest(chat_id, None, NEWEST_OF_EACH)
    hits = (await _hits(chat_id, looked_at, words))[:HITS]
    if not hits:
        return []
    try:
        await access.as_member(backend, user_id, chat_id)
    except (ChatNotFound, NotAMember):
        # The user's own row may outlive a chat that was deleted.
        return []
    return hits


async def in_chat(backend: Backend, user_id: str, chat_id: str, text: str, after: str) -> Page[Hit]:
    """The hits among a chat's newest messages, or those before message ``after``; ``next`` goes on with older ones.

    Raises ChatNotFound, NotAMember or MessageNotFound.
    """
    start = None
    if after:
        _, start = await access.as_reader(backend, user_id, chat_id, after)
    else:
        await access.as_member(backend, user_id, chat_id)
    looked_at = await backend.store.messages.newest(chat_id, start, NEWEST_OF_ONE)
    hits = await _hits(chat_id, looked_at, words_of(text))
    if len(hits) > HITS:
        return Page(tuple(hits[:HITS]), hits[HITS - 1].message.id)
    return Page(tuple(hits), looked_at[-1].id if len(looked_at) == NEWEST_OF_ONE else "")


def words_of(text: str) -> Sequence[str]:
    """The words that must occur, each anywhere in a message."""
    return folded(text).split()


async def _hits(chat_id: str, messages: Sequence[Message], words: Sequence[str]) -> list[Hit]:
    found: list[Hit] = []
    for start in range(0, len(messages), MESSAGES_IN_A_ROW):
        some = messages[start : start + MESSAGES_IN_A_ROW]
        found += [Hit(chat_id, one) for one in some if _has_all(folded(one.text), words)]
        await asyncio.sleep(0)
    return found


def _has_all(text: str, words: Sequence[str]) -> bool:
    """Of a query that has no word, as of a single accent, nothing is found."""
    return bool(words) and all(word in text for word in words)
