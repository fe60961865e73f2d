"""Storing presence: open connections, and who is online because of them."""

from typing import Protocol

from shared.model.records import Connection, OnlineUser, Page

# The maximum of CONNECTIONS_PER_USER, so that one read finds all of a user's connections.
CONNECTIONS_LIMIT = 100


class PresenceStore(Protocol):
    """Open connections and who is online because of them."""

    async def put_connection(self, user_id: str, connection: Connection) -> None:
        """Inserts or replaces a connection."""

    async def set_idle(self, user_id: str, connection: Connection) -> bool:
        """Updates a connection; False when there is none."""

    async def drop_connection(self, user_id: str, connection_id: str) -> None:
        """Deletes a connection. Idempotent."""

    async def connections(self, user_id: str) -> tuple[Connection, ...]:
        """A user's connections, at most CONNECTIONS_LIMIT."""

    async def appear(self, user: OnlineUser) -> OnlineUser | None:
        """Inserts a user who is online and returns it with its version; None when there is one already."""

    async def online(self, user_id: str) -> OnlineUser | None:
        """A user who is online."""

    async def update(self, user: OnlineUser) -> OnlineUser | None:
        """Updates a user who is online and returns it with its new version; None when it has changed."""

    async def vanish(self, user: OnlineUser) -> bool:
        """Deletes a user who is online; False when it has changed."""

    async def all_online(self, after: str, limit: int) -> Page[OnlineUser]:
        """A page of the users who are online. The cursor is a user id."""
