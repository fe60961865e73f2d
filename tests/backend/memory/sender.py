"""Web PubSub in memory, for tests of rules. It passes the same contract as the REST client (``test_sender_contract``).

``rights`` are permissions to send to a group, ``visits`` to join and leave it. ``heard`` is what each connection has
received, ``calls`` are the calls of the sender; ``before_call`` is the same hook as in the store.
"""

from collections import defaultdict
from collections.abc import Sequence

from shared.ports.sender import ClientAccess, Payload
from tests.backend.memory.part import BeforeCall, Turn, nothing, straight_on


class MemorySender:
    """Implements ``ports.sender.Sender``. ``open`` opens a connection, and ``close`` ends it."""

    # The same hook as in the store.
    turn: Turn = staticmethod(straight_on)

    def __init__(self, before_call: BeforeCall = nothing) -> None:
        self.before_call = before_call
        self.users: dict[str, str] = {}
        self.groups: dict[str, set[str]] = defaultdict(set)
        self.rights: set[tuple[str, str]] = set()
        self.visits: set[tuple[str, str]] = set()
        self.heard: dict[str, list[Payload]] = defaultdict(list)
        self.calls: list[str] = []

    def open(self, connection_id: str, user_id: str, roles: Sequence[str] = (), groups: Sequence[str] = ()) -> None:
        self.users[connection_id] = user_id
        for group in groups:
            self.groups[group].add(connection_id)
        for role in roles:
            _, right, chat_id = role.split(".")
            (self.rights if right == "sendToGroup" else self.visits).add((connection_id, chat_id))

    def close(self, connection_id: str) -> None:
        self.users.pop(connection_id, None)
        for members in self.groups.values():
            members.discard(connection_id)
        self.rights = {right for right in self.rights if right[0] != connection_id}
        self.visits = {right for right in self.visits if right[0] != connection_id}

    def of(self, user_id: str) -> set[str]:
        return {connection for connection, owner in self.users.items() if owner == user_id}

    async def to_everyone(self, payload: Payload, but: Sequence[str] = ()) -> None:
        await self._call("to_everyone")
        self._deliver(set(self.users) - set(but), payload)

    async def to_chat(self, chat_id: str, payload: Payload, but: Sequence[str] = ()) -> None:
        await self._call("to_chat")
        self._deliver(self.groups[chat_id] - set(but), payload)

    async def to_user(self, user_id: str, payload: Payload) -> None:
        await self._call("to_user")
        self._deliver(self.of(user_id), payload)

    async def enter(self, chat_id: str, user_id: str) -> None:
        await self._call("enter")
        self.groups[chat_id] |= self.of(user_id)

    async def exit(self, chat_id: str, user_id: str) -> None:
        await self._call("exit")
        self.groups[chat_id] -= self.of(user_id)

    async def allow(self, connection_id: str, chat_id: str) -> None:
        await self._call("allow")
        if connection_id in self.users:
            self.rights.add((connection_id, chat_id))
            self.visits.add((connection_id, chat_id))

    async def admit(self, connection_id: str, chat_id: str) -> None:
        await self._call("admit")
        if connection_id in self.users:
            self.visits.add((connection_id, chat_id))

    async def mute(self, connection_id: str, chat_id: str) -> None:
        await self._call("mute")
        self.rights.discard((connection_id, chat_id))

    async def forbid(self, connection_id: str, chat_id: str) -> None:
        await self._call("forbid")
        self.rights.discard((connection_id, chat_id))
        self.visits.discard((connection_id, chat_id))

    async def end(self, connection_id: str) -> None:
        await self._call("end")
        self.close(connection_id)

    async def end_others(self, user_id: str, but: Sequence[str]) -> None:
        await self._call("end_others")
        for connection in self.of(user_id) - set(but):
            self.close(connection)

    async def is_open(self, connection_id: str) -> bool:
        await self._call("is_open")
        return connection_id in self.users

    async def is_connected(self, user_id: str) -> bool:
        await self._call("is_connected")
        return bool(self.of(user_id))

    async def client_access(self, user_id: str, roles: Sequence[str], groups: Sequence[str]) -> ClientAccess:
        await self._call("client_access")
        token = f"{user_id}|{','.join(roles)}|{','.join(groups)}"
        return ClientAccess(f"ws://memory/client/hubs/chat?access_token={token}", "ws://memory/client/hubs/chat", token)

    async def ping(self) -> None:
        await self._call("ping")

    async def _call(self, name: str) -> None:
        await self.turn()
        self.calls.append(name)
        self.before_call(f"sender.{name}")

    def _deliver(self, connections: set[str], payload: Payload) -> None:
        for connection in connections:
            self.heard[connection].append(payload)
