"""Ways in which one user can overload the system, each in an endless loop: ``python -m bench.abusers NAME URL``.

It runs as a separate process with the lowest priority: it stands for a user elsewhere, whose work takes no CPU time
from the stack. Refusals are expected and ignored. It prints a line when it begins, and uses the API like a browser.
"""

import asyncio
import os
import sys
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from itertools import cycle
from typing import Any

import aiohttp
import uvloop

from bench.talker import Refused, Talker
from tests.stack import provider_cookie

BEGUN = "begun"
# The user whose chats were filled beforehand, for expensive reads.
COLLECTOR = "mallory"
EMOJI = ("👍", "❤️", "😂", "🎉", "😮", "😢")
# Just below the limit of the Functions host.
BODY = b'{"userName": "' + b"x" * 99_000_000 + b'"}'
# The pause between two rounds, so that this process is not the bottleneck.
BREATH_SECONDS = 0.01

Round = Callable[[], Awaitable[object]]
Work = Coroutine[Any, Any, None]


class Person:
    """A user with one session and as many connections as they are allowed."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url, self.http = url, http
        self.lines: list[Talker] = []

    async def come(self) -> None:
        """Signs in as a guest, over a first connection."""
        self.lines.append(self._line())
        await self.lines[0].sign_in("Mallory")

    async def connect(self, connections: int) -> None:
        """Opens connections up to this total, or as many of them as are allowed."""
        for _ in range(connections - 1):
            line = self._line()
            with suppress(aiohttp.ClientError, Refused):
                await line.connect()
                self.lines.append(line)

    def _line(self) -> Talker:
        return Talker(self.http, self.url, lambda *_: None)

    async def chat(self) -> str:
        """Signs in, creates a chat and returns its id."""
        await self.come()
        chat_id = str(uuid.uuid4())
        await self.lines[0].event("createChat", {"id": chat_id, "name": "Noise"}, chat_id)
        return chat_id

    async def get(self, path: str) -> None:
        async with self.http.get(f"{self.url}/api/{path}") as answer:
            await answer.read()

    async def post_guest(self, body: bytes) -> None:
        async with self.http.post(
            f"{self.url}/api/guest", data=body, headers={"Content-Type": "application/json"}
        ) as it:
            await it.read()


async def without_end(*rounds: Round) -> None:
    """Repeats the rounds in order forever, ignoring refusals."""
    for one in cycle(rounds):
        with suppress(Refused, aiohttp.ClientError, ConnectionError):
            await one()
        await asyncio.sleep(BREATH_SECONDS)


async def joining(person: Person, _: Person) -> Sequence[Work]:
    chat, line = await person.chat(), person.lines[0]
    await person.connect(100)
    return [without_end(lambda: line.event("joinChat", chat)) for _ in range(5)]


async def toggling(person: Person, other: Person) -> Sequence[Work]:
    # Another user's chat, so that it does not end when the last member leaves.
    chat = await other.chat()
    await person.come()
    await person.connect(20)

    def toggle(line: Talker) -> Work:
        return without_end(lambda: line.event("joinChat", chat), lambda: line.event("leaveChat", {"chatId": chat}))

    return [toggle(line) for line in person.lines]


async def saving(person: Person, _: Person) -> Sequence[Work]:
    chat = await person.chat()
    await person.connect(250)

    def save(line: Talker) -> Work:
        return without_end(
            lambda: line.event("saveMessage", {"chatId": chat, "id": str(uuid.uuid4()), "message": "Noise"})
        )

    return [save(line) for line in person.lines]


async def idling(person: Person, _: Person) -> Sequence[Work]:
    await person.come()
    await person.connect(20)

    def idle(line: Talker) -> Work:
        return without_end(lambda: line.event("userEnterIdle", ""), lambda: line.event("userExitIdle", ""))

    # All connections concurrently, because a user with one active connection is not idle.
    return [idle(line) for line in person.lines]


async def reacting(person: Person, _: Person) -> Sequence[Work]:
    chat, message = await person.chat(), str(uuid.uuid4())
    await person.connect(20)
    await person.lines[0].event("saveMessage", {"chatId": chat, "id": message, "message": "Here"})

    def react(line: Talker, emoji: str) -> Work:
        about = {"chatId": chat, "id": message, "emoji": emoji}
        return without_end(
            lambda: line.event("react", {**about, "on": True}), lambda: line.event("react", {**about, "on": False})
        )

    return [react(line, emoji) for line, emoji in zip(person.lines, cycle(EMOJI), strict=False)]


async def opening(person: Person, other: Person) -> Sequence[Work]:
    await person.come()
    await other.come()
    await person.connect(12)
    target = {"targetUserId": other.lines[0].user_id}

    def open_it(line: Talker) -> Work:
        return without_end(lambda: line.event("createPrivateChat", target))

    return [open_it(line) for line in person.lines]


async def searching(person: Person, _: Person) -> Sequence[Work]:
    as_collector(person)
    return [without_end(lambda: person.get("search?q=nowhere")) for _ in range(20)]


async def loading(person: Person, _: Person) -> Sequence[Work]:
    as_collector(person)

    def load(path: str) -> Work:
        return without_end(lambda: person.get(path))

    return [load(path) for path in ("me/chats", "chats", "users") for _ in range(10)]


async def inflating(person: Person, _: Person) -> Sequence[Work]:
    return [without_end(lambda: person.post_guest(BODY)) for _ in range(3)]


async def arriving(person: Person, _: Person) -> Sequence[Work]:
    return [without_end(lambda: person.post_guest(b'{"userName": "Mallory"}')) for _ in range(20)]


def as_collector(person: Person) -> None:
    person.http.headers.update(
        {"Cookie": "; ".join(f"{k}={v}" for k, v in provider_cookie(COLLECTOR, "Mallory").items())}
    )


# By name: a description, and the function that returns the work.
ABUSES: Mapping[str, tuple[str, Callable[[Person, Person], Awaitable[Sequence[Work]]]]] = {
    "joining": ("100 connections, one keeps joining", joining),
    "toggling": ("20 connections join and leave", toggling),
    "saving": ("250 connections save into one chat", saving),
    "idling": ("20 connections go idle and back", idling),
    "reacting": ("20 connections react", reacting),
    "opening": ("12 connections open one private chat", opening),
    "searching": ("20 searches at a time", searching),
    "loading": ("30 loads of lists at a time, in 400 chats", loading),
    "inflating": ("3 bodies of 99 MB at a time", inflating),
    "arriving": ("20 new guests at a time", arriving),
}


async def run(name: str, url: str) -> None:
    async with AsyncExitStack() as exits:

        async def session() -> aiohttp.ClientSession:
            # `unsafe`, so that aiohttp accepts the cookies of `localhost`.
            jar = aiohttp.CookieJar(unsafe=True)
            unbounded = aiohttp.TCPConnector(limit=0)
            return await exits.enter_async_context(aiohttp.ClientSession(cookie_jar=jar, connector=unbounded))

        works = await ABUSES[name][1](Person(url, await session()), Person(url, await session()))
        print(BEGUN, flush=True)
        await asyncio.gather(*works)


if __name__ == "__main__":
    os.nice(19)
    uvloop.run(run(sys.argv[1], sys.argv[2]))
