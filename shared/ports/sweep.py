"""What the clean-up asks of storage: everything of a kind, whoever it belongs to. Nobody else may ask such things.

Each is a scan of a whole table, in its order, read a page at a time. Implemented by ``adapters/tables/sweep.py`` and,
for tests, in memory. Every step may raise ``errors.Unavailable``. Must not know what is to go.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from shared.model.records import Block, Ending, Member, Membership, Position, ReadPosition, Slot


@dataclass(frozen=True)
class OldProfile:
    """A profile that was not written for long."""

    user_id: str
    version: str


@dataclass(frozen=True)
class Revoked:
    """A user whose proofs from before ``time`` do not count."""

    user_id: str
    time: int
    version: str


@dataclass(frozen=True)
class OldInvite:
    """An invite that has ended."""

    chat_id: str
    version: str


class Sweep(Protocol):
    """Scans of everything that is stored."""

    def profiles(self, prefix: str, before: int) -> AsyncIterator[OldProfile]:
        """Profiles of users whose ids start with ``prefix``, last written before a time (microseconds)."""

    def revoked(self) -> AsyncIterator[Revoked]:
        """All users who were signed out for good."""

    def memberships(self, user_id: str = "") -> AsyncIterator[Membership]:
        """All memberships, also those being ended; of one user if named."""

    def blocks(self) -> AsyncIterator[Block]:
        """All blocks, in any state."""

    def reads(self) -> AsyncIterator[ReadPosition]:
        """All read positions."""

    def invites(self, before: int) -> AsyncIterator[OldInvite]:
        """Invites that ended before a time (microseconds)."""

    def connections(self) -> AsyncIterator[tuple[str, str]]:
        """User id and connection id of all connections that are remembered."""

    def slots(self) -> AsyncIterator[tuple[str, Slot]]:
        """User id and slot of all slots that are taken."""

    def members_of_deleted(self) -> AsyncIterator[tuple[str, Member]]:
        """Chat id and member of those who are still in a deleted chat."""

    def endings(self, before: int) -> AsyncIterator[tuple[str, Ending]]:
        """Chat id and ending of all members' ends last taken up before a time (microseconds)."""

    def chats_with_messages(self) -> AsyncIterator[str]:
        """Ids of chats of which any message is kept."""

    async def count_messages(self, chat_id: str, limit: int) -> int:
        """How many rows, at most ``limit``, the messages of a chat take."""

    def messages(self, before: int) -> AsyncIterator[tuple[str, Position]]:
        """Chat id and place of all messages, also deleted ones, from before a time (microseconds)."""

    def events(self, before: int) -> AsyncIterator[tuple[str, str]]:
        """Connection id and event id of all events performed before a time (microseconds)."""
