"""Who may touch a chat or a message: every rule gets its chat from here, together with the right to it.

Absent and private are refused alike, so that nobody learns whether a private chat exists. Must not know what
the rule does.
"""

from shared.backend import Backend
from shared.flow.concurrency import results
from shared.model.errors import ChatNotFound, MessageNotFound, NotAMember, NotTheOwner, Refusal
from shared.model.records import Chat, Member, Position
from shared.rules.membership import silence


async def as_member(backend: Backend, user_id: str, chat_id: str) -> tuple[Chat, Member]:
    """The chat and the caller's place in it; raises ChatNotFound, or NotAMember of a public chat."""
    chat, member = await as_joiner(backend, user_id, chat_id)
    if member is None:
        raise NotAMember
    return chat, member


async def as_owner(backend: Backend, user_id: str, chat_id: str) -> Chat:
    """The chat; raises ChatNotFound, NotAMember or NotTheOwner."""
    chat, _ = await as_member(backend, user_id, chat_id)
    if chat.owner != user_id:
        raise NotTheOwner
    return chat


async def as_joiner(backend: Backend, user_id: str, chat_id: str) -> tuple[Chat, Member | None]:
    """A public chat, or one that is not listed and the caller is a member of; raises ChatNotFound."""
    chat, member = await results(backend.store.chats.read(chat_id), backend.store.chats.member(chat_id, user_id))
    if chat is None or not may_join(chat, member):
        raise ChatNotFound
    return chat, member


def may_join(chat: Chat, member: Member | None) -> bool:
    """Whether somebody may know of a chat, whose place in it is ``member``."""
    return not chat.deleted and (chat.kind == "public" or member is not None)


async def still_writes(backend: Backend, user_id: str, chat_id: str) -> None:
    """For whom storage has refused a change as BARRED: raises as ``as_member`` does, or Blocked, or admits them.

    One may not be admitted yet: who is just joining in another tab, or has joined under the first version. Who has
    lost the membership, or was blocked, in that very moment is barred again.
    """
    await _require_writer(backend, user_id, chat_id)
    await backend.store.messages.admit(chat_id, user_id)
    try:
        await _require_writer(backend, user_id, chat_id)
    except Refusal:
        await backend.store.messages.bar(chat_id, user_id)
        raise


async def _require_writer(backend: Backend, user_id: str, chat_id: str) -> None:
    chat, _ = await as_member(backend, user_id, chat_id)
    if chat.kind == "private":
        await silence.require_voice(backend, user_id, chat_id)


async def position(backend: Backend, chat_id: str, message_id: str) -> Position:
    """Where a message stands, also a deleted one; raises MessageNotFound for an id that was never used."""
    found = await backend.store.messages.position(chat_id, message_id)
    if found is None:
        raise MessageNotFound
    return found


async def as_reader(backend: Backend, user_id: str, chat_id: str, message_id: str) -> tuple[Chat, Position]:
    """The chat and where a message stands in it; raises ChatNotFound, NotAMember or MessageNotFound, in this order."""
    (chat, _), found = await results(
        as_member(backend, user_id, chat_id), backend.store.messages.position(chat_id, message_id)
    )
    if found is None:
        raise MessageNotFound
    return chat, found
