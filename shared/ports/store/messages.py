"""What the rules ask of the storage of messages: the history of chats."""

from enum import Enum
from typing import Protocol

from shared.model.records import Head, Message, MessageHead, Position


class Outcome(Enum):
    """How a change that depends on a read ended: done, there already, or to be looked at again.

    BARRED: whose change it was is not among those who may write there (``MessageStore.admit``).
    """

    DONE = "done"
    ALREADY = "already"
    STALE = "stale"
    BARRED = "barred"


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
