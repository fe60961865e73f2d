"""A person who does everything, records what was acknowledged, and retries what got no answer."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp

from tests.chaos.facts import Fact, Facts, Said
from tests.stack import session

SUBPROTOCOL = "json.webpubsub.azure.v1"
PATIENCE_SECONDS = 45.0
TRIES = 3
# A connection must not receive messages of a chat this long after the end of its membership was acknowledged.
GRACE_SECONDS = 1.0
EMOJI = "👍"


class Unanswered(Exception):
    """A call got no answer, so its result is unknown."""


class Person:
    """A person. ``rooms`` are all chats with their owners, shared by all people."""

    def __init__(self, origin: str, name: str, facts: Facts, rooms: dict[str, str], chance: random.Random) -> None:
        self._origin, self.name, self._facts, self._rooms, self._chance = origin, name, facts, rooms, chance
        self.id, self._number = "", 0
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._acks: dict[int, asyncio.Future[bool]] = {}
        self._errors: dict[str, str] = {}
        self.connection = ""

    # Connections

    async def come(self) -> None:
        self.http = session()
        async with self.http.post(f"{self._origin}/api/guest", json={"userName": self.name}) as answer:
            assert answer.status == 200, await answer.text()
            self.id = (await answer.json())["userId"]
        await self.connect()

    async def get(self, path: str) -> Any:
        """The JSON response of ``/api/<path>``, retried until there is one; None if it is refused."""
        began = time.monotonic()
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self.http.get(f"{self._origin}/api/{path}", timeout=aiohttp.ClientTimeout(20)) as answer:
                    self._noted(began)
                    if answer.status == 200:
                        return await answer.json()
                    if answer.status == 401:
                        self._facts.lost.append(f"{self.name} is not signed in any more")
                    if answer.status in (401, 403, 404):
                        return None
            self._facts.counted["calls without an answer, asked again"] += 1
            await asyncio.sleep(0.3)

    async def connect(self) -> None:
        while True:
            access = await self.get("getToken")
            # A TypeError means that the connection ended before its first message.
            with suppress(aiohttp.ClientError, TimeoutError, TypeError, Unanswered):
                self._socket = await self.http.ws_connect(access["url"], protocols=[SUBPROTOCOL])
                self.connection = (await self._socket.receive_json(timeout=10))["connectionId"]
                self._reading = asyncio.create_task(self._read(self._socket))
                if not await self._event("userConnected", {}):
                    self._facts.counted["connections"] += 1
                    return
            await asyncio.sleep(0.5)

    async def close(self) -> None:
        if self._socket:
            await self._socket.close()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        with suppress(aiohttp.ClientError, TypeError, ValueError):
            async for received in socket:
                frame = json.loads(received.data)
                if frame["type"] == "ack" and frame["ackId"] in self._acks:
                    if not self._acks[frame["ackId"]].done():
                        self._acks[frame["ackId"]].set_result(frame["success"])
                elif frame["type"] == "message":
                    self._hears(frame)
        for answer in self._acks.values():
            if not answer.done():
                answer.set_result(False)

    def _hears(self, frame: dict[str, Any]) -> None:
        data = frame["data"]
        if data.get("chatEvent") == "error":
            error = json.loads(data["data"])
            self._errors[error["event"]] = error["code"]
        elif frame["from"] == "group" and "chatEvent" not in data:
            said, mine = self._facts.said.get(data["id"]), self._facts.members.get((self.id, frame["group"]))
            if said and mine and mine.value is False and said.sent > mine.since + GRACE_SECONDS:
                self._facts.lost.append(f"{self.name} hears {data['id']} {said.sent - mine.since:.1f} s after the end")

    async def _asked(self, frame: dict[str, Any]) -> bool:
        assert self._socket
        number = len(self._acks) + 1
        answer = self._acks[number] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_str(json.dumps({**frame, "ackId": number}))
            async with asyncio.timeout(PATIENCE_SECONDS):
                return bool(await answer)
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            return False

    async def _event(self, name: str, data: Any) -> str:
        """The code of a refusal, empty for success. Raises Unanswered."""
        self._errors.pop(name, None)
        began = time.monotonic()
        kind = "text" if isinstance(data, str) else "json"
        done = await self._asked({"type": "event", "event": name, "dataType": kind, "data": data})
        code = self._errors.pop(name, "")
        if not done or code == "Unavailable":
            raise Unanswered
        self._noted(began)
        return code

    def _noted(self, began: float) -> None:
        self._facts.counted["operations"] += 1
        self._facts.longest = max(self._facts.longest, time.monotonic() - began)

    async def does(self, name: str, data: Any) -> str:
        """Sends an event, and retries over a new connection if it was not answered. Raises Unanswered."""
        for _ in range(TRIES):
            with suppress(Unanswered):
                code = await self._event(name, data)
                if code == "TooManyRequests":
                    await asyncio.sleep(2)
                    continue
                return code
            self._facts.counted["events without an answer, sent again"] += 1
            if self._socket is None or self._socket.closed:
                await self.connect()
        raise Unanswered

    async def settles(self, fact: Fact, value: object, name: str, data: Any) -> str | None:
        """Changes a fact; returns the code of a refusal, None if unknown."""
        before, since = fact.value, fact.since
        fact.value, fact.asked = None, True
        try:
            code = await self.does(name, data)
        except Unanswered:
            return None
        finally:
            fact.asked = False
        if code:
            # If the power was cut during the call, this fact was not marked as uncertain.
            fact.value, fact.since = None if self._facts.may_be_gone(since) else before, since
        else:
            fact.is_now(value)
        return code

    # What people do

    async def lives(self, stopping: asyncio.Event) -> None:
        acts: list[Callable[[], Awaitable[None]]] = [self.says] * 8
        acts += [self.edits, self.deletes, self.reacts, self.reads, self.reads, self.looks, self.idles]
        acts += [self.comes_or_goes, self.comes_or_goes, self.removes, self.makes_or_ends, self.reconnects, self.meets]
        while not stopping.is_set():
            if self._socket is None or self._socket.closed:
                await self.connect()
            with suppress(Unanswered):
                await self._chance.choice(acts)()
            await asyncio.sleep(self._chance.uniform(0.05, 0.3))

    def _my_rooms(self) -> list[str]:
        return [room for room in self._rooms if self._place(room).value is True and self._lives(room)]

    def _lives(self, room: str) -> bool:
        return self._facts.living[room].value is True

    def _place(self, room: str) -> Fact:
        return self._facts.members.setdefault((self.id, room), Fact(False))

    async def says(self) -> None:
        """Sends to any chat. If the person is not a member, it must be refused."""
        mine = self._my_rooms()
        outside = [room for room in self._rooms if self._lives(room) and self._place(room).value is False]
        rooms = outside if outside and self._chance.random() < 0.1 else mine
        if not rooms:
            return
        room = self._chance.choice(rooms)
        place, message_id = self._place(room), str(uuid.uuid4())
        was_out, since = place.value is False, place.since
        self._number += 1
        said = self._facts.said[message_id] = Said(room, self.id, self._number, time.monotonic())
        text = f"number {self._number}"
        if place.value is True:
            shown = {"id": message_id, "message": text, "fromUserId": self.id}
            await self._asked({"type": "sendToGroup", "group": room, "dataType": "json", "data": shown, "noEcho": True})
        code = await self.settles(said.kept, True, "saveMessage", {"chatId": room, "id": message_id, "message": text})
        if code:
            said.kept.is_now(False)
        elif code is not None:
            said.text.is_now(text)
            if was_out and place.value is False and place.since == since:
                self._facts.lost.append(f"{self.name} speaks in {room} and is not in it")

    def _a_message(self, mine: bool) -> tuple[str, Said] | None:
        rooms = set(self._my_rooms())
        found = [
            (message_id, one)
            for message_id, one in list(self._facts.said.items())[-200:]
            if one.kept.value is True and one.room in rooms and (one.author == self.id or not mine)
        ]
        return self._chance.choice(found) if found else None

    async def edits(self) -> None:
        if found := self._a_message(mine=True):
            message_id, said = found
            text = f"edited {uuid.uuid4()}"
            data = {"chatId": said.room, "id": message_id, "message": text}
            await self.settles(said.text, text, "editMessage", data)

    async def deletes(self) -> None:
        if found := self._a_message(mine=True):
            await self.settles(found[1].kept, False, "deleteMessage", {"chatId": found[1].room, "id": found[0]})

    async def reacts(self) -> None:
        if found := self._a_message(mine=False):
            message_id, said = found
            fact, on = said.reactions.setdefault(self.id, Fact(False)), self._chance.random() < 0.7
            await self.settles(fact, on, "react", {"chatId": said.room, "id": message_id, "emoji": EMOJI, "on": on})

    async def reads(self) -> None:
        if found := self._a_message(mine=False):
            message_id, said = found
            fact = self._facts.read.setdefault((self.id, said.room), Fact(()))
            before = fact.value
            # The furthest position counts.
            all_read = (*before, message_id) if isinstance(before, tuple) else None
            await self.settles(fact, all_read, "markRead", {"chatId": said.room, "id": message_id})

    async def looks(self) -> None:
        for path in ("me/chats", "chats", "users"):
            await self.get(path)
        if rooms := self._my_rooms():
            room = self._chance.choice(rooms)
            await self.get(f"chats/{room}/messages")
            await self.get(f"chats/{room}/members")

    async def idles(self) -> None:
        await self.does("userEnterIdle", {})
        await self.does("userExitIdle", {})

    async def comes_or_goes(self) -> None:
        """Joins or leaves a chat of somebody else. An owner never leaves, since the chat would be handed over."""
        rooms = [room for room, owner in self._rooms.items() if owner not in (self.id, "") and self._lives(room)]
        if not rooms:
            return
        room = self._chance.choice(rooms)
        place = self._place(room)
        if place.value is True and self._chance.random() < 0.4:
            self._forgets(self.id, room)
            await self.settles(place, False, "leaveChat", {"chatId": room})
        elif place.value is not True and not place.asked:
            await self.settles(place, True, "joinChat", room)

    async def removes(self) -> None:
        rooms = [room for room, owner in self._rooms.items() if owner == self.id and self._lives(room)]
        if not rooms:
            return
        room = self._chance.choice(rooms)
        others = [user for (user, at), one in self._facts.members.items() if at == room and one.value is True]
        if others := [user for user in others if user != self.id]:
            other = self._chance.choice(others)
            self._forgets(other, room)
            place = self._facts.members[other, room]
            await self.settles(place, False, "removeMember", {"chatId": room, "userId": other})

    def _forgets(self, user: str, room: str) -> None:
        """The read position ends with the membership, and unread counts start over."""
        self._facts.read[user, room] = Fact(None)

    async def makes_or_ends(self) -> None:
        mine = [room for room, owner in self._rooms.items() if owner == self.id and self._lives(room)]
        if len(mine) > 2:
            room = mine[0]
            await self.settles(self._facts.living[room], False, "deleteChat", room)
            return
        room = str(uuid.uuid4())
        self._facts.living[room] = Fact()
        place = self._place(room)
        self._rooms[room] = self.id
        name = f"Room of {self.name} {len(self._rooms)}"
        if await self.settles(place, True, "createChat", {"id": room, "name": name}) == "":
            self._facts.living[room].is_now(True)

    async def meets(self) -> None:
        """Opens a private chat, which the other person finds in their list."""
        others = sorted({user for user, _ in self._facts.members} - {self.id})
        if others:
            await self.does("createPrivateChat", {"targetUserId": self._chance.choice(others)})

    async def reconnects(self) -> None:
        await self.close()
        await self.connect()
