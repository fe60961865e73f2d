"""A backend behind the real stand-in. Its webhook runs in this process, so that a test controls its clock and store.

``hook.requests`` are the stand-in's requests, each of which can be sent again with ``deliver``.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web
from azure.core.credentials import AzureKeyCredential

from shared.adapters.pubsub import PubSub
from shared.backend import Backend
from shared.clients import process
from shared.ports.store import Store
from tests.backend.function_calls import Answer, call, principal
from tests.backend.stage import Clock, new_id, settings
from tests.emulator.webhook import Recorded, Webhook, webhook
from tests.running import running, stop
from tests.stack import Person
from tests.system.chatr_client import ChatrClient

ROOT = Path(__file__).parents[2]


class LivePerson(Person):
    """A user signed in with a provider, whose API calls go directly to the functions."""

    async def get(self, path: str, status: int = 200) -> dict[str, object]:
        answer = await call("GET", path, principal(self.user_id, self.name))
        assert answer.status == status, answer.body
        return dict(answer.json())


@dataclass
class Live:
    """The stand-in and the ``backend`` behind it."""

    backend: Backend
    clock: Clock
    hook: Webhook
    exits: AsyncExitStack
    http: aiohttp.ClientSession

    def use(self, backend: Backend) -> None:
        """Uses ``backend`` from now on."""
        self.backend = backend
        process.use(backend)

    def person(self, name: str) -> LivePerson:
        return LivePerson(self.http, "", f"{name.lower()}-{new_id()}", name)

    async def client(self, person: Person) -> ChatrClient:
        """A new tab of ``person``, open until the test ends."""
        return await self.exits.enter_async_context(ChatrClient.connected(person))

    async def enter(self, name: str) -> ChatrClient:
        return await self.client(self.person(name))

    async def deliver(self, recorded: Recorded) -> Answer:
        """Passes a request of the stand-in to the backend."""
        return await call("POST", "eventHandler", recorded.headers, recorded.body)


@asynccontextmanager
async def live(store: Store) -> AsyncIterator[Live]:
    """Starts the stand-in with the webhook of a backend over ``store``."""
    async with webhook() as hook:
        command = [sys.executable, "-m", "emulator", "--port", "0", "--hub", "chat", "--event-handler", hook.url]
        with running(command, cwd=ROOT) as server:
            connection = server.wait_until(
                lambda output: next((line for line in output.splitlines() if line.startswith("Endpoint=")), None)
            )
            async with AsyncExitStack() as exits:
                served = await _serving(store, connection, hook, exits)
                # It reports the end of each connection, so it stops before the backend, in a thread beside this loop.
                exits.push_async_callback(asyncio.to_thread, stop, server.process)
                yield served


async def _serving(store: Store, connection: str, hook: Webhook, exits: AsyncExitStack) -> Live:
    chosen = settings(PUBSUB_CONNECTION_STRING=connection)
    sender = PubSub(chosen.pubsub_endpoint, chosen.hub, AzureKeyCredential(chosen.pubsub_access_key))
    exits.push_async_callback(sender.close)
    clock = Clock()
    backend = Backend(chosen, store, sender, clock)
    process.use(backend)
    exits.push_async_callback(process.close)
    found = Live(backend, clock, hook, exits, await exits.enter_async_context(aiohttp.ClientSession()))

    async def answer(recorded: Recorded) -> web.Response:
        answered = await found.deliver(recorded)
        return web.Response(status=answered.status, headers=answered.headers, body=answered.body)

    hook.answer = answer
    return found
