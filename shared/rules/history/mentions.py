"""The rule for whom a message may mention: members of its chat."""

from collections.abc import Iterable

from shared.backend import Backend
from shared.flow.concurrency import each


async def members_among(backend: Backend, chat_id: str, user_ids: Iterable[str]) -> tuple[str, ...]:
    """Those of the users who are members, without duplicates."""
    users = tuple(dict.fromkeys(user_ids))
    members = await each(users, lambda user_id: backend.store.chats.member(chat_id, user_id))
    return tuple(user_id for user_id, member in zip(users, members, strict=True) if member)
