"""What the rules ask of the storage of chats and their members."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from shared.model.records import Chat, Ending, Member, Page, Roster

# More endings than this are no crowd but a backlog; the clean-up and the next readers find the rest.
ENDINGS_LIMIT = 20


class Addition(Enum):
    """How adding a member ended."""

    ADDED = "added"
    ALREADY = "already"
    GONE = "gone"


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
