"""What only the clean-up asks of storage: all rows of a kind, whoever they belong to.

Each method scans a whole table, page by page. Implemented by ``adapters/tables/sweep.py`` and, for tests, in memory.
Every step may raise ``errors.Unavailable``.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from shared.model.records import Block, Ending, Member, Membership, Position, ReadPosition, Slot


@dataclass(frozen=True)
class OldProfile:
    """A profile that has not been written for a long time."""

    user_id: str
    version: str


@dataclass(frozen=True)
class Revoked:
    """A user whose cookies and tokens from before ``time`` are revoked."""

    user_id: str
    time: int
    version: str


@dataclass(frozen=True)
class OldInvite:
    """An invite that has expired."""

    chat_id: str
    version: str


class Sweep(Protocol):
    """Scans of whole tables."""

    def profiles(self, prefix: str, before: int) -> AsyncIterator[OldProfile]:
        """Profiles of users whose ids start with ``prefix``, last written before a time (microseconds)."""

    def revoked(self) -> AsyncIterator[Revoked]:
        """All marks that cookies and tokens are revoked."""

    def memberships(self, user_id: str = "") -> AsyncIterator[Membership]:
        """All memberships, also those being ended; of one user if named."""

    def blocks(self) -> AsyncIterator[Block]:
        """All blocks, in any state."""

    def reads(self) -> AsyncIterator[ReadPosition]:
        """All read positions."""

    def invites(self, before: int) -> AsyncIterator[OldInvite]:
        """Invites that expired before a time (microseconds)."""

    def connections(self) -> AsyncIterator[tuple[str, str]]:
        """User id and connection id of all connections."""

    def slots(self) -> AsyncIterator[tuple[str, Slot]]:
        """User id and slot of all slots that are taken."""

    def members_of_deleted(self) -> AsyncIterator[tuple[str, Member]]:
        """Chat id and member of those who are still in a deleted chat."""

    def endings(self, before: int) -> AsyncIterator[tuple[str, Ending]]:
        """Chat id and ending of all endings that were last taken up before a time (microseconds)."""

    def chats_with_messages(self) -> AsyncIterator[str]:
        """Ids of chats that have messages."""

    async def count_messages(self, chat_id: str, limit: int) -> int:
        """How many rows, at most ``limit``, the messages of a chat take."""

    def messages(self, before: int) -> AsyncIterator[tuple[str, Position]]:
        """Chat id and position of all messages, even deleted ones, from before a time (microseconds)."""

    def events(self, before: int) -> AsyncIterator[tuple[str, str]]:
        """Connection id and event id of all events performed before a time (microseconds)."""
