"""What the rules ask of the storage of presence: open connections, and who is online because of them."""

from typing import Protocol

from shared.model.records import Connection, OnlineUser, Page

# What CONNECTIONS_PER_USER may be at most, so that all of a user's are known; bounds what they can cost others.
CONNECTIONS_LIMIT = 100


class PresenceStore(Protocol):
    """Open connections and who is online because of them."""

    async def put_connection(self, user_id: str, connection: Connection) -> None:
        """Remembers a connection, or changes it."""

    async def set_idle(self, user_id: str, connection: Connection) -> bool:
        """Changes a connection that is remembered; False when it is not."""

    async def drop_connection(self, user_id: str, connection_id: str) -> None:
        """Forgets a connection; nothing happens when it is not remembered."""

    async def connections(self, user_id: str) -> tuple[Connection, ...]:
        """A user's connections, at most CONNECTIONS_LIMIT."""

    async def appear(self, user: OnlineUser) -> OnlineUser | None:
        """Remembers that a user is online; returns it with its version, None when it was known."""

    async def online(self, user_id: str) -> OnlineUser | None:
        """A user who is online."""

    async def update(self, user: OnlineUser) -> OnlineUser | None:
        """Rewrites a user who is online; returns it with its new version, None when it changed since it was read."""

    async def vanish(self, user: OnlineUser) -> bool:
        """Forgets that a user is online; False when the row changed since it was read, or is gone."""

    async def all_online(self, after: str, limit: int) -> Page[OnlineUser]:
        """Users who are online, in a stable order, those behind user id ``after``."""
