"""What the HTTP routes take and answer, as types that check and describe it. Must not know where values come from.

Chats and users look as in the events about them (``chat_events.ChatCreated``, ``chat_events.UserOnline``).
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from shared.model.limits import (
    MAX_PAGE_MESSAGES,
    PAGE_MESSAGES,
    ChatId,
    MessageId,
    OwnUserId,
    SearchText,
    check_text,
    is_user_id,
)
from shared.wire.chat_events import ChatCreated, UserOnline, WireMember

# A parameter that is empty counts as absent, hence "" as the default.


class TokenQuery(msgspec.Struct, frozen=True, rename="camel"):
    """``userId`` may name the caller only."""

    user_id: str = ""


class ChatsQuery(msgspec.Struct, frozen=True):
    """``after`` is the ``next`` of the page before."""

    after: ChatId = ""


class UsersQuery(msgspec.Struct, frozen=True):
    """``after`` is the ``next`` of the page before."""

    after: OwnUserId = ""

    def __post_init__(self) -> None:
        if self.after and not is_user_id(self.after):
            raise ValueError("`after` must be a user id")


class ChatPath(msgspec.Struct, frozen=True):
    """The chat in the address."""

    id: ChatId


class MessagesQuery(msgspec.Struct, frozen=True):
    """``before`` or ``after`` a message of the chat, not both; neither: the newest."""

    before: MessageId = ""
    after: MessageId = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE_MESSAGES)] = PAGE_MESSAGES


class SearchQuery(msgspec.Struct, frozen=True):
    """All words of ``q``, in one ``chat`` or in any of the caller's; ``after`` is the ``next`` of the page before."""

    q: SearchText
    chat: ChatId = ""
    after: ChatId = ""

    def __post_init__(self) -> None:
        check_text(self.q, "q")


class ExportQuery(msgspec.Struct, frozen=True):
    """``after`` a message of the chat; without it, from the beginning."""

    after: MessageId = ""


class Token(msgspec.Struct, frozen=True, rename="camel"):
    """An address for a WebSocket: ``url`` is ``baseUrl`` with ``token`` in it."""

    url: str
    base_url: str
    token: str


class Me(msgspec.Struct, frozen=True, rename="camel"):
    """The caller as the backend sees them."""

    user_id: str
    user_name: str
    user_provider: str


class ChatPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Chats by their ids; ``next`` is there when more follow."""

    chats: dict[str, ChatCreated]
    next: str = ""


class OwnChat(ChatCreated, frozen=True, kw_only=True, rename="camel"):
    """A chat of the caller's own, with how much of it is new; ``last_read`` is a message's id.

    ``unread_since`` is when that was said, or how far the history had come when the caller joined: where nothing was
    read, a page finds the first unread message by it. It is there while anything is unread.
    """

    unread: int
    unread_mentions: int
    last_read: str = ""
    unread_since: str = ""


class OwnChatPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The caller's chats by their ids; ``next`` is there when more follow."""

    chats: dict[str, OwnChat]
    next: str = ""


class MemberPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Members of a chat, by their ids; ``next`` is there when more follow."""

    members: dict[str, WireMember]
    next: str = ""


class BlockedPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom the caller has blocked, by their ids; ``next`` is there when more follow."""

    users: dict[str, WireMember]
    next: str = ""


class UserPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Users who are online, by their ids; ``next`` is there when more follow."""

    users: dict[str, UserOnline]
    next: str = ""


class HistoryMessage(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A message of a chat's history; ``time`` and ``editedAt`` in ISO 8601, UTC, milliseconds."""

    id: str
    message: str
    from_user_id: str
    from_user_name: str
    time: str
    reply_to: str = ""
    mentions: tuple[str, ...] = ()
    edited_at: str = ""
    reactions: Mapping[str, tuple[str, ...]] = {}


class MessagePage(msgspec.Struct, frozen=True):
    """A page of a chat's history, oldest first; ``more`` tells whether there is more in the direction asked for."""

    messages: list[HistoryMessage]
    more: bool


class FoundMessage(HistoryMessage, frozen=True, kw_only=True, rename="camel"):
    """A message that was found in a chat, without its reactions."""

    chat_id: str


class FoundPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Messages that were found, newest first inside a chat; ``next`` is there when there is more to search."""

    messages: list[FoundMessage]
    next: str = ""


class ErrorDetail(msgspec.Struct, frozen=True):
    """``code`` is stable; ``message`` is a sentence for people."""

    code: str
    message: str


class ErrorAnswer(msgspec.Struct, frozen=True):
    """What every refusal and every fault answers."""

    error: ErrorDetail


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """``parts`` says "ok", or what is wrong; ``error`` is there when any is."""

    status: str
    parts: dict[str, str]
    error: ErrorDetail | None = None


class OriginHeader(msgspec.Struct, frozen=True, rename={"origin": "webhook-request-origin"}):
    """The host of the service that asks; several, with commas, where it has more than one name."""

    origin: str = ""


class ConnectAnswer(msgspec.Struct, frozen=True):
    """What a connection starts with."""

    groups: list[str]
    roles: list[str]


class Heard(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What the sender of an event hears in answer; ``chat_events.TO_BROWSER`` says what ``data`` is."""

    chat_event: str
    data: str
    from_user_name: str = ""
    message: str = ""


class OpenApi(msgspec.Struct, frozen=True):
    """A description of this API. https://spec.openapis.org/oas/v3.1.1"""

    openapi: str
    info: dict[str, Any]
    servers: list[dict[str, Any]]
    paths: dict[str, Any]
    components: dict[str, Any]
