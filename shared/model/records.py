"""The records that Chatr stores, as plain values.

``version`` identifies the state that was read, as an ETag does. It serves optimistic concurrency: an update that
carries it fails if the record has changed since. Times are microseconds since 1970.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

# A public chat is listed, a group is joined by invite, a private chat is between two users.
Kind = Literal["public", "group", "private"]
Status = Literal["here", "idle", "offline"]
Told = Status | Literal["unsure"]
MembershipState = Literal["joining", "member", "leaving"]
BlockState = Literal["blocking", "blocked", "lifting"]
# Sort key of a message: its time, then its id without case.
Place = tuple[int, str]


def place_of(time: int, message_id: str) -> Place:
    """The sort key of a message."""
    return time, message_id.lower()


@dataclass(frozen=True)
class Profile:
    """A user's name, as given at sign-in."""

    user_id: str
    name: str
    provider: str


@dataclass(frozen=True)
class Chat:
    """A chat. ``owner`` is empty for a private chat. A deleted chat is a tombstone: its id can't be used again.

    In a ``moderated`` chat only the backend sends to the group; this is set at creation and never changes. ``ended`` is
    when the chat was deleted, or when somebody last took over the unfinished deletion; 0 if unknown.
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
    """The secret of an invite link. Until it ``expires``, whoever presents it may join the chat."""

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
    """A former member, seen from the chat, for as long as the end of the membership is unfinished (``recovery``).

    ``removed`` says that the owner removed the member. ``since`` is when somebody last took over the work.
    """

    user_id: str
    name: str
    removed: bool
    since: int
    version: str = ""


@dataclass(frozen=True)
class Roster:
    """A chat with as many of its members as were asked for. ``version`` changes whenever anybody joins.

    ``endings`` are the unfinished ones, at most ENDINGS_LIMIT.
    """

    chat: Chat
    members: tuple[Member, ...]
    version: str = ""
    endings: tuple[Ending, ...] = ()


@dataclass(frozen=True)
class Membership:
    """A user in a chat, seen from the user. ``name`` is the chat's name as this user sees it.

    ``made`` says that it is a public chat which this user created or inherited. ``state`` is ``member`` once settled;
    any other state is a change in progress (``settling``).
    ``since`` is the time of the newest message when the membership began: later messages count as unread.
    ``peer`` is the other user of a private chat. ``silenced`` says that this user may read but not write.
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
        """Whether the user may send to the chat's group directly, without the backend."""
        return not (self.moderated or self.silenced)


@dataclass(frozen=True)
class Block:
    """A user's block of another user (``blocked``), whose name was ``name`` at that time.

    ``state`` is ``blocked`` once settled; any other state is a change in progress (``blocking``).
    """

    user_id: str
    blocked: str
    name: str
    state: BlockState
    version: str = ""

    @property
    def holds(self) -> bool:
        """Whether the block is in force. One that is being lifted is not."""
        return self.state != "lifting"


@dataclass(frozen=True)
class Held:
    """How many non-private chats a user is in, and how many of those are public chats that the user owns."""

    chats: int
    made: int


@dataclass(frozen=True)
class Connection:
    """One open WebSocket of a user."""

    id: str
    idle: bool


@dataclass(frozen=True)
class Slot:
    """One of a user's connection slots, held by one connection. ``seen`` is when it was taken or last confirmed.

    ``asked`` is when an instance last set out to ask the service whether the connection is still open.
    """

    number: int
    connection_id: str
    seen: int
    asked: int = 0
    version: str = ""


@dataclass(frozen=True)
class OnlineUser:
    """A user who is online, or has just gone offline (``gone``). ``seen`` is when that last changed or was confirmed.

    ``owes`` is the connection whose event made a change that is not announced yet; it is empty when all is announced.
    ``told`` is the status that others have been told. ``changes`` is the token bucket for announced changes.
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
        """The status as stored, announced or not."""
        if self.gone:
            return "offline"
        return "idle" if self.idle else "here"


@dataclass(frozen=True)
class Message:
    """A message of a chat's history. ``edited`` is 0 until its text is changed.

    ``reactions`` maps an emoji to user ids, oldest first. They are stored separately and filled in only for a page.
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
        """Its position in the history."""
        return Position(self.id, self.author, self.time)


@dataclass(frozen=True)
class Head:
    """The head of a chat's history: the time of the newest message; 0 and no version while there is none."""

    time: int = 0
    version: str = ""


@dataclass(frozen=True)
class MessageHead:
    """Who wrote a message and whom it mentions, without its text."""

    author: str
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reaction:
    """A user's emoji reaction to a message."""

    message_id: str
    user_id: str
    emoji: str
    time: int


@dataclass(frozen=True)
class Position:
    """A message's position in its chat's history, and its author. Deleted messages keep one, so they remain cursors.

    ``reactions`` is the number of its reactions.
    """

    id: str
    author: str
    time: int
    deleted: bool = False
    reactions: int = 0
    version: str = ""

    @property
    def place(self) -> Place:
        """The sort key of the history."""
        return place_of(self.time, self.id)


@dataclass(frozen=True)
class ReadPosition:
    """The last message that a user has read in a chat."""

    user_id: str
    chat_id: str
    message_id: str
    time: int
    version: str = ""

    @property
    def position(self) -> Position:
        """The position of that message."""
        return Position(self.message_id, "", self.time)


@dataclass(frozen=True)
class Performed:
    """An event that was processed, and the serialized answer to its sender, empty if there was none.

    ``digest`` distinguishes it from other events that arrive with the same id.
    """

    connection_id: str
    event_id: str
    digest: str
    answer: str
    time: int


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of items. ``next`` is the cursor to pass as ``after`` for the following page, empty on the last one."""

    items: tuple[T, ...]
    next: str = ""
