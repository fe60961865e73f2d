"""A test set-up of users with connections over a store and a sender, which send events like the webhook."""

import itertools
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from shared.backend import Actor, Backend
from shared.dispatch import connect, disconnected, perform
from shared.model.clock import MILLISECOND, SECOND
from shared.model.errors import ChatrError
from shared.model.records import Message, Profile
from shared.ports.sender import Payload
from shared.ports.store import Store
from shared.ports.store.messages import Outcome
from shared.rules import profiles
from shared.rules.connection import slots, tokens
from shared.settings import Settings, read_settings
from shared.wire import connection_state
from shared.wire.chat_events import InviteMade, ToBrowser
from shared.wire.cloudevents import ConnectRequest
from shared.wire.connection_state import ConnectionState
from shared.wire.payloads import decode
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore

ENVIRONMENT = {
    "PUBSUB_CONNECTION_STRING": "Endpoint=http://localhost:8080;AccessKey=test-access-key-0123456789abcdef;Version=1.0;",
    "STORAGE_CONNECTION_STRING": "UseDevelopmentStorage=true",
    "EVENT_HANDLER_AUTH": "signature",
    "TRUST_SWA_PRINCIPAL": "true",
    "ALLOW_GUESTS": "true",
    "GUEST_SIGNING_KEY": "test-signing-key-0123456789abcdefgh",
}


def settings(**changes: str) -> Settings:
    return read_settings({**ENVIRONMENT, **changes})


def new_id() -> str:
    return str(uuid.uuid4())


async def keep(store: Store, chat_id: str, message: Message) -> bool:
    """Saves a message with its own time and author in a history; False if its id is taken."""
    await store.messages.admit(chat_id, message.author)
    outcome = await store.messages.save(chat_id, message, await store.messages.head(chat_id))
    assert outcome is not Outcome.STALE
    return outcome is Outcome.DONE


async def without_waiting(seconds: float) -> None:
    """A pause between retries that takes no time."""


@dataclass
class Clock:
    """A clock that a test moves. Each reading is a millisecond later than the last, so that messages differ in time."""

    time: int = 1_700_000_000 * SECOND

    def __call__(self) -> int:
        self.time += MILLISECOND
        return self.time

    def pass_seconds(self, seconds: float) -> None:
        self.time += int(seconds * SECOND)


@dataclass
class Stage:
    """A ``backend`` over memory, unless a test passes another store. ``sender`` records what connections receive."""

    store: Store = field(default_factory=MemoryStore)
    sender: MemorySender = field(default_factory=MemorySender)
    presence: str = "everyone"

    def __post_init__(self) -> None:
        self.clock = Clock()
        if isinstance(self.store, MemoryStore):
            self.store.clock = self.clock
        chosen = settings(PRESENCE=self.presence)
        self.backend = Backend(chosen, self.store, self.sender, self.clock, pause=without_waiting)
        self._numbers = itertools.count(1)
        # The id of all events from now on; if empty, each event gets a new one.
        self.event_id = ""

    async def user(self, name: str) -> "Player":
        """A user who has signed in and opened a connection."""
        profile = Profile(f"{name.lower()}-{uuid.uuid4().hex[:8]}", name, "test")
        await profiles.remember(self.backend, profile)
        player = Player(self, profile.user_id, "")
        return await player.another_tab()

    async def chat(self, owner: "Player", *others: "Player", name: str = "Tea", moderated: bool = False) -> str:
        """Creates a public chat of ``owner`` which ``others`` join, in that order."""
        chat_id = new_id()
        await owner.does("createChat", {"id": chat_id, "name": name, "moderated": moderated})
        for other in others:
            await other.does("joinChat", chat_id)
        return chat_id

    @property
    def memory(self) -> MemoryStore:
        """``store``, for tests that look at its rows."""
        assert isinstance(self.store, MemoryStore)
        return self.store

    async def members(self, chat_id: str) -> set[str]:
        roster = await self.store.chats.roster(chat_id, 1000)
        return {member.user_id for member in roster.members} if roster else set()

    async def owner(self, chat_id: str) -> str:
        chat = await self.store.chats.read(chat_id)
        return chat.owner if chat and not chat.deleted else ""


@dataclass
class Player:
    """A user on one connection."""

    stage: Stage
    id: str
    connection: str
    state: ConnectionState = connection_state.NEW

    async def another_tab(self) -> "Player":
        """The same user on another connection."""
        tab = self.silent_tab()
        await slots.take(self.stage.backend, Actor(tab.id, tab.connection))
        await tab.does("userConnected", {"userName": "hint", "userProvider": "hint"})
        return tab

    def silent_tab(self) -> "Player":
        """The same user on a connection that has not sent ``userConnected``."""
        tab = Player(self.stage, self.id, f"c{next(self.stage._numbers)}-{uuid.uuid4().hex[:6]}")
        self.stage.sender.open(tab.connection, self.id)
        return tab

    async def connecting_tab(self, while_opening: Callable[[], Awaitable[object]]) -> "Player":
        """The same user on a connection that opens some time after ``connect``, and sends no event."""
        connection = f"c{next(self.stage._numbers)}-{uuid.uuid4().hex[:6]}"
        given = await connect(self.stage.backend, Actor(self.id, connection), ConnectRequest())
        await while_opening()
        tab = Player(self.stage, self.id, connection, given.state)
        self.stage.sender.open(tab.connection, self.id, given.roles, given.groups)
        await tokens.on_connected(self.stage.backend, Actor(self.id, tab.connection, given.state))
        return tab

    def is_open(self) -> bool:
        return self.connection in self.stage.sender.users

    async def does(self, event: str, data: object = "") -> ToBrowser | None:
        """Sends an event and returns the answer; raises what the rules raise."""
        text = isinstance(data, str)
        body = data.encode() if isinstance(data, str) else json.dumps(data).encode()
        wanted = decode(event, "text/plain" if text else "application/json", body)
        by = Actor(self.id, self.connection, self.state, self.stage.event_id or new_id())
        return await perform(self.stage.backend, by, wanted)

    async def link(self, chat_id: str) -> str:
        """The token of the link by which others join a group of theirs."""
        made = await self.does("createInvite", {"chatId": chat_id})
        assert isinstance(made, InviteMade)
        return made.token

    async def code(self, event: str, data: object = "") -> str:
        """Sends an event and returns the code of its refusal; empty if it is not refused."""
        try:
            await self.does(event, data)
        except ChatrError as error:
            return error.code
        return ""

    async def closes(self) -> None:
        """Closes the connection; the service sends ``disconnected``."""
        self.stage.sender.close(self.connection)
        await disconnected(self.stage.backend, Actor(self.id, self.connection))

    def heard(self, name: str = "") -> list[Any]:
        """Takes the data of the received events ``name``, or of all events, with JSON parsed."""
        return [parsed(str(one["data"])) for one in self._take(lambda one: name in ("", one.get("chatEvent")))]

    def relayed(self) -> list[Payload]:
        """Takes the members' messages that this connection received from the backend."""
        return self._take(lambda one: "chatEvent" not in one)

    def _take(self, wanted: Callable[[Payload], bool]) -> list[Payload]:
        messages = self.stage.sender.heard[self.connection]
        self.stage.sender.heard[self.connection] = [one for one in messages if not wanted(one)]
        return [one for one in messages if wanted(one)]

    def may_visit(self, chat_id: str) -> bool:
        return (self.connection, chat_id) in self.stage.sender.visits

    def may_speak_in(self, chat_id: str) -> bool:
        return (self.connection, chat_id) in self.stage.sender.rights

    def hears(self, chat_id: str) -> bool:
        return self.connection in self.stage.sender.groups[chat_id]


def parsed(data: str) -> Any:
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        return data
