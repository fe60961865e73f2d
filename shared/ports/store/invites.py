"""What the rules ask of the storage of invite links."""

from typing import Protocol

from shared.model.records import Invite


class InviteStore(Protocol):
    """The invite links of groups, one each at a time."""

    async def read(self, chat_id: str) -> Invite | None:
        """The chat's invite."""

    async def add(self, chat_id: str, invite: Invite) -> bool:
        """Keeps an invite; False when there is one."""

    async def renew(self, chat_id: str, invite: Invite) -> bool:
        """Puts an invite in the place of the one that was read; False when that has changed or is gone."""

    async def drop(self, chat_id: str) -> None:
        """Forgets the chat's invite; nothing happens when there is none."""

    async def forget(self, chat_id: str, version: str) -> bool:
        """Removes an invite; False when there is another now, or none."""
