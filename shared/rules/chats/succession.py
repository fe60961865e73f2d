"""Who inherits a chat when its owner leaves: the member who has been in it longest. Without an heir the chat ends."""

from collections.abc import Iterable
from dataclasses import replace

from shared.backend import Backend
from shared.flow.tries import tries
from shared.model.errors import ChatNotFound, Unavailable
from shared.model.records import Chat, Ending, Member

# Among how many members the heir is looked for.
HEIRS = 1_000


async def hand_over(backend: Backend, chat: Chat, owner: Member, ending: Ending) -> Ending | None:
    """Takes the owner out of a chat and gives it to the heir; None when any of them changed since it was read.

    Returns the ending as kept beside the members. Raises ChatNotFound when there is no heir, and the chat ends.
    """
    roster = await backend.store.chats.roster(chat.id, HEIRS)
    if roster is None or roster.chat.version != chat.version:
        return None
    heir = first_joined(member for member in roster.members if member.user_id != owner.user_id)
    if heir is None:
        if await backend.store.chats.delete(roster, unless_joined=True, at=backend.clock()):
            raise ChatNotFound
        return None
    if chat.kind == "public":
        # Before they own it, so that nobody can inherit chat after chat without any of them counting.
        await _count_as_made(backend, heir.user_id, chat.id)
    return await backend.store.chats.hand_over(roster.chat, owner, heir, ending)


def first_joined(members: Iterable[Member]) -> Member | None:
    """The member who has been in the chat longest."""
    return min(members, key=lambda member: (member.joined, member.user_id), default=None)


async def _count_as_made(backend: Backend, user_id: str, chat_id: str) -> None:
    """Has a public chat count among those that its new owner has made (``quota``). Idempotent."""
    async for _ in tries(backend.pause):
        kept = await backend.store.memberships.read(user_id, chat_id)
        if kept is None or kept.made or await backend.store.memberships.update(replace(kept, made=True)):
            return
    raise Unavailable
