"""Storing reactions."""

from typing import Protocol

from shared.model.records import Position, Reaction
from shared.ports.store.messages import Outcome

# The most reactions that a message can have, which limits what reading them costs.
REACTIONS_LIMIT = 100


class ReactionStore(Protocol):
    """Reactions to messages. Each user can add each emoji once."""

    async def add(self, chat_id: str, position: Position, reaction: Reaction) -> Outcome:
        """Adds a reaction of its user to a message, and counts it in the message's position."""

    async def remove(self, chat_id: str, position: Position, reaction: Reaction) -> Outcome:
        """Removes a reaction of its user from a message."""

    async def between(self, chat_id: str, oldest: Position, newest: Position, limit: int) -> tuple[Reaction, ...]:
        """The reactions to all messages from ``oldest`` to ``newest``, message by message."""

    async def purge(self, chat_id: str, position: Position) -> None:
        """Deletes the reactions to a deleted message."""
