"""What the rules ask of the storage of reactions."""

from typing import Protocol

from shared.model.records import Position, Reaction
from shared.ports.store.messages import Outcome

# The most reactions that a message can have; bounds what they cost whoever reads it.
REACTIONS_LIMIT = 100


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
