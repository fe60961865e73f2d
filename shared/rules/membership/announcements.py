"""Who is told what when somebody has joined or left a chat.

A rule describes what it changes as a value, its ``News``. ``settling.settle`` announces it, because only there it is
known whether the user is in or out in the end.
"""

from dataclasses import dataclass

from shared.backend import Backend
from shared.flow.concurrency import together
from shared.model.records import Chat, Member
from shared.rules import sending
from shared.wire.chat_events import ChatCreated, JoinPrivateChat, MemberJoined, MemberLeft
from shared.wire.chat_view import LISTED_MEMBERS, as_listed


@dataclass(frozen=True)
class Creation:
    """A new chat. If its owner has left it again meanwhile, that call announces what became of it."""

    chat: ChatCreated


@dataclass(frozen=True)
class Move:
    """Somebody joins a chat, leaves it, or is removed from it.

    ``creation`` is set when the owner joins: their ``createChat`` may have failed before anybody heard of the chat.
    """

    chat_id: str
    user_id: str
    name: str
    removed: bool = False
    creation: Creation | None = None


@dataclass(frozen=True)
class Opening:
    """A private chat opens for one of the two. If they have just left it in another tab, ``otherwise`` is announced."""

    chat: JoinPrivateChat
    otherwise: Move


News = Creation | Move | Opening


async def announce(backend: Backend, news: News | None, is_in: bool) -> None:
    """Announces that the user is a member now, or no longer is one. Without ``news`` nobody is told."""
    match news:
        case Creation(chat) if is_in:
            await _publish(backend, chat)
        case Opening(chat, Move(user_id=user_id)) if is_in:
            await sending.to_user(backend, user_id, chat)
        case Opening(_, move):
            await _left(backend, move)
        case Move() if is_in:
            await _joined(backend, news)
        case Move():
            await _left(backend, news)


async def _publish(backend: Backend, chat: ChatCreated) -> None:
    """Tells those who may know of a new chat. A public one enters the directory first."""
    if chat.kind == "public":
        await backend.store.chats.list_publicly(chat.id)
        await sending.to_everyone(backend, chat)
    else:
        await sending.to_user(backend, chat.owner, chat)


async def _joined(backend: Backend, move: Move) -> None:
    """Tells the members of the chat, and before that those who may not know of the chat itself yet."""
    if move.creation:
        await _publish(backend, move.creation.chat)
    await sending.to_chat(backend, move.chat_id, MemberJoined(move.chat_id, move.user_id, move.name))


async def _left(backend: Backend, move: Move) -> None:
    """Tells the members of the chat, and the user, who no longer is one of them."""
    left = MemberLeft(move.chat_id, move.user_id, move.name, move.removed)
    await together(
        sending.to_chat(backend, move.chat_id, left),
        sending.to_user(backend, move.user_id, left),
    )


async def of_joining(backend: Backend, chat: Chat, member: Member) -> Move:
    """The news that somebody joins a chat; with its creation, if it is their own."""
    creation = None
    if chat.owner == member.user_id and (roster := await backend.store.chats.roster(chat.id, LISTED_MEMBERS)):
        creation = Creation(as_listed(chat, roster.members))
    return Move(chat.id, member.user_id, member.name, creation=creation)
