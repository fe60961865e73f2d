"""All messages that browsers receive: ``chatEvent`` messages from the backend, and messages from each other.

``docs/protocol.md`` describes each of them. ``events`` has what browsers send to the backend.
"""

from typing import ClassVar

import msgspec

from shared.model.limits import Mentions, MessageId, MessageText
from shared.model.records import Kind


class ToBrowser(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A ``chatEvent`` that browsers receive.

    Its data is JSON text, or plain text (the ``id``) for the events where the original Chatr sends plain text.
    """

    chat_event: ClassVar[str]
    plain: ClassVar[bool] = False

    def words(self) -> str:
        """What happened, as a sentence for clients that show only text; empty if nothing is to be shown."""
        return ""


class WireMember(msgspec.Struct, frozen=True, rename="camel"):
    """A member of a chat, as browsers see it."""

    user_id: str
    user_name: str


class ChatCreated(ToBrowser, frozen=True, rename="camel"):
    """A new chat; ``GET chats`` lists chats in the same form."""

    chat_event: ClassVar[str] = "chatCreated"
    id: str
    name: str
    owner: str
    kind: Kind
    members: dict[str, WireMember]
    moderated: bool = False


class ChatJoined(ChatCreated, frozen=True, rename="camel"):
    """The chat's current state, for its new member, whose page may have an outdated copy or none."""

    chat_event: ClassVar[str] = "chatJoined"


class InviteMade(ToBrowser, frozen=True, rename="camel"):
    """A group's invite link, sent to the owner; ``expires`` is ISO 8601."""

    chat_event: ClassVar[str] = "invite"
    chat_id: str
    token: str
    expires: str


class ChatDeleted(ToBrowser, frozen=True, rename="camel"):
    chat_event: ClassVar[str] = "chatDeleted"
    plain: ClassVar[bool] = True
    id: str


class UserOnline(ToBrowser, frozen=True, rename="camel"):
    """A user who is online; ``GET users`` lists users in the same form."""

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
    """A private chat has been opened; ``grab_focus`` is true only for its initiator, whose page shows it at once."""

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
    """The user has unblocked somebody, perhaps in another tab."""

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
    """A member has left, or was ``removed`` by the owner."""

    chat_event: ClassVar[str] = "memberLeft"
    chat_id: str
    user_id: str
    user_name: str
    removed: bool

    def words(self) -> str:
        return f"{self.user_name} {'was removed from' if self.removed else 'has left'} the chat"


class MessageSaved(ToBrowser, frozen=True, rename="camel"):
    """The message's ``time`` in the history (ISO 8601, UTC, milliseconds), sent to the sender of ``saveMessage``."""

    chat_event: ClassVar[str] = "messageSaved"
    chat_id: str
    id: str
    time: str


class MessageEdited(ToBrowser, frozen=True, rename="camel"):
    """``edited_at`` is ISO 8601, UTC, milliseconds; ``mentions`` are all users that the new text mentions."""

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
    """A user's emoji reaction to a message was added (``on``) or removed."""

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
    """The answer to an event that was refused, or could not be processed in time (``Unavailable``).

    ``id`` is the event's message id, else its chat id.

    ``retry_after`` is the number of seconds after which the same event will be accepted, if waiting is all it takes.
    """

    chat_event: ClassVar[str] = "error"
    event: str
    code: str
    message: str
    id: str | None = None
    retry_after: int | None = None


class BetweenBrowsers(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What browsers send to a chat's group directly. In a moderated chat only the backend sends to the group."""

    title: ClassVar[str]


class GroupMessage(BetweenBrowsers, frozen=True, rename="camel", omit_defaults=True):
    """A chat message. Trust the service's ``fromUserId`` of the frame for its sender, not ``from_user_id``.

    If the frame has no ``fromUserId``, the backend sent the message on behalf of ``from_user_id``. Then ``time`` is the
    message's time in the history (ISO 8601, UTC, milliseconds).
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
    """Whether the sender is typing."""

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
