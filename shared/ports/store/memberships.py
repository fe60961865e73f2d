"""Storing memberships: each user's own rows."""

from typing import Protocol

from shared.model.records import Held, Membership, Page


class MembershipStore(Protocol):
    """Which chats a user belongs to."""

    async def insert(self, membership: Membership) -> Membership | None:
        """Inserts a membership and returns it with its version; None when there is one already."""

    async def update(self, membership: Membership) -> Membership | None:
        """Updates a membership and returns it with its new version; None when it has changed."""

    async def read(self, user_id: str, chat_id: str) -> Membership | None:
        """One membership."""

    async def drop(self, membership: Membership) -> bool:
        """Deletes a membership; False when it has changed."""

    async def of_user(self, user_id: str, after: str, limit: int) -> Page[Membership]:
        """A page of a user's memberships, in any state. The cursor is a chat id."""

    async def held(self, user_id: str, but: str, limit: int) -> Held:
        """How many chats other than ``but`` the user is in, in any state, up to ``limit``; without private ones."""
