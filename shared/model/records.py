"""What is remembered, as plain values. Must not know how or where it is stored.

``version`` is the store's mark of the state that was read: an update that carries it fails when somebody was faster.
Times are microseconds since 1970.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

# A public chat is listed, a group is joined by invite, a private chat is between two.
Kind = Literal["public", "group", "private"]
Status = Literal["here", "idle", "offline"]
Told = Status | Literal["unsure"]
MembershipState = Literal["joining", "member", "leaving"]
BlockState = Literal["blocking", "blocked", "lifting"]
# Messages are in the order of their times; those of one microsecond in that of their ids, whose case does not count.
Place = tuple[int, str]


def place_of(time: int, message_id: str) -> Place:
    """Where a message stands among the others."""
    return time, message_id.lower()


@dataclass(frozen=True)
class Profile:
    """How a user is called, as told at sign-in."""

    user_id: str
    name: str
    provider: str


@dataclass(frozen=True)
class Chat:
    """A chat. ``owner`` is empty for a private one; a deleted one is only remembered so that its id stays refused.

    In a ``moderated`` one nobody but the backend speaks to the others; it is so from the beginning, or never. ``ended``
    is when it was deleted, or somebody last took up what follows; 0 where that is not known.
    """

    id: str
    name: str
    owner: str
    kind: Kind
    moderated: bool = False
    deleted: bool = False
    ended: int = 0
    version: str = ""


@dataclass(frozen=True)
class Invite:
    """What an invite link proves: that whoever has it was let in by the chat's owner, until it ``expires``."""

    secret: str
    expires: int
    version: str = ""


@dataclass(frozen=True)
class Member:
    """A user in a chat, seen from the chat."""

    user_id: str
    name: str
    joined: int
    version: str = ""


@dataclass(frozen=True)
class Ending:
    """Somebody who is no member any more, seen from the chat, as long as not all that follows is done (``endings``).

    ``removed`` tells that it was the owner's wish, ``since`` when somebody last took it up.
    """

    user_id: str
    name: str
    removed: bool
    since: int
    version: str = ""


@dataclass(frozen=True)
class Roster:
    """A chat with its members, as many as were asked for; ``version`` changes whenever anybody joins.

    ``endings`` are those of former members, at most ENDINGS_LIMIT.
    """

    chat: Chat
    members: tuple[Member, ...]
    version: str = ""
    endings: tuple[Ending, ...] = ()


@dataclass(frozen=True)
class Membership:
    """A user in a chat, seen from the user. ``name`` is the chat's as this user sees it, ``moderated`` the chat's too.

    ``made`` is that this user has made or inherited it, as a public one. ``state`` is ``member`` once everything is
    settled; the others say that a change was begun (``memberships``).
    ``since`` is how far the history had come when it began: what is behind that is news.
    ``peer`` is the other user of a private chat; ``silenced`` tells that this one may read and not write.
    """

    user_id: str
    chat_id: str
    name: str
    kind: Kind
    joined: int
    moderated: bool = False
    state: MembershipState = "member"
    since: int = 0
    version: str = ""
    made: bool = False
    peer: str = ""
    silenced: bool = False

    @property
    def speaks(self) -> bool:
        """Whether the user may send to the others, past the backend."""
        return not (self.moderated or self.silenced)


@dataclass(frozen=True)
class Block:
    """That a user wants no private chat with another, who was called ``name`` then.

    ``state`` is ``blocked`` once everything has followed; the others say that a change was begun (``blocks``).
    """

    user_id: str
    blocked: str
    name: str
    state: BlockState
    version: str = ""

    @property
    def holds(self) -> bool:
        """Whether it counts: one that is being lifted does not."""
        return self.state != "lifting"


@dataclass(frozen=True)
class Held:
    """How many chats a user is in that are not private, and how many of these the user has made as public ones."""

    chats: int
    made: int


@dataclass(frozen=True)
class Connection:
    """One open WebSocket of a user."""

    id: str
    idle: bool


@dataclass(frozen=True)
class Slot:
    """One of the places for a user's connections, taken by one; ``seen`` is when it was taken or last confirmed.

    ``asked`` is when somebody last went to ask whether it is rightly taken.
    """

    number: int
    connection_id: str
    seen: int
    asked: int = 0
    version: str = ""


@dataclass(frozen=True)
class OnlineUser:
    """A user who is online, or has just gone (``gone``); ``seen`` is when that was last confirmed or changed.

    ``owes`` is the connection whose event changed it and has not announced that yet, empty when all is announced;
    ``told`` is what others know until then. ``changes`` is the bucket of the changes that others hear.
    """

    user_id: str
    name: str
    provider: str
    idle: bool
    seen: int
    gone: bool = False
    told: Told = "offline"
    owes: str = ""
    changes: int = 0
    version: str = ""

    @property
    def status(self) -> Status:
        """What the row says of the user."""
        if self.gone:
            return "offline"
        return "idle" if self.idle else "here"


@dataclass(frozen=True)
class Message:
    """A message of a chat's history; ``edited`` is 0 until its text is changed.

    ``reactions`` (emoji to user ids, oldest first) are kept by themselves and stand here only where a page is shown.
    """

    id: str
    author: str
    author_name: str
    text: str
    time: int
    reply_to: str = ""
    mentions: tuple[str, ...] = ()
    edited: int = 0
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def position(self) -> "Position":
        """Where it stands."""
        return Position(self.id, self.author, self.time)


@dataclass(frozen=True)
class Head:
    """How far a chat's history has come: the time of its newest message, 0 and no version before the first."""

    time: int = 0
    version: str = ""


@dataclass(frozen=True)
class MessageHead:
    """Who wrote a message and whom it mentions, without its text."""

    author: str
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reaction:
    """A user's emoji at a message."""

    message_id: str
    user_id: str
    emoji: str
    time: int


@dataclass(frozen=True)
class Position:
    """Where a message stands in its chat's history, and whose it is; also of a deleted one, so that it can be a cursor.

    ``reactions`` is how many it has.
    """

    id: str
    author: str
    time: int
    deleted: bool = False
    reactions: int = 0
    version: str = ""

    @property
    def place(self) -> Place:
        """What orders the history."""
        return place_of(self.time, self.id)


@dataclass(frozen=True)
class ReadPosition:
    """Up to which message a user has read a chat."""

    user_id: str
    chat_id: str
    message_id: str
    time: int
    version: str = ""

    @property
    def position(self) -> Position:
        """Where that message stands."""
        return Position(self.message_id, "", self.time)


@dataclass(frozen=True)
class Performed:
    """An event that was performed, and what its sender heard in answer, as text; empty if nothing.

    ``digest`` tells it from others that came under its id.
    """

    connection_id: str
    event_id: str
    digest: str
    answer: str
    time: int


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items; ``next`` is what to pass as ``after`` for those that follow, empty at the end."""

    items: tuple[T, ...]
    next: str = ""
