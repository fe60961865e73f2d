"""What the rules ask of the storage of users: who has ever signed in, and whose sign-ins were revoked."""

from typing import Protocol

from shared.model.records import Profile


class UserStore(Protocol):
    """Who has ever signed in."""

    async def read(self, user_id: str) -> Profile | None:
        """A user's profile."""

    async def put(self, profile: Profile) -> None:
        """Writes a profile, whatever was there."""

    async def forget(self, user_id: str, version: str) -> bool:
        """Removes a profile; False when it changed since it was read, or is gone."""

    async def revoke(self, user_id: str, time: int) -> None:
        """Marks that what proved to be a user before ``time`` (microseconds) does so no more."""

    async def revoked(self, user_id: str) -> int:
        """That time; 0 for whom nothing was revoked."""

    async def forget_revoked(self, user_id: str, version: str) -> bool:
        """Removes the mark; False when it changed since it was read, or is gone."""
