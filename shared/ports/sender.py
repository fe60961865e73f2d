"""What the rules ask of Web PubSub, by intent. Implemented by ``adapters/pubsub.py`` and, for tests, in memory.

Every method may raise ``errors.Unavailable``. A user or connection that is gone is not an error: there is nobody to
tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Payload = Mapping[str, object]
# A browser asks for a new one whenever it connects. An hour outlasts a laptop's short sleep; `connect` checks it again.
TOKEN_MINUTES = 60


@dataclass(frozen=True)
class ClientAccess:
    """What a browser needs to connect: ``url`` is ``base_url`` with ``token`` in it."""

    url: str
    base_url: str
    token: str


class Sender(Protocol):
    """The hub's connections, groups (one per chat, named by its id) and permissions."""

    async def to_everyone(self, payload: Payload, but: Sequence[str] = ()) -> None:
        """Sends to all connections except those in ``but``."""

    async def to_chat(self, chat_id: str, payload: Payload, but: Sequence[str] = ()) -> None:
        """Sends to the connections in a chat's group except those in ``but``."""

    async def to_user(self, user_id: str, payload: Payload) -> None:
        """Sends to all connections of a user."""

    async def enter(self, chat_id: str, user_id: str) -> None:
        """Puts all of a user's connections into a chat's group."""

    async def exit(self, chat_id: str, user_id: str) -> None:
        """Takes all of a user's connections out of a chat's group."""

    async def allow(self, connection_id: str, chat_id: str) -> None:
        """Lets a connection send to a chat's group, and join and leave it."""

    async def admit(self, connection_id: str, chat_id: str) -> None:
        """Lets a connection join and leave a chat's group."""

    async def mute(self, connection_id: str, chat_id: str) -> None:
        """No longer lets a connection send to a chat's group."""

    async def forbid(self, connection_id: str, chat_id: str) -> None:
        """Takes back what ``allow`` and ``admit`` gave."""

    async def end(self, connection_id: str) -> None:
        """Ends a connection."""

    async def end_others(self, user_id: str, but: Sequence[str]) -> None:
        """Ends all connections of a user except those in ``but``."""

    async def is_open(self, connection_id: str) -> bool:
        """Whether the service knows a connection. It also knows one that lost its socket and may reconnect."""

    async def is_connected(self, user_id: str) -> bool:
        """Whether the service knows any connection of a user."""

    async def client_access(self, user_id: str, roles: Sequence[str], groups: Sequence[str]) -> ClientAccess:
        """An address and a token with which a browser can connect as ``user_id``."""

    async def ping(self) -> None:
        """Raises Unavailable when the service does not answer or refuses us."""
