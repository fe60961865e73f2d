"""The one typed list of chat events, in both directions, with their literal names.

Browsers send events to the backend (``FromBrowser``) and hear ``chatEvent`` messages from it (``ToBrowser``).
``docs/protocol.md`` describes each. Must not know how an event travels or what it leads to.
"""

from typing import ClassVar, Literal

import msgspec

from shared.emoji import Emoji, check_emoji
from shared.limits import (
    CHAT_NAME_CHARACTERS,
    ChatId,
    ChatName,
    InviteToken,
    Mentions,
    MessageId,
    MessageText,
    NewChatId,
    UserId,
    check_text,
    tidy_name,
)
from shared.records import Kind


class FromBrowser(msgspec.Struct, frozen=True, rename="camel"):
    """An event a browser sends. ``text_field`` names the one field of events whose data is plain text.

    ``tokens`` is what it takes from the connection's bucket (``rate_limit``); ``once`` says that performing it again,
    after others, would do harm (``replays``).
    """

    name: ClassVar[str]
    tokens: ClassVar[int] = 1
    once: ClassVar[bool] = False
    text_field: ClassVar[str] = ""
    ignores_data: ClassVar[bool] = False


class UserConnected(FromBrowser, frozen=True, rename="camel"):
    """A browser is ready. Both fields are hints: they count only where sign-in left no name."""

    name: ClassVar[str] = "userConnected"
    user_name: str = ""
    user_provider: str = ""


class CreateChat(FromBrowser, frozen=True, rename={"chat_name": "name"}):
    """Make a public chat, or a group that is joined by invite; the browser chooses its id.

    If ``moderated``, messages are checked before they are shown.
    """

    name: ClassVar[str] = "createChat"
    tokens: ClassVar[int] = 10
    id: NewChatId
    chat_name: ChatName
    kind: Literal["public", "group"] = "public"
    moderated: bool = False

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "chat_name", tidy_name(self.chat_name, CHAT_NAME_CHARACTERS, "name"))


class JoinChat(FromBrowser, frozen=True, rename="camel"):
    """Become a member of a chat."""

    name: ClassVar[str] = "joinChat"
    once: ClassVar[bool] = True
    text_field: ClassVar[str] = "chatId"
    chat_id: ChatId


class LeaveChat(FromBrowser, frozen=True, rename="camel"):
    """End one's membership."""

    name: ClassVar[str] = "leaveChat"
    once: ClassVar[bool] = True
    chat_id: ChatId


class DeleteChat(FromBrowser, frozen=True, rename="camel"):
    """Make a chat gone, for everyone."""

    name: ClassVar[str] = "deleteChat"
    text_field: ClassVar[str] = "chatId"
    chat_id: ChatId


class RemoveMember(FromBrowser, frozen=True, rename="camel"):
    """End somebody else's membership."""

    name: ClassVar[str] = "removeMember"
    once: ClassVar[bool] = True
    chat_id: ChatId
    user_id: UserId


class CreateInvite(FromBrowser, frozen=True, rename="camel"):
    """Ask for the link by which others may join a group."""

    name: ClassVar[str] = "createInvite"
    chat_id: ChatId


class AcceptInvite(FromBrowser, frozen=True, rename="camel"):
    """Become a member of a group by its link."""

    name: ClassVar[str] = "acceptInvite"
    once: ClassVar[bool] = True
    token: InviteToken


class CreatePrivateChat(FromBrowser, frozen=True, rename="camel"):
    """Open the chat of two. Chatr names the initiator too; it must be the sender."""

    name: ClassVar[str] = "createPrivateChat"
    tokens: ClassVar[int] = 10
    once: ClassVar[bool] = True
    target_user_id: UserId
    initiator_user_id: UserId | None = None


class UserEnterIdle(FromBrowser, frozen=True, rename="camel"):
    """The user of this connection is away from the keyboard."""

    name: ClassVar[str] = "userEnterIdle"
    ignores_data: ClassVar[bool] = True


class UserExitIdle(FromBrowser, frozen=True, rename="camel"):
    """The user of this connection is back."""

    name: ClassVar[str] = "userExitIdle"
    ignores_data: ClassVar[bool] = True


class SaveMessage(FromBrowser, frozen=True, rename="camel"):
    """Make a message part of the history."""

    name: ClassVar[str] = "saveMessage"
    chat_id: ChatId
    id: MessageId
    message: MessageText
    reply_to: MessageId | None = None
    mentions: Mentions = ()

    def __post_init__(self) -> None:
        check_text(self.message, "message")


class EditMessage(FromBrowser, frozen=True, rename="camel"):
    """Give one's own message another text."""

    name: ClassVar[str] = "editMessage"
    once: ClassVar[bool] = True
    chat_id: ChatId
    id: MessageId
    message: MessageText

    def __post_init__(self) -> None:
        check_text(self.message, "message")


class DeleteMessage(FromBrowser, frozen=True, rename="camel"):
    """Take a message out of the history."""

    name: ClassVar[str] = "deleteMessage"
    chat_id: ChatId
    id: MessageId


class React(FromBrowser, frozen=True, rename="camel"):
    """Put an emoji to a message, or take one's own away."""

    name: ClassVar[str] = "react"
    once: ClassVar[bool] = True
    chat_id: ChatId
    id: MessageId
    emoji: Emoji
    on: bool

    def __post_init__(self) -> None:
        check_emoji(self.emoji, "emoji")


class MarkRead(FromBrowser, frozen=True, rename="camel"):
    """Everything up to a message has been read."""

    name: ClassVar[str] = "markRead"
    chat_id: ChatId
    id: MessageId


class ToBrowser(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A ``chatEvent`` that browsers hear. Its data is JSON text, or plain text (the ``id``) where Chatr has it so."""

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


class MessageEdited(ToBrowser, frozen=True, rename="camel"):
    """``edited_at`` in ISO 8601, UTC, milliseconds."""

    chat_event: ClassVar[str] = "messageEdited"
    chat_id: str
    id: str
    message: str
    edited_at: str


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
    """The answer to an event that is refused; ``id`` is the message's or else the chat's id in that event.

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

    Where the service names nobody, the backend sent it for whoever stands in here.
    """

    title: ClassVar[str] = "groupMessage"
    id: MessageId
    message: MessageText
    from_user_id: str
    from_user_name: str
    reply_to: MessageId | None = None
    mentions: Mentions = ()


class Typing(BetweenBrowsers, frozen=True, rename="camel"):
    """Its sender is writing."""

    title: ClassVar[str] = "typing"
    typing: bool


FROM_BROWSER: tuple[type[FromBrowser], ...] = (
    UserConnected,
    CreateChat,
    JoinChat,
    LeaveChat,
    DeleteChat,
    RemoveMember,
    CreateInvite,
    AcceptInvite,
    CreatePrivateChat,
    UserEnterIdle,
    UserExitIdle,
    SaveMessage,
    EditMessage,
    DeleteMessage,
    React,
    MarkRead,
)

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
    MemberJoined,
    MemberLeft,
    MessageEdited,
    MessageDeleted,
    Reaction,
    ChatRead,
    Error,
)

BETWEEN_BROWSERS: tuple[type[BetweenBrowsers], ...] = (GroupMessage, Typing)
