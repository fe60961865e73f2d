"""The two worlds of the model test: everything in memory, or Azurite and the Web PubSub stand-in.

Each play starts with a new world. Plays always use the same ids, so that they can be repeated; so each play has tables
and a hub with names of their own.
"""

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any, Protocol

import aiohttp
from azure.core.credentials import AzureKeyCredential
from azure.data.tables.aio import TableServiceClient

from shared.adapters.client_options import CLIENT_OPTIONS
from shared.adapters.pubsub import PubSub
from shared.adapters.tables.store import TableStore
from shared.ports.sender import Payload, Sender
from shared.ports.store import Store
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import settings

END = {"chatEvent": "end", "data": ""}
PRIVATE_KEY = ("private-chats", "00" * 32)
RIGHTS = ("sendToGroup", "joinLeaveGroup")


class World(Protocol):
    """A store, a sender, and the externally visible state of its connections, which are called c1, c2 …"""

    # The number of steps between full comparisons, each of which takes a few hundred requests in the real world.
    steps_between_looks: int

    @property
    def store(self) -> Store: ...

    @property
    def sender(self) -> Sender: ...

    async def begin(self) -> None:
        """Starts with an empty state."""

    async def end(self) -> None:
        """Closes what it has opened."""

    async def open(self, user_id: str, roles: Sequence[str], groups: Sequence[str]) -> str:
        """Opens a connection with these rights; returns its name."""

    async def close(self, connection: str) -> None:
        """The browser closes a connection."""

    async def is_open(self, connection: str) -> bool:
        """Whether neither the browser nor the service has ended it."""

    async def heard(self, connection: str) -> list[Payload]:
        """What a connection has received since the last call; nothing if it is not open."""

    async def rights(self, connection: str, chat_id: str) -> set[str]:
        """Which of ``RIGHTS`` a connection has in a chat's group."""

    async def group(self, chat_id: str) -> set[str]:
        """The connections in a chat's group."""


class MemoryWorld:
    """Over ``MemoryStore`` and ``MemorySender``."""

    steps_between_looks = 1

    async def begin(self) -> None:
        self.store, self.sender = MemoryStore(), MemorySender()
        self._numbers = itertools.count(1)
        await self.store.secrets.get_or_make(*PRIVATE_KEY)

    async def end(self) -> None:
        return

    async def open(self, user_id: str, roles: Sequence[str], groups: Sequence[str]) -> str:
        connection = f"c{next(self._numbers)}"
        self.sender.open(connection, user_id, roles, groups)
        return connection

    async def close(self, connection: str) -> None:
        self.sender.close(connection)

    async def is_open(self, connection: str) -> bool:
        return connection in self.sender.users

    async def heard(self, connection: str) -> list[Payload]:
        return self.sender.heard.pop(connection, []) if await self.is_open(connection) else []

    async def rights(self, connection: str, chat_id: str) -> set[str]:
        given = zip(RIGHTS, (self.sender.rights, self.sender.visits), strict=True)
        return {right for right, holders in given if (connection, chat_id) in holders}

    async def group(self, chat_id: str) -> set[str]:
        return set(self.sender.groups[chat_id])


class OwnTables:
    """A storage account in which a play has its own tables."""

    def __init__(self, service: TableServiceClient, play: int) -> None:
        self._service, self._play = service, play
        self.close = service.close

    def get_table_client(self, name: str) -> Any:
        return self._service.get_table_client(f"play{self._play}{name}")


class Renamed:
    """A sender that uses the play's names of connections."""

    def __init__(self, sender: PubSub, names: dict[str, str]) -> None:
        self._sender, self._names = sender, names

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._sender, name)

        async def renamed(*arguments: Any, **named: Any) -> Any:
            return await call(*(self._translated(one) for one in arguments), **named)

        return renamed

    def _translated(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._translated(one) for one in value]
        return self._names.get(value, value) if isinstance(value, str) else value


class RealWorld:
    """Over Azurite and the stand-in, through the adapters that production uses."""

    steps_between_looks = 4
    _plays = itertools.count(1)

    def __init__(self, azurite: str, stand_in: str) -> None:
        self._azurite, self._stand_in = azurite, stand_in

    async def begin(self) -> None:
        play = next(self._plays)
        service = TableServiceClient.from_connection_string(self._azurite, **CLIENT_OPTIONS)
        self.store = TableStore(OwnTables(service, play))  # type: ignore[arg-type]
        chosen = settings(PUBSUB_CONNECTION_STRING=self._stand_in)
        credential = AzureKeyCredential(chosen.pubsub_access_key)
        self._pubsub = PubSub(chosen.pubsub_endpoint, f"play{play}", credential)
        self._ids: dict[str, str] = {}
        self._sockets: dict[str, aiohttp.ClientWebSocketResponse] = {}
        self.sender: Any = Renamed(self._pubsub, self._ids)
        self._session = aiohttp.ClientSession()
        await self.store.secrets.get_or_make(*PRIVATE_KEY)

    async def end(self) -> None:
        await asyncio.gather(*(socket.close() for socket in self._sockets.values()))
        await self._session.close()
        await self._pubsub.close()
        await self.store.close()

    async def open(self, user_id: str, roles: Sequence[str], groups: Sequence[str]) -> str:
        access = await self._pubsub.client_access(user_id, roles, groups)
        socket = await self._session.ws_connect(access.url, protocols=["json.webpubsub.azure.v1"])
        connection_id = (await socket.receive_json())["connectionId"]
        # No await since the count, because others open connections concurrently.
        name = f"c{len(self._ids) + 1}"
        self._ids[name], self._sockets[name] = connection_id, socket
        return name

    async def close(self, connection: str) -> None:
        await self._sockets[connection].close()
        # The service ends the connection when it reads the closing frame, before it answers it.
        assert not await self.is_open(connection)

    async def is_open(self, connection: str) -> bool:
        return bool(await self._pubsub._client.connection_exists(self._ids[connection]))

    async def heard(self, connection: str) -> list[Payload]:
        socket = self._sockets[connection]
        # Messages arrive in order, so all have arrived when a message of our own does, or when the socket closes.
        await self._pubsub._client.send_to_connection(self._ids[connection], END)
        found: list[Payload] = []
        while not socket.closed:
            received = await socket.receive()
            frame: dict[str, Any] = received.json() if received.type is aiohttp.WSMsgType.TEXT else {"type": "closed"}
            if frame["type"] == "message" and frame["data"] == END:
                break
            if frame["type"] == "message":
                found.append(frame["data"])
        return found

    async def rights(self, connection: str, chat_id: str) -> set[str]:
        has, connection_id = self._pubsub._client.has_permission, self._ids[connection]
        answers = await asyncio.gather(*(has(right, connection_id, target_name=chat_id) for right in RIGHTS))
        return {right for right, answer in zip(RIGHTS, answers, strict=True) if answer}

    async def group(self, chat_id: str) -> set[str]:
        names = {connection_id: name for name, connection_id in self._ids.items()}
        listed = self._pubsub._client.list_connections(group=chat_id)
        return {names[member.connection_id] async for member in listed}
