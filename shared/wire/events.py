"""All events that browsers send to the backend, with their names on the wire.

``docs/protocol.md`` describes each of them. ``chat_events`` has what browsers receive.
"""

import math
from typing import ClassVar, Literal

import msgspec

from shared.model.limits import (
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
)
from shared.model.text.emoji import Emoji, one_emoji
from shared.model.text.names import tidy_name

MENTIONS_PER_TOKEN = 5


class FromBrowser(msgspec.Struct, frozen=True, rename="camel"):
    """An event that a browser sends.

    ``tokens`` is what it takes from the token buckets of its connection and user (``rate_limit``), in proportion to its
    work; a message takes 1. ``once`` marks an event that would undo later ones if it were repeated (``replays``). A
    process runs the events of one user in the same ``line`` one at a time, since they would undo each other.
    ``text_field`` names the only field of an event whose data is plain text.
    """

    name: ClassVar[str]
    tokens: ClassVar[int] = 1
    once: ClassVar[bool] = False
    line: ClassVar[str] = ""
    text_field: ClassVar[str] = ""
    ignores_data: ClassVar[bool] = False

    @property
    def price(self) -> int:
        """``tokens``, plus those for the data of this event."""
        return self.tokens


class UserConnected(FromBrowser, frozen=True, rename="camel"):
    """A browser is ready. Both fields are hints, used only if the sign-in gave no name."""

    name: ClassVar[str] = "userConnected"
    tokens: ClassVar[int] = 3
    once: ClassVar[bool] = True
    user_name: str = ""
    user_provider: str = ""


class CreateChat(FromBrowser, frozen=True, rename={"chat_name": "name"}):
    """Create a public chat, or a group that is joined by invite. The browser chooses the id.

    If ``moderated``, the backend saves each message before it sends it to the group.
    """

    name: ClassVar[str] = "createChat"
    tokens: ClassVar[int] = 10
    line: ClassVar[str] = "chats"
    id: NewChatId
    chat_name: ChatName
    kind: Literal["public", "group"] = "public"
    moderated: bool = False

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "chat_name", tidy_name(self.chat_name, CHAT_NAME_CHARACTERS, "name"))


class JoinChat(FromBrowser, frozen=True, rename="camel"):
    """Become a member of a chat."""

    name: ClassVar[str] = "joinChat"
    tokens: ClassVar[int] = 5
    line: ClassVar[str] = "chats"
    once: ClassVar[bool] = True
    text_field: ClassVar[str] = "chatId"
    chat_id: ChatId


class LeaveChat(FromBrowser, frozen=True, rename="camel"):
    """Leave a chat."""

    name: ClassVar[str] = "leaveChat"
    tokens: ClassVar[int] = 5
    line: ClassVar[str] = "chats"
    once: ClassVar[bool] = True
    chat_id: ChatId


class DeleteChat(FromBrowser, frozen=True, rename="camel"):
    """Delete a chat for everyone."""

    name: ClassVar[str] = "deleteChat"
    tokens: ClassVar[int] = 10
    line: ClassVar[str] = "chats"
    text_field: ClassVar[str] = "chatId"
    chat_id: ChatId


class RemoveMember(FromBrowser, frozen=True, rename="camel"):
    """Remove another member from a chat."""

    name: ClassVar[str] = "removeMember"
    tokens: ClassVar[int] = 5
    line: ClassVar[str] = "chats"
    once: ClassVar[bool] = True
    chat_id: ChatId
    user_id: UserId


class CreateInvite(FromBrowser, frozen=True, rename="camel"):
    """Get the invite link of a group."""

    name: ClassVar[str] = "createInvite"
    chat_id: ChatId


class AcceptInvite(FromBrowser, frozen=True, rename="camel"):
    """Join a group by its invite link."""

    name: ClassVar[str] = "acceptInvite"
    tokens: ClassVar[int] = 5
    line: ClassVar[str] = "chats"
    once: ClassVar[bool] = True
    token: InviteToken


class CreatePrivateChat(FromBrowser, frozen=True, rename="camel"):
    """Open a private chat. The original Chatr's client also names the initiator, who must be the sender."""

    name: ClassVar[str] = "createPrivateChat"
    tokens: ClassVar[int] = 10
    line: ClassVar[str] = "chats"
    once: ClassVar[bool] = True
    target_user_id: UserId
    initiator_user_id: UserId | None = None


class BlockUser(FromBrowser, frozen=True, rename="camel"):
    """Block private chats with a user, who is not told."""

    name: ClassVar[str] = "blockUser"
    tokens: ClassVar[int] = 5
    line: ClassVar[str] = "blocks"
    once: ClassVar[bool] = True
    user_id: UserId


class UnblockUser(FromBrowser, frozen=True, rename="camel"):
    """Unblock a user."""

    name: ClassVar[str] = "unblockUser"
    tokens: ClassVar[int] = 5
    line: ClassVar[str] = "blocks"
    once: ClassVar[bool] = True
    user_id: UserId


class UserEnterIdle(FromBrowser, frozen=True, rename="camel"):
    """The user of this connection is idle."""

    name: ClassVar[str] = "userEnterIdle"
    tokens: ClassVar[int] = 2
    line: ClassVar[str] = "idle"
    once: ClassVar[bool] = True
    ignores_data: ClassVar[bool] = True


class UserExitIdle(FromBrowser, frozen=True, rename="camel"):
    """The user of this connection is active again."""

    name: ClassVar[str] = "userExitIdle"
    tokens: ClassVar[int] = 2
    line: ClassVar[str] = "idle"
    once: ClassVar[bool] = True
    ignores_data: ClassVar[bool] = True


class SaveMessage(FromBrowser, frozen=True, rename="camel"):
    """Save a message in the chat's history."""

    name: ClassVar[str] = "saveMessage"
    chat_id: ChatId
    id: MessageId
    message: MessageText
    reply_to: MessageId | None = None
    mentions: Mentions = ()

    @property
    def price(self) -> int:
        """Each mention is looked up."""
        return self.tokens + math.ceil(len(self.mentions) / MENTIONS_PER_TOKEN)

    def __post_init__(self) -> None:
        check_text(self.message, "message")


class EditMessage(FromBrowser, frozen=True, rename="camel"):
    """Change the text of one's own message. Without ``mentions``, it keeps its mentions."""

    name: ClassVar[str] = "editMessage"
    tokens: ClassVar[int] = 2
    once: ClassVar[bool] = True
    chat_id: ChatId
    id: MessageId
    message: MessageText
    mentions: Mentions | None = None

    @property
    def price(self) -> int:
        """Each mention is looked up."""
        return self.tokens + math.ceil(len(self.mentions or ()) / MENTIONS_PER_TOKEN)

    def __post_init__(self) -> None:
        check_text(self.message, "message")


class DeleteMessage(FromBrowser, frozen=True, rename="camel"):
    """Delete a message from the history."""

    name: ClassVar[str] = "deleteMessage"
    tokens: ClassVar[int] = 2
    chat_id: ChatId
    id: MessageId


class React(FromBrowser, frozen=True, rename="camel"):
    """Add one's emoji reaction to a message (``on``), or remove it."""

    name: ClassVar[str] = "react"
    tokens: ClassVar[int] = 2
    once: ClassVar[bool] = True
    chat_id: ChatId
    id: MessageId
    emoji: Emoji
    on: bool

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "emoji", one_emoji(self.emoji, "emoji"))


class MarkRead(FromBrowser, frozen=True, rename="camel"):
    """Mark everything up to a message as read."""

    name: ClassVar[str] = "markRead"
    chat_id: ChatId
    id: MessageId


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
    BlockUser,
    UnblockUser,
    UserEnterIdle,
    UserExitIdle,
    SaveMessage,
    EditMessage,
    DeleteMessage,
    React,
    MarkRead,
)
