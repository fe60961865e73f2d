"""Storing messages: the history of each chat."""

from enum import Enum
from typing import Protocol

from shared.model.records import Head, Message, MessageHead, Position


class Outcome(Enum):
    """What a change that depends on a read came to.

    ALREADY: nothing to do. STALE: something has changed since the read. BARRED: the user may not write there
    (``MessageStore.admit``).
    """

    DONE = "done"
    ALREADY = "already"
    STALE = "stale"
    BARRED = "barred"


class MessageStore(Protocol):
    """The history of chats. A deleted message is on no page, but keeps its id and its position.

    Every change checks in its transaction that its user is admitted, so none can slip past the end of a membership.
    """

    async def admit(self, chat_id: str, user_id: str) -> None:
        """Lets a user change a chat's history from now on."""

    async def bar(self, chat_id: str, user_id: str) -> None:
        """Ends that. A change that the user has begun and not written yet comes to BARRED."""

    async def head(self, chat_id: str) -> Head:
        """The end of the history."""

    async def save(self, chat_id: str, message: Message, head: Head) -> Outcome:
        """Appends a message of its author to the history.

        ALREADY when its id is taken, STALE when ``head`` is no longer the end.
        """

    async def position(self, chat_id: str, message_id: str) -> Position | None:
        """The position of a message, even of a deleted one."""

    async def at(self, chat_id: str, position: Position) -> Message | None:
        """The message at a position; None when it is deleted."""

    async def edit(self, chat_id: str, position: Position, message: Message) -> Outcome:
        """Replaces a message of its author; STALE when anything about it has changed since ``position`` was read."""

    async def delete(self, chat_id: str, position: Position, user_id: str) -> Outcome:
        """Deletes a message; STALE when anything about it has changed since ``position`` was read.

        ``user_id`` is empty for the clean-up, which needs no admission.
        """

    async def forget(self, chat_id: str, position: Position) -> bool:
        """Removes everything about a message, even its id; False when anything about it has changed."""

    async def newest(self, chat_id: str, before: Position | None, limit: int) -> tuple[Message, ...]:
        """The newest messages, or the newest before ``before``; newest first."""

    async def following(self, chat_id: str, after: Position | None, limit: int) -> tuple[Message, ...]:
        """The messages right after ``after``, or the first of all; oldest first."""

    async def heads(self, chat_id: str, behind: Position, limit: int) -> tuple[MessageHead, ...]:
        """Who wrote the newest messages after ``behind``, which may be any position; newest first."""

    async def purge(self, chat_id: str, limit: int) -> bool:
        """Deletes up to ``limit`` rows of a deleted chat; True when none are left."""
