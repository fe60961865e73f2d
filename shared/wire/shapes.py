"""The types of what HTTP routes accept and return. They validate it, and the API description is made from them.

Chats and users have the same form as in the events about them (``ChatCreated`` and ``UserOnline`` in ``chat_events``).
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

# An empty parameter counts as absent, hence the default "".


class TokenQuery(msgspec.Struct, frozen=True, rename="camel"):
    """``userId`` must be the caller's own."""

    user_id: str = ""


class ChatsQuery(msgspec.Struct, frozen=True):
    """``after`` is the cursor ``next`` of the previous page."""

    after: ChatId = ""


class UsersQuery(msgspec.Struct, frozen=True):
    """``after`` is the cursor ``next`` of the previous page."""

    after: OwnUserId = ""

    def __post_init__(self) -> None:
        if self.after and not is_user_id(self.after):
            raise ValueError("`after` must be a user id")


class ChatPath(msgspec.Struct, frozen=True):
    """The id of the chat in the URL's path."""

    id: ChatId


class MessagesQuery(msgspec.Struct, frozen=True):
    """The id of a message to read ``before`` or ``after``, not both; the newest messages if neither is given."""

    before: MessageId = ""
    after: MessageId = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE_MESSAGES)] = PAGE_MESSAGES


class SearchQuery(msgspec.Struct, frozen=True):
    """Searches for all words of ``q`` in ``chat``, else in all of the caller's chats.

    ``after`` is the cursor ``next`` of the previous page.
    """

    q: SearchText
    chat: ChatId = ""
    after: ChatId = ""

    def __post_init__(self) -> None:
        check_text(self.q, "q")


class ExportQuery(msgspec.Struct, frozen=True):
    """``after`` is the id of the message to continue after; from the beginning if it is absent."""

    after: MessageId = ""


class Token(msgspec.Struct, frozen=True, rename="camel"):
    """A WebSocket URL: ``url`` is ``baseUrl`` with ``token`` in it."""

    url: str
    base_url: str
    token: str


class Me(msgspec.Struct, frozen=True, rename="camel"):
    """The caller as the backend sees them."""

    user_id: str
    user_name: str
    user_provider: str


class ChatPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Chats by id; ``next`` is the cursor of the following page, if there is one."""

    chats: dict[str, ChatCreated]
    next: str = ""


class OwnChat(ChatCreated, frozen=True, kw_only=True, rename="camel"):
    """A chat that the caller is in, with its unread counts; ``last_read`` is the id of the last message read.

    ``unread_since`` is that message's time or, if nothing has been read since joining, the time of the newest message
    at that moment. A page finds the first unread message by it. It is present while anything is unread.
    """

    unread: int
    unread_mentions: int
    last_read: str = ""
    unread_since: str = ""


class OwnChatPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The caller's chats by id; ``next`` is the cursor of the following page, if there is one."""

    chats: dict[str, OwnChat]
    next: str = ""


class MemberPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Members of a chat by id; ``next`` is the cursor of the following page, if there is one."""

    members: dict[str, WireMember]
    next: str = ""


class BlockedPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The users that the caller has blocked, by id; ``next`` is the cursor of the following page, if there is one."""

    users: dict[str, WireMember]
    next: str = ""


class UserPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Users who are online, by id; ``next`` is the cursor of the following page, if there is one."""

    users: dict[str, UserOnline]
    next: str = ""


class HistoryMessage(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A message of a chat's history; ``time`` and ``editedAt`` are ISO 8601, UTC, milliseconds."""

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
    """A page of a chat's history, oldest first; ``more`` says whether more follows in the requested direction."""

    messages: list[HistoryMessage]
    more: bool


class FoundMessage(HistoryMessage, frozen=True, kw_only=True, rename="camel"):
    """A search result: a message, without its reactions, and its chat."""

    chat_id: str


class FoundPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Search results, newest first within a chat; ``next`` is the cursor to search on, if there is more to search."""

    messages: list[FoundMessage]
    next: str = ""


class ErrorDetail(msgspec.Struct, frozen=True):
    """``code`` is stable, for programs; ``message`` is a sentence for people."""

    code: str
    message: str


class ErrorAnswer(msgspec.Struct, frozen=True):
    """The body of every error response."""

    error: ErrorDetail


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """``parts`` has "ok" or the problem of each part; ``error`` is present if any part has a problem."""

    status: str
    parts: dict[str, str]
    error: ErrorDetail | None = None


class OriginHeader(msgspec.Struct, frozen=True, rename={"origin": "webhook-request-origin"}):
    """The host name of the calling service, or several, separated by commas."""

    origin: str = ""


class ConnectAnswer(msgspec.Struct, frozen=True):
    """The groups and roles that a connection starts with."""

    groups: list[str]
    roles: list[str]


class Heard(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The answer to the sender of an event; ``chat_events.TO_BROWSER`` declares what ``data`` is."""

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
