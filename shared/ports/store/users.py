"""Storing users: their profiles, and since when their cookies and tokens are revoked."""

from typing import Protocol

from shared.model.records import Profile


class UserStore(Protocol):
    """Everybody who has ever signed in."""

    async def read(self, user_id: str) -> Profile | None:
        """A user's profile."""

    async def put(self, profile: Profile) -> None:
        """Inserts or replaces a profile."""

    async def forget(self, user_id: str, version: str) -> bool:
        """Deletes a profile; False when it has changed."""

    async def revoke(self, user_id: str, time: int) -> None:
        """Revokes all cookies and tokens of a user from before ``time`` (microseconds)."""

    async def revoked(self, user_id: str) -> int:
        """That time; 0 if nothing was revoked."""

    async def forget_revoked(self, user_id: str, version: str) -> bool:
        """Deletes that mark; False when it has changed."""
