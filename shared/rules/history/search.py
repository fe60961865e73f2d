"""Searches the messages of the caller's chats: a bounded scan of the newest ones, since tables have no text index."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from shared.backend import Backend
from shared.flow.concurrency import each
from shared.model.errors import ChatNotFound, NotAMember, Unavailable
from shared.model.records import Message, Page
from shared.model.text.folding import folded
from shared.rules.history.long_reads import BATCH, batches
from shared.rules.membership import access

# The limits of one call: the number of chats, and the number of messages read of each or of the only one.
CHATS = 20
NEWEST_OF_EACH = 1_000
NEWEST_OF_ONE = 2_000
# The most hits per chat. It keeps an answer below 8 MB even if all its characters take four bytes.
HITS = 25
# As many as ``long_reads`` allows at a time.
CHATS_AT_ONCE = 2
# After LOOKING_SECONDS a call returns what it has found, and the next one continues. If it can't return even the first
# chat's hits within WAITING_SECONDS, it fails.
LOOKING_SECONDS = 6.0
WAITING_SECONDS = 10.0
# The call yields to others after this many messages: the worst ones, long and of ever new letters, take 2 ms each.
MESSAGES_IN_A_ROW = 5


@dataclass(frozen=True)
class Hit:
    """A search result: a message, without its reactions."""

    chat_id: str
    message: Message


async def in_own_chats(backend: Backend, user_id: str, text: str, after: str) -> Page[Hit]:
    """The hits in a user's chats after chat id ``after``, newest first within a chat; ``next`` continues with the rest.

    Raises Unavailable if not even the first chat can be read in time.
    """
    words, until = words_of(text), _time() + LOOKING_SECONDS
    page = await backend.store.memberships.of_user(user_id, after, CHATS)
    ids = [place.chat_id for place in page.items]
    found: dict[str, list[Hit]] = {}

    async def look(chat_id: str) -> None:
        # The first chat is always searched, so that each call makes progress.
        if chat_id == ids[0] or _time() < until:
            found[chat_id] = await _newest(backend, user_id, chat_id, words, until)

    with suppress(TimeoutError):
        async with asyncio.timeout(WAITING_SECONDS):
            await each(ids, look, CHATS_AT_ONCE)
    looked_at = list(takewhile(found.__contains__, ids))
    if ids and not looked_at:
        raise Unavailable
    hits = tuple(hit for chat_id in looked_at for hit in found[chat_id])
    return Page(hits, page.next if len(looked_at) == len(ids) else looked_at[-1])


async def _newest(backend: Backend, user_id: str, chat_id: str, words: Sequence[str], until: float) -> list[Hit]:
    hits: list[Hit] = []
    async for part in batches(backend, partial(backend.store.messages.newest, chat_id), None, NEWEST_OF_EACH):
        hits += await _hits(chat_id, part, words)
        if len(hits) >= HITS or _time() >= until:
            break
    if not hits:
        return []
    try:
        await access.as_member(backend, user_id, chat_id)
    except (ChatNotFound, NotAMember):
        # The user's membership row may outlive a deleted chat.
        return []
    return hits[:HITS]


async def in_chat(backend: Backend, user_id: str, chat_id: str, text: str, after: str) -> Page[Hit]:
    """The hits among a chat's newest messages, or those before message ``after``; ``next`` continues with older ones.

    Raises ChatNotFound, NotAMember or MessageNotFound.
    """
    words, until = words_of(text), _time() + LOOKING_SECONDS
    start = None
    if after:
        _, start = await access.as_reader(backend, user_id, chat_id, after)
    else:
        await access.as_member(backend, user_id, chat_id)
    hits: list[Hit] = []
    part: tuple[Message, ...] = ()
    async for part in batches(backend, partial(backend.store.messages.newest, chat_id), start, NEWEST_OF_ONE):
        hits += await _hits(chat_id, part, words)
        if len(hits) > HITS:
            return Page(tuple(hits[:HITS]), hits[HITS - 1].message.id)
        if _time() >= until:
            break
    return Page(tuple(hits), part[-1].id if len(part) == BATCH else "")


def _time() -> float:
    """Seconds on a monotonic clock."""
    return asyncio.get_running_loop().time()


def words_of(text: str) -> Sequence[str]:
    """The folded words of a query, all of which must occur somewhere in a message."""
    return folded(text).split()


async def _hits(chat_id: str, messages: Sequence[Message], words: Sequence[str]) -> list[Hit]:
    found: list[Hit] = []
    for start in range(0, len(messages), MESSAGES_IN_A_ROW):
        some = messages[start : start + MESSAGES_IN_A_ROW]
        found += [Hit(chat_id, one) for one in some if _has_all(folded(one.text), words)]
        await asyncio.sleep(0)
    return found


def _has_all(text: str, words: Sequence[str]) -> bool:
    """Whether all words occur. A query without any word, such as a single accent, matches nothing."""
    return bool(words) and all(word in text for word in words)
