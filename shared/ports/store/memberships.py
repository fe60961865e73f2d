"""What the rules ask of the storage of memberships: which chats a user belongs to."""

from typing import Protocol

from shared.model.records import Held, Membership, Page


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
