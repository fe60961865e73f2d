"""Storing invite links."""

from typing import Protocol

from shared.model.records import Invite


class InviteStore(Protocol):
    """The invite links of groups, at most one per group."""

    async def read(self, chat_id: str) -> Invite | None:
        """The chat's invite."""

    async def add(self, chat_id: str, invite: Invite) -> bool:
        """Inserts an invite; False when there is one already."""

    async def renew(self, chat_id: str, invite: Invite) -> bool:
        """Replaces the invite that was read; False when it has changed."""

    async def drop(self, chat_id: str) -> None:
        """Deletes the chat's invite. Idempotent."""

    async def forget(self, chat_id: str, version: str) -> bool:
        """Deletes an invite; False when there is another now, or none."""
