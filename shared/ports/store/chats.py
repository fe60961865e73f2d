"""Storing chats and their members."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from shared.model.records import Chat, Ending, Member, Page, Roster

# More endings than this are no crowd but a backlog; the clean-up and the next readers find the rest.
ENDINGS_LIMIT = 20


class Addition(Enum):
    """What adding a member came to."""

    ADDED = "added"
    ALREADY = "already"
    GONE = "gone"


class ChatStore(Protocol):
    """Chats and their members."""

    async def create(self, chat: Chat, members: Sequence[Member]) -> bool:
        """Inserts a chat with its first members in one transaction; False when the id was ever used."""

    async def read(self, chat_id: str) -> Chat | None:
        """The chat, even if it is deleted; None when the id was never used."""

    async def member(self, chat_id: str, user_id: str) -> Member | None:
        """One member."""

    async def roster(self, chat_id: str, limit: int) -> Roster | None:
        """The chat, even if it is deleted, with its first ``limit`` members."""

    async def members(self, chat_id: str, after: str, limit: int) -> Page[Member]:
        """A page of a chat's members, empty if there is no such chat. The cursor is a user id."""

    async def add(self, chat_id: str, member: Member) -> Addition:
        """Adds a member; GONE when the chat is deleted or never existed."""

    async def remove(self, chat_id: str, member: Member) -> bool:
        """Removes a member; False when the member's row has changed."""

    async def take_out(self, chat_id: str, member: Member, ending: Ending) -> Ending | None:
        """Removes a member and inserts ``ending`` in one transaction; None when the member's row has changed."""

    async def hand_over(self, chat: Chat, leaver: Member, heir: Member, ending: Ending) -> Ending | None:
        """Does the same for the owner, and makes ``heir`` the owner; None when any of the three rows has changed."""

    async def ending(self, chat_id: str, user_id: str) -> Ending | None:
        """What is left to do after a member was taken out."""

    async def take_up(self, chat_id: str, ending: Ending) -> Ending | None:
        """Updates an ending, which claims it; None when it has changed."""

    async def close(self, chat_id: str, ending: Ending) -> bool:
        """Deletes an ending that is finished; False when it has changed."""

    async def delete(self, roster: Roster, unless_joined: bool, at: int = 0) -> bool:
        """Marks a chat as deleted; False when it has changed or, with ``unless_joined``, somebody has joined."""

    async def take_up_deletion(self, chat: Chat, at: int) -> bool:
        """Updates when a deletion was last taken up, which claims it; False when the chat has changed."""

    async def purge_members(self, chat_id: str, limit: int) -> tuple[Member, ...]:
        """Deletes up to ``limit`` members of a deleted chat and returns them."""

    async def list_publicly(self, chat_id: str) -> None:
        """Puts the chat into the public directory."""

    async def unlist(self, chat_id: str) -> None:
        """Takes the chat out of the public directory."""

    async def listed(self, after: str, limit: int) -> Page[str]:
        """A page of the chat ids in the public directory. The cursor is a chat id."""
