"""What the rules ask of storage, by intent. Implemented by ``adapters/tables`` and, for tests, in memory.

Every method may raise ``errors.Unavailable``; none reads a storage fault as "not found". A bool that says False means
that nothing was changed. Must not know tables, keys or ETags.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from shared.model.records import (
    Block,
    Chat,
    Connection,
    Ending,
    Head,
    Held,
    Invite,
    Member,
    Membership,
    Message,
    MessageHead,
    OnlineUser,
    Page,
    Performed,
    Position,
    Profile,
    Reaction,
    ReadPosition,
    Roster,
    Slot,
)
from shared.ports.sweep import Sweep


class Addition(Enum):
    """How adding a member ended."""

    ADDED = "added"
    ALREADY = "already"
    GONE = "gone"


class Outcome(Enum):
    """How a change that depends on a read ended: done, there already, or to be looked at again.

    BARRED: whose change it was is not among those who may write there (``MessageStore.admit``).
    """

    DONE = "done"
    ALREADY = "already"
    STALE = "stale"
    BARRED = "barred"


class ChatStore(Protocol):
    """Chats and their members."""

    async def create(self, chat: Chat, members: Sequence[Member]) -> bool:
        """Makes a chat with its first members, all or nothing; False when the id was ever used."""

    async def read(self, chat_id: str) -> Chat | None:
        """The chat, also a deleted one; None when the id was never used."""

    async def member(self, chat_id: str, user_id: str) -> Member | None:
        """One member."""

    async def roster(self, chat_id: str, limit: int) -> Roster | None:
        """The chat, also a deleted one, with its first ``limit`` members."""

    async def members(self, chat_id: str, after: str, limit: int) -> Page[Member]:
        """Members of a chat, in a stable order, those behind user id ``after``; empty for one that was never made."""

    async def add(self, chat_id: str, member: Member) -> Addition:
        """Adds a member; GONE when the chat is deleted or was never made."""

    async def remove(self, chat_id: str, member: Member) -> bool:
        """Removes a member; False when the member's row is not the one that was read any more."""

    async def take_out(self, chat_id: str, member: Member, ending: Ending) -> Ending | None:
        """Removes a member and keeps ``ending`` in the same step; None when the member's row is not as it was read."""

    async def hand_over(self, chat: Chat, leaver: Member, heir: Member, ending: Ending) -> Ending | None:
        """Likewise for the owner, whom ``heir`` follows; None when any of the three changed since they were read."""

    async def ending(self, chat_id: str, user_id: str) -> Ending | None:
        """What is left to do of a member's end."""

    async def take_up(self, chat_id: str, ending: Ending) -> Ending | None:
        """Rewrites an ending; None when it changed since it was read, or is gone."""

    async def close(self, chat_id: str, ending: Ending) -> bool:
        """Forgets an ending, of which nothing is left to do; False when it changed since it was read, or is gone."""

    async def delete(self, roster: Roster, unless_joined: bool, at: int = 0) -> bool:
        """Makes the chat gone at once; False when it changed since it was read, or, if asked, somebody joined."""

    async def take_up_deletion(self, chat: Chat, at: int) -> bool:
        """Rewrites when a chat has ended; False when it changed since it was read."""

    async def purge_members(self, chat_id: str, limit: int) -> tuple[Member, ...]:
        """Removes up to ``limit`` members of a deleted chat and returns them."""

    async def list_publicly(self, chat_id: str) -> None:
        """Puts the chat into the public directory."""

    async def unlist(self, chat_id: str) -> None:
        """Takes the chat out of the public directory."""

    async def listed(self, after: str, limit: int) -> Page[str]:
        """Ids of the public directory, in a stable order, those behind ``after``."""


class MembershipStore(Protocol):
    """Which chats a user belongs to."""

    async def insert(self, membership: Membership) -> Membership | None:
        """Writes a new membership; returns it with its version, None when there is one."""

    async def update(self, membership: Membership) -> Membership | None:
        """Rewrites it; returns it with its new version, None when it changed since it was read."""

    async def read(self, user_id: str, chat_id: str) -> Membership | None:
        """One membership."""

    async def drop(self, membership: Membership) -> bool:
        """Deletes it; False when it changed since it was read, or is gone."""

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Membership]:
        """A user's memberships, in any state, in a stable order, those behind chat id ``after``."""

    async def held(self, user_id: str, but: str, limit: int) -> Held:
        """How many chats the user has beside ``but``, in any state, of up to ``limit``; private ones do not count."""


class BlockStore(Protocol):
    """Whom each user wants no private chat with."""

    async def read(self, user_id: str, blocked: str) -> Block | None:
        """A user's block of another."""

    async def insert(self, block: Block) -> Block | None:
        """Writes a new block; returns it with its version, None when there is one."""

    async def update(self, block: Block) -> Block | None:
        """Rewrites it; returns it with its new version, None when it changed since it was read."""

    async def drop(self, block: Block) -> bool:
        """Deletes it; False when it changed since it was read, or is gone."""

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Block]:
        """A user's blocks, in any state, in a stable order, those behind user id ``after``."""


class InviteStore(Protocol):
    """The invite links of groups, one each at a time."""

    async def read(self, chat_id: str) -> Invite | None:
        """The chat's invite."""

    async def add(self, chat_id: str, invite: Invite) -> bool:
        """Keeps an invite; False when there is one."""

    async def renew(self, chat_id: str, invite: Invite) -> bool:
        """Puts an invite in the place of the one that was read; False when that has changed or is gone."""

    async def drop(self, chat_id: str) -> None:
        """Forgets the chat's invite; nothing happens when there is none."""

    async def forget(self, chat_id: str, version: str) -> bool:
        """Removes an invite; False when there is another now, or none."""


class UserStore(Protocol):
    """Who has ever signed in."""

    async def read(self, user_id: str) -> Profile | None:
        """A user's profile."""

    async def put(self, profile: Profile) -> None:
        """Writes a profile, whatever was there."""

    async def forget(self, user_id: str, version: str) -> bool:
        """Removes a profile; False when it changed since it was read, or is gone."""

    async def revoke(self, user_id: str, time: int) -> None:
        """Marks that what proved to be a user before ``time`` (microseconds) does so no more."""

    async def revoked(self, user_id: str) -> int:
        """That time; 0 for whom nothing was revoked."""

    async def forget_revoked(self, user_id: str, version: str) -> bool:
        """Removes the mark; False when it changed since it was read, or is gone."""


class PresenceStore(Protocol):
    """Open connections and who is online because of them."""

    async def put_connection(self, user_id: str, connection: Connection) -> None:
        """Remembers a connection, or changes it."""

    async def set_idle(self, user_id: str, connection: Connection) -> bool:
        """Changes a connection that is remembered; False when it is not."""

    async def drop_connection(self, user_id: str, connection_id: str) -> None:
        """Forgets a connection; nothing happens when it is not remembered."""

    async def connections(self, user_id: str) -> tuple[Connection, ...]:
        """A user's connections, at most CONNECTIONS_LIMIT."""

    async def appear(self, user: OnlineUser) -> OnlineUser | None:
        """Remembers that a user is online; returns it with its version, None when it was known."""

    async def online(self, user_id: str) -> OnlineUser | None:
        """A user who is online."""

    async def update(self, user: OnlineUser) -> OnlineUser | None:
        """Rewrites a user who is online; returns it with its new version, None when it changed since it was read."""

    async def vanish(self, user: OnlineUser) -> bool:
        """Forgets that a user is online; False when the row changed since it was read, or is gone."""

    async def all_online(self, after: str, limit: int) -> Page[OnlineUser]:
        """Users who are online, in a stable order, those behind user id ``after``."""


class SlotStore(Protocol):
    """The slots of users' open connections that are taken, by number."""

    async def take(self, user_id: str, slot: Slot) -> bool:
        """Takes a slot; False when it is taken."""

    async def of_user(self, user_id: str) -> tuple[Slot, ...]:
        """A user's slots that are taken, at most CONNECTIONS_LIMIT."""

    async def update(self, user_id: str, slot: Slot) -> Slot | None:
        """Rewrites a slot as it was read; None when it changed since, or is free. Returns it as kept."""

    async def free(self, user_id: str, slot: Slot) -> bool:
        """Frees a slot; False when it changed since it was read, or is free."""


class MessageStore(Protocol):
    """The history of chats. What is deleted is in no page, but keeps its id and its position.

    Whoever changes it must be admitted at that very moment: a change and the end of a membership cannot cross.
    """

    async def admit(self, chat_id: str, user_id: str) -> None:
        """Lets a user write into a chat's history from now on."""

    async def bar(self, chat_id: str, user_id: str) -> None:
        """Ends that: what the user has begun and not written yet ends as BARRED."""

    async def head(self, chat_id: str) -> Head:
        """How far the history has come."""

    async def save(self, chat_id: str, message: Message, head: Head) -> Outcome:
        """Keeps its author's message behind all others.

        ALREADY when its id is taken, STALE when ``head`` is not the head now.
        """

    async def position(self, chat_id: str, message_id: str) -> Position | None:
        """Where a message stands, also a deleted one."""

    async def at(self, chat_id: str, position: Position) -> Message | None:
        """The message that stands there; None when it is deleted."""

    async def edit(self, chat_id: str, position: Position, message: Message) -> Outcome:
        """Rewrites its author's message; STALE when anything about it changed since ``position`` was read."""

    async def delete(self, chat_id: str, position: Position, user_id: str) -> Outcome:
        """Takes a message out of the history; STALE when anything about it changed since ``position`` was read.

        For the clean-up, which needs no admission, ``user_id`` is empty.
        """

    async def forget(self, chat_id: str, position: Position) -> bool:
        """Removes all that is kept of a message, its id too; False when anything about it changed since it was read."""

    async def newest(self, chat_id: str, before: Position | None, limit: int) -> tuple[Message, ...]:
        """The newest messages, or the newest of those before ``before``; newest first."""

    async def following(self, chat_id: str, after: Position | None, limit: int) -> tuple[Message, ...]:
        """The messages right behind ``after``, or the first of all; oldest first."""

    async def heads(self, chat_id: str, behind: Position, limit: int) -> tuple[MessageHead, ...]:
        """Who wrote the newest messages behind ``behind``, which need not be a message's; newest first."""

    async def purge(self, chat_id: str, limit: int) -> bool:
        """Removes up to ``limit`` rows of a deleted chat; True when none are left."""


class ReadStore(Protocol):
    """How far each user has read each chat."""

    async def read(self, user_id: str, chat_id: str) -> ReadPosition | None:
        """A user's position in a chat."""

    async def put(self, position: ReadPosition) -> bool:
        """Writes a position; False when there is another than the one that was read (none, without a version)."""

    async def drop(self, user_id: str, chat_id: str) -> None:
        """Forgets a position; nothing happens when there is none."""

    async def forget(self, position: ReadPosition) -> bool:
        """Removes a position; False when it changed since it was read, or is gone."""

    async def between(self, user_id: str, first: str, last: str, limit: int) -> tuple[ReadPosition, ...]:
        """A user's positions in the chats from ``first`` to ``last``, in the order of ``MembershipStore.of_user``."""


class ReactionStore(Protocol):
    """Emoji at messages: each user's each emoji once."""

    async def add(self, chat_id: str, position: Position, reaction: Reaction) -> Outcome:
        """Puts its user's reaction to the message that was read as ``position``, which counts it."""

    async def remove(self, chat_id: str, position: Position, reaction: Reaction) -> Outcome:
        """Takes a reaction away from it."""

    async def between(self, chat_id: str, oldest: Position, newest: Position, limit: int) -> tuple[Reaction, ...]:
        """The reactions at ``oldest``, at ``newest`` and at all messages between them; message by message."""

    async def purge(self, chat_id: str, position: Position) -> None:
        """Removes the reactions at a deleted message."""


class EventStore(Protocol):
    """Events that were performed and must not be again."""

    async def read(self, connection_id: str, event_id: str) -> Performed | None:
        """What was performed under an id of a connection."""

    async def remember(self, performed: Performed) -> None:
        """Keeps what was performed, whatever was there."""

    async def forget(self, connection_id: str, event_id: str) -> None:
        """Removes what was performed; nothing happens when it is gone."""


class SecretStore(Protocol):
    """Random keys that all processes share and nobody configures."""

    async def get_or_make(self, name: str, candidate: str) -> str:
        """The kept value; ``candidate`` becomes it when there is none."""


class Store(Protocol):
    """All of storage."""

    @property
    def chats(self) -> ChatStore: ...
    @property
    def memberships(self) -> MembershipStore: ...
    @property
    def blocks(self) -> BlockStore: ...
    @property
    def invites(self) -> InviteStore: ...
    @property
    def users(self) -> UserStore: ...
    @property
    def presence(self) -> PresenceStore: ...
    @property
    def slots(self) -> SlotStore: ...
    @property
    def messages(self) -> MessageStore: ...
    @property
    def reads(self) -> ReadStore: ...
    @property
    def reactions(self) -> ReactionStore: ...
    @property
    def events(self) -> EventStore: ...
    @property
    def secrets(self) -> SecretStore: ...

    def sweep(self) -> Sweep:
        """Scans of everything, for the clean-up alone."""

    async def ping(self) -> None:
        """Raises Unavailable when storage does not answer."""


# What CONNECTIONS_PER_USER may be at most, so that all of a user's are known; bounds what they can cost others.
CONNECTIONS_LIMIT = 100
# More endings than this are no crowd but a backlog; the clean-up and the next readers find the rest.
ENDINGS_LIMIT = 20
# The most reactions that a message can have; bounds what they cost whoever reads it.
REACTIONS_LIMIT = 100
