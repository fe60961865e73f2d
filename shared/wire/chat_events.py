"""The one typed list of what browsers hear: ``chatEvent`` messages from the backend, and each other's.

``docs/protocol.md`` describes each; what browsers send is in ``events``. Must not know how an event travels or what led
to it.
"""

from typing import ClassVar

import msgspec

from shared.model.limits import Mentions, MessageId, MessageText
from shared.model.records import Kind


class ToBrowser(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A ``chatEvent`` that browsers hear.

    Its data is JSON text, or plain text (the ``id``) where the original Chatr has it so.
    """

    chat_event: ClassVar[str]
    plain: ClassVar[bool] = False

    def words(self) -> str:
        """What happened, in words, for a client that shows only text; empty when there is nothing to say."""
        return ""


class WireMember(msgspec.Struct, frozen=True, rename="camel"):
    """A member of a chat, as browsers see it."""

    user_id: str
    user_name: str


class ChatCreated(ToBrowser, frozen=True, rename="camel"):
    """A chat; also what ``GET chats`` lists."""

    chat_event: ClassVar[str] = "chatCreated"
    id: str
    name: str
    owner: str
    kind: Kind
    members: dict[str, WireMember]
    moderated: bool = False


class ChatJoined(ChatCreated, frozen=True, rename="camel"):
    """The chat as it is once its new member has joined; the member's page may know it from long ago, or not at all."""

    chat_event: ClassVar[str] = "chatJoined"


class InviteMade(ToBrowser, frozen=True, rename="camel"):
    """The link of a group, to its owner; ``expires`` is ISO 8601."""

    chat_event: ClassVar[str] = "invite"
    chat_id: str
    token: str
    expires: str


class ChatDeleted(ToBrowser, frozen=True, rename="camel"):
    chat_event: ClassVar[str] = "chatDeleted"
    plain: ClassVar[bool] = True
    id: str


class UserOnline(ToBrowser, frozen=True, rename="camel"):
    """A user who is online; also what ``GET users`` lists."""

    chat_event: ClassVar[str] = "userOnline"
    user_id: str
    user_name: str
    user_provider: str
    idle: bool


class UserOffline(ToBrowser, frozen=True, rename="camel"):
    chat_event: ClassVar[str] = "userOffline"
    plain: ClassVar[bool] = True
    id: str


class UserIsIdle(ToBrowser, frozen=True, rename="camel"):
    chat_event: ClassVar[str] = "userIsIdle"
    plain: ClassVar[bool] = True
    id: str


class UserNotIdle(ToBrowser, frozen=True, rename="camel"):
    chat_event: ClassVar[str] = "userNotIdle"
    plain: ClassVar[bool] = True
    id: str


class JoinPrivateChat(ToBrowser, frozen=True, rename="camel"):
    """A private chat is open; only its initiator shall look at it at once."""

    chat_event: ClassVar[str] = "joinPrivateChat"
    id: str
    name: str
    grab_focus: bool
    members: dict[str, WireMember]


class UserBlocked(ToBrowser, frozen=True, rename="camel"):
    """The user has blocked somebody, perhaps in another tab."""

    chat_event: ClassVar[str] = "userBlocked"
    user_id: str
    user_name: str


class UserUnblocked(ToBrowser, frozen=True, rename="camel"):
    """The user has blocked somebody no more."""

    chat_event: ClassVar[str] = "userUnblocked"
    user_id: str


class MemberJoined(ToBrowser, frozen=True, rename="camel"):
    chat_event: ClassVar[str] = "memberJoined"
    chat_id: str
    user_id: str
    user_name: str

    def words(self) -> str:
        return f"{self.user_name} has joined the chat"


class MemberLeft(ToBrowser, frozen=True, rename="camel"):
    """``removed`` tells that the owner ended the membership."""

    chat_event: ClassVar[str] = "memberLeft"
    chat_id: str
    user_id: str
    user_name: str
    removed: bool

    def words(self) -> str:
        return f"{self.user_name} {'was removed from' if self.removed else 'has left'} the chat"


class MessageSaved(ToBrowser, frozen=True, rename="camel"):
    """Where a message stands in the history, to who sent ``saveMessage``; ``time`` in ISO 8601, UTC, milliseconds."""

    chat_event: ClassVar[str] = "messageSaved"
    chat_id: str
    id: str
    time: str


class MessageEdited(ToBrowser, frozen=True, rename="camel"):
    """``edited_at`` in ISO 8601, UTC, milliseconds; ``mentions`` are all those that it mentions now."""

    chat_event: ClassVar[str] = "messageEdited"
    chat_id: str
    id: str
    message: str
    edited_at: str
    mentions: Mentions = ()


class MessageDeleted(ToBrowser, frozen=True, rename="camel"):
    chat_event: ClassVar[str] = "messageDeleted"
    chat_id: str
    id: str


class Reaction(ToBrowser, frozen=True, rename="camel"):
    """An emoji of a user at a message; ``on`` tells whether it is there now."""

    chat_event: ClassVar[str] = "reaction"
    chat_id: str
    id: str
    user_id: str
    emoji: str
    on: bool


class ChatRead(ToBrowser, frozen=True, rename="camel"):
    """The user has read a chat up to this message, perhaps in another tab."""

    chat_event: ClassVar[str] = "chatRead"
    chat_id: str
    id: str


class Error(ToBrowser, frozen=True, rename="camel", omit_defaults=True):
    """The answer to an event that is refused, or that could not be done in time (``Unavailable``).

    ``id`` is the message's or else the chat's id in that event.

    ``retry_after`` is in how many seconds the same event will be taken, where waiting is all it needs.
    """

    chat_event: ClassVar[str] = "error"
    event: str
    code: str
    message: str
    id: str | None = None
    retry_after: int | None = None


class BetweenBrowsers(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What browsers send to a chat's group, past the backend; in a moderated chat the backend does, and they do not."""

    title: ClassVar[str]


class GroupMessage(BetweenBrowsers, frozen=True, rename="camel", omit_defaults=True):
    """A chat message. Who sent it is what the service says (``fromUserId`` of the frame), not what stands in here.

    Where the service names nobody, the backend sent it for whoever stands in here, and ``time`` is its place in the
    history, in ISO 8601, UTC, milliseconds.
    """

    title: ClassVar[str] = "groupMessage"
    id: MessageId
    message: MessageText
    from_user_id: str
    from_user_name: str
    reply_to: MessageId | None = None
    mentions: Mentions = ()
    time: str | None = None


class Typing(BetweenBrowsers, frozen=True, rename="camel"):
    """Its sender is writing."""

    title: ClassVar[str] = "typing"
    typing: bool


TO_BROWSER: tuple[type[ToBrowser], ...] = (
    ChatCreated,
    ChatJoined,
    InviteMade,
    ChatDeleted,
    UserOnline,
    UserOffline,
    UserIsIdle,
    UserNotIdle,
    JoinPrivateChat,
    UserBlocked,
    UserUnblocked,
    MemberJoined,
    MemberLeft,
    MessageSaved,
    MessageEdited,
    MessageDeleted,
    Reaction,
    ChatRead,
    Error,
)

BETWEEN_BROWSERS: tuple[type[BetweenBrowsers], ...] = (GroupMessage, Typing)
