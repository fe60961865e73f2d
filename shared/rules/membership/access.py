"""Who may access a chat or a message: every rule gets its chat from here, and the caller's right to it is checked.

A chat that does not exist and one that is private are refused alike, so nobody learns whether a private chat exists.
"""

from shared.backend import Backend
from shared.flow.concurrency import results
from shared.model.errors import ChatNotFound, MessageNotFound, NotAMember, NotTheOwner, Refusal
from shared.model.records import Chat, Member, Position
from shared.rules.membership import silence


async def as_member(backend: Backend, user_id: str, chat_id: str) -> tuple[Chat, Member]:
    """The chat and the caller's member row. Raises ChatNotFound, or NotAMember of a public chat."""
    chat, member = await as_joiner(backend, user_id, chat_id)
    if member is None:
        raise NotAMember
    return chat, member


async def as_owner(backend: Backend, user_id: str, chat_id: str) -> Chat:
    """The chat, for its owner. Raises ChatNotFound, NotAMember or NotTheOwner."""
    chat, _ = await as_member(backend, user_id, chat_id)
    if chat.owner != user_id:
        raise NotTheOwner
    return chat


async def as_joiner(backend: Backend, user_id: str, chat_id: str) -> tuple[Chat, Member | None]:
    """The chat, if it is public or the caller is a member of it, and their member row. Raises ChatNotFound."""
    chat, member = await results(backend.store.chats.read(chat_id), backend.store.chats.member(chat_id, user_id))
    if chat is None or not may_join(chat, member):
        raise ChatNotFound
    return chat, member


def may_join(chat: Chat, member: Member | None) -> bool:
    """Whether somebody with this member row, or none, may know of a chat."""
    return not chat.deleted and (chat.kind == "public" or member is not None)


async def still_writes(backend: Backend, user_id: str, chat_id: str) -> None:
    """To be called when storage has refused a change as BARRED. Admits the user; raises like ``as_member``, or Blocked.

    A member may not be admitted yet: they are just joining in another tab, or joined under the first version. If the
    membership ends, or somebody blocks them, at that very moment, they are barred again.
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
    """The position of a message, even of a deleted one. Raises MessageNotFound for an id that was never used."""
    found = await backend.store.messages.position(chat_id, message_id)
    if found is None:
        raise MessageNotFound
    return found


async def as_reader(backend: Backend, user_id: str, chat_id: str, message_id: str) -> tuple[Chat, Position]:
    """The chat, and the position of a message in it. Raises ChatNotFound, NotAMember or MessageNotFound."""
    (chat, _), found = await results(
        as_member(backend, user_id, chat_id), backend.store.messages.position(chat_id, message_id)
    )
    if found is None:
        raise MessageNotFound
    return chat, found
