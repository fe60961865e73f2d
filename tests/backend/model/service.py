"""Plays Web PubSub towards the webhook: numbers the events of a connection, and retries after a fault.

Like the service, it makes four attempts; after that the event is abandoned, and its result is unknown.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.ports.sender import Payload
from shared.wire.events import FROM_BROWSER
from tests.backend.function_calls import Answer, send_event
from tests.backend.model.director import Attempt, Director, Fault, attempt
from tests.backend.model.page import Page
from tests.backend.model.worlds import World

ATTEMPTS = 4
ONCE = {event.name for event in FROM_BROWSER if event.once}


@dataclass(eq=False)
class Tab:
    """A user's connection and its page.

    ``counted`` says whether the backend counts it for presence, ``idle`` whether it is idle there; None if unknown.
    ``haunts``: its leftovers may still count as active.
    """

    user: str
    connection: str
    state: str
    page: Page
    open: bool = True
    counted: bool | None = False
    idle: bool | None = False
    haunts: bool = False
    numbered: int = 0
    inbox: list[Payload] = field(default_factory=list)


@dataclass
class Sending:
    """An event for the webhook; ``answer`` is None until it is answered, and if it is abandoned."""

    tab: Tab
    name: str
    data: Any
    system: bool
    number: int
    faults: Sequence[Fault] = ()
    repeated: bool = False
    noticed: bool = False
    answer: Answer | None = None
    failed: bool = False

    @property
    def reply(self) -> dict[str, str] | None:
        """The answer to the sender."""
        return self.answer.json() if self.answer and self.answer.status == 200 else None

    @property
    def said(self) -> Any:
        """The answer's JSON data."""
        assert self.reply
        return json.loads(self.reply["data"])

    @property
    def refused(self) -> str | None:
        """The code of the refusal, empty for success, None if unknown."""
        if self.answer is None:
            return None
        reply = self.reply
        return str(self.said["code"]) if reply and reply["chatEvent"] == "error" else ""

    def once_more(self) -> "Sending":
        """Another delivery of the same event, which is deduplicated if it is not idempotent."""
        noticed = self.refused == "" and self.name in ONCE
        return Sending(self.tab, self.name, self.data, self.system, self.number, repeated=True, noticed=noticed)

    async def post(self) -> Answer:
        """One call of the webhook."""
        tab = self.tab
        return await send_event(
            self.name, self.data, tab.user, tab.connection, self.system, number=str(self.number), state=tab.state
        )

    def __str__(self) -> str:
        again = " once more" if self.repeated else ""
        code = "unknown" if self.refused is None else self.refused or "ok"
        return f"{self.tab.user}@{self.tab.connection} {self.name} {self.data!r}{again}: {code}"


def next_event(tab: Tab, name: str, data: Any, system: bool = False, faults: Sequence[Fault] = ()) -> Sending:
    """The next event of a connection."""
    tab.numbered += 1
    return Sending(tab, name, data, system, tab.numbered, faults)


class Service:
    """Delivers events, each attempt to another instance, and collects what browsers receive meanwhile, in order."""

    def __init__(self, world: World, director: Director, next_instance: Callable[[], None]) -> None:
        self._world, self._director, self._next_instance = world, director, next_instance

    async def deliver_all(self, sendings: Sequence[Sending]) -> None:
        """Delivers the events of one connection in order."""
        for sending in sendings:
            await self._deliver(sending)
            attempt.set(Attempt())
            await self._director.call("hear", self.hear, sending.tab)
            if sending.reply and not sending.repeated:
                sending.tab.inbox.append(sending.reply)

    async def hear(self, tab: Tab) -> None:
        """Collects what a connection has received."""
        tab.inbox += await self._world.heard(tab.connection)

    async def _deliver(self, sending: Sending) -> None:
        """Posts an event until it is answered without a fault, or abandoned."""
        for number in range(ATTEMPTS):
            now = Attempt(sending.faults[number] if number < len(sending.faults) else None)
            attempt.set(now)
            self._next_instance()
            answer = await sending.post()
            if answer.status < 500:
                sending.tab.state = answer.headers.get("ce-connectionstate", sending.tab.state)
                if now.failed and b"Unavailable" in (answer.body or b""):
                    # On a slow machine a fault may take so long that it is reported to the sender instead of retried.
                    sending.failed = True
                    return
                sending.answer = answer
                assert answer.status < 300, f"{sending}: {answer.status} {answer.body!r}"
                return
            sending.failed = True
            assert answer.status == 503 and now.failed, f"{sending}: {answer.status} without a fault of the test's"
