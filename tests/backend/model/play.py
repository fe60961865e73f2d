"""A play: users with tabs, the service between them and the webhook, and the model.

A step delivers events, concurrently if there are several, and checks that the resulting state of the chats is allowed.
``comparison`` compares everything else.
"""

from collections import defaultdict
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

from shared.backend import Backend
from shared.flow.deadline import ABANDONED_AFTER
from shared.model.clock import SECOND
from tests.backend.function_calls import call, principal, send_event
from tests.backend.model import comparison, observed
from tests.backend.model.cast import USERS
from tests.backend.model.chats import Act, Chats, chat_of
from tests.backend.model.director import REST, Attempt, Director, Fault, attempt
from tests.backend.model.instances import Instances
from tests.backend.model.outcomes import explained, outcomes, tried_before
from tests.backend.model.page import Lists, Page
from tests.backend.model.service import Sending, Service, Tab, next_event
from tests.backend.model.worlds import World
from tests.backend.stage import Clock, settings, without_waiting

# The time between two steps, in which rate limits recover.
STEP_SECONDS = 10
# Events that do not concern the model of the chats.
PRESENCE_EVENTS = ("userConnected", "userEnterIdle", "userExitIdle", "connected", "disconnected")
# Presence is checked if it was not confirmed for a minute; this is longer than a step takes.
GHOST_SECONDS = 90


class Play:
    """A play. ``unfinished`` are the abandoned acts since the last read."""

    def __init__(self, world: World) -> None:
        self.world, self.director, self.clock = world, Director(), Clock()
        self.service = Service(world, self.director, lambda: self.instances.next())
        self.chats = Chats()
        self.tabs: list[Tab] = []
        self.sent: list[Sending] = []
        self.links: list[str] = []
        # Acknowledged read positions, by user and chat.
        self.read: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.unfinished: list[Act] = []
        self.lies: list[str] = []
        self._steps = 0
        self._opening: list[list[Sending]] = []

    async def begin(self) -> None:
        await self.world.begin()
        store, sender = self.director.directs(self.world.store), self.director.directs(self.world.sender, REST)
        self.instances = Instances(Backend(settings(), store, sender, self.clock, pause=without_waiting))
        self.instances.begin()
        for user in USERS:
            await self.get("getToken", user)

    async def end(self) -> None:
        self.instances.end()
        await self.world.end()

    # What users and the service do

    @property
    def open_tabs(self) -> list[Tab]:
        return [tab for tab in self.tabs if tab.open]

    async def get(self, address: str, user: str) -> Any:
        self.instances.next()
        answer = await call("GET", address, principal(user, user.title()))
        assert answer.status == 200, f"GET {address} of {user}: {answer.status} {answer.body!r}"
        return answer.json()

    async def ask_to_connect(self, user: str) -> tuple[Any, str]:
        """Calls ``connect``; returns the answer and the connection's state."""
        self.instances.next()
        answer = await send_event("connect", {"claims": {}}, user, "asking", system=True)
        assert answer.status == 200
        return answer.json(), answer.headers["ce-connectionstate"]

    async def open(self, user: str, given: Any, state: str) -> Tab:
        """Opens a connection with the rights that the backend gave it."""
        connection = await self.world.open(user, given["roles"], given["groups"])
        tab = Tab(user, connection, state, Page(user))
        self.tabs.append(tab)
        await self.step([[next_event(tab, "connected", {}, system=True)]], check=False)
        return tab

    async def close(self, tab: Tab) -> None:
        await self.world.close(tab.connection)
        tab.open = False

    async def opens_meanwhile(self, user: str) -> None:
        """Opens a connection, from ``connect`` to ``userConnected``, concurrently with other acts."""
        attempt.set(Attempt())
        given, state = await self.ask_to_connect(user)
        connection = await self.director.call("open", self.world.open, user, given["roles"], given["groups"])
        tab = Tab(user, connection, state, Page(user))
        self.tabs.append(tab)
        for name, system in (("connected", True), ("userConnected", False)):
            if await self.director.call("is_open", self.world.is_open, connection):
                self._opening.append([next_event(tab, name, {}, system)])
                await self.service.deliver_all(self._opening[-1])

    async def reads(self, address: str, user: str, fault: Fault | None) -> None:
        """A user reads, possibly with a fault. The next reader repairs what this one could not."""
        now = Attempt(fault)
        attempt.set(now)
        self.instances.next()
        answer = await call("GET", address, principal(user, user.title()))
        assert answer.status == 200 or (answer.status == 503 and now.failed), f"GET {address}: {answer.status}"

    async def try_again(self, act: Act, faults: Sequence[Fault] = ()) -> None:
        """The user repeats an abandoned act."""
        tab = next((tab for tab in self.open_tabs if tab.user == act.user), None)
        if tab is None:
            tab = await self.open(act.user, *await self.ask_to_connect(act.user))
        if act in self.unfinished:
            await self.step([[next_event(tab, act.event, act.data, faults=faults)]])

    # One step: events at the same time, then quiet, then comparison

    async def step(
        self,
        works: Sequence[Sequence[Sending]],
        choices: Sequence[int] = (),
        beside: Sequence[Coroutine[Any, Any, None]] = (),
        check: bool = True,
    ) -> None:
        """Delivers events: those of one work in order, all works concurrently, and ``beside`` them other calls."""
        self.clock.pass_seconds(STEP_SECONDS)
        alone = len(works) == len(works[0]) == 1 and not beside if works else False
        self.director.before_send = self._witness if alone else None
        await self.director.at_once([*(self.service.deliver_all(work) for work in works), *beside], choices)
        self.director.before_send = None
        coming = {sending.tab.connection for work in self._opening for sending in work}
        works, self._opening = [*works, *self._opening], []
        everything = [sending for work in works for sending in work]
        self.sent += [sending for sending in everything if not sending.repeated]
        for sending in everything:
            self._count(sending)
        await self._resolve(works)
        await self.hear(once=alone and not everything[0].faults)
        await self._bury(coming)
        assert not self.lies, self.lies
        self._steps += 1
        # Reading settles what is unfinished, so it is delayed, so that other events meet it first.
        if check and not self.unfinished and self._steps % self.world.steps_between_looks == 0:
            await self.look()

    async def look(self) -> None:
        """Everybody reads their chats and who is online. After that nothing may be unsettled."""
        # Nobody may exceed the rate limit.
        self.clock.pass_seconds(STEP_SECONDS)
        if self.unfinished:
            # So late that abandoned work can be taken over. A user's read may change what others have read before.
            self.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
            await self.lists()
            self.unfinished.clear()
        await comparison.everything(self)

    async def lists(self) -> dict[str, Lists]:
        """The lists that each user's page would load now."""
        public = (await self.get("chats", USERS[0]))["chats"]
        users = (await self.get("users", USERS[0]))["users"]
        for user in USERS:
            blocked = (await self.get("me/blocked", user))["users"]
            assert set(blocked) == {other for one, other in self.chats.blocks if one == user}
        # That has finished what was begun.
        self.chats.unsettled.clear()
        mine = {user: (await self.get("me/chats", user))["chats"] for user in USERS}
        # Reading finishes abandoned work, including the end of a connection.
        await self._bury(set())
        return {user: Lists(public, mine[user], users) for user in USERS}

    async def _witness(self, payload: dict[str, Any]) -> None:
        if not await observed.is_true(self.world.store, payload):
            self.lies.append(f"{payload} was told and is not stored")

    def _count(self, sending: Sending) -> None:
        """Applies an event to the expected presence."""
        tab, known = sending.tab, sending.answer is not None
        if sending.noticed:
            return
        match sending.name:
            case "userConnected" if tab.open or not known:
                tab.counted, tab.idle = (True, False) if known else (None, None)
                if sending.repeated:
                    # The event about the sender is in the answer, which was lost.
                    tab.page.unsure_people.add(tab.user)
            case "userEnterIdle" | "userExitIdle" if tab.counted is not False:
                tab.idle = sending.name == "userEnterIdle" if known and tab.counted else None
            case "disconnected":
                tab.counted = False if known else None
        if sending.name in PRESENCE_EVENTS and None in self.online(tab.user):
            for one in self.open_tabs:
                one.page.unsure_people.add(tab.user)

    async def _resolve(self, works: Sequence[Sequence[Sending]]) -> None:
        """Finds the actual state of the chats among the allowed ones."""
        seen = await observed.chats(self.world.store)
        acts = [[act for sending in work for act in acts_of(sending, seen)] for work in works]
        found = next((one for one in outcomes(self.chats, acts) if one.as_seen() == seen.as_seen()), None)
        if found is None:
            raise AssertionError(explained(works, self.chats, seen, outcomes(self.chats, acts)))
        self.chats = found
        found.unsettled = seen.unsettled
        for act in (act for work in acts for act in work):
            self._learn_of_leaving(act)
        for sending in (one for work in works for one in work if one.refused == ""):
            self._learn(sending)
        for act in (act for work in acts for act in work if act.answer is None and not act.repeated):
            self.unfinished.append(act)
            for tab in self.open_tabs:
                tab.page.unsure_chats.add(chat_of(act))

    def _learn(self, sending: Sending) -> None:
        """The sender of a message also sends it to the group, if allowed; the creator of a link shares it."""
        if sending.name == "saveMessage":
            chat_id, message_id = sending.data["chatId"], sending.data["id"]
            room = self.chats[chat_id]
            for tab in self.open_tabs:
                if not room.moderated and message_id in room.messages and tab.user in room.members:
                    tab.page.show(chat_id, message_id, sending.data["message"])
        if sending.name == "createInvite":
            self.links.append(sending.said["token"])
        if sending.name == "markRead":
            self.read[sending.tab.user, sending.data["chatId"]].add(sending.data["id"])

    def _learn_of_leaving(self, act: Act) -> None:
        """Read positions end with the membership."""
        if act.event in ("leaveChat", "removeMember", "deleteChat"):
            for user in USERS:
                self.read.pop((user, chat_of(act)), None)

    async def hear(self, once: bool = False) -> None:
        """All pages apply what they have received; with ``once``, nothing may have arrived twice."""
        for tab in self.open_tabs:
            await self.service.hear(tab)
            heard, tab.inbox = tab.inbox, []
            if once:
                assert len(heard) == len({str(one) for one in heard}), f"{tab.connection} heard twice: {heard}"
            tab.page.hear_all(heard)

    async def _bury(self, coming: set[str]) -> None:
        """Reports the connections that the backend closed: those before or in the middle of ``userConnected``."""
        for tab in self.open_tabs:
            if not await self.world.is_open(tab.connection):
                assert tab.counted is not True or tab.connection in coming, (
                    f"{tab.connection} was ended though it is counted"
                )
                tab.open = False
                await self.step([[next_event(tab, "disconnected", {}, system=True)]], check=False)

    # What the model expects of presence

    def online(self, user: str) -> tuple[bool | None, bool | None]:
        """Whether a user is online, and whether idle; None if unknown."""
        tabs = [tab for tab in self.tabs if tab.user == user and tab.counted is not False]
        if not tabs:
            return False, False
        there = True if any(tab.counted for tab in tabs) else None
        if any(tab.counted and tab.idle is False for tab in tabs):
            return there, False
        haunted = any(tab.haunts for tab in self.tabs if tab.user == user)
        return there, True if all(tab.counted and tab.idle for tab in tabs) and not haunted else None

    async def expire(self) -> None:
        """Passes enough time for the next reader to find ghosts."""
        self.clock.pass_seconds(GHOST_SECONDS)
        listed = (await self.get("users", USERS[0]))["users"]
        for tab in self.tabs:
            if not tab.open:
                tab.haunts = (tab.haunts or tab.counted is None) and tab.user not in listed
                tab.counted = False
        await self.look()

    async def refresh(self) -> None:
        """Everybody reads, and all pages reload."""
        await self.look()
        lists = await self.lists()
        await self.hear()
        for tab in self.open_tabs:
            comparison.load(self, tab, lists[tab.user])

    async def settle(self) -> None:
        """Everybody reads, and tabs of unknown presence send ``userConnected`` again. Then nothing may be unsettled."""
        for tab in self.open_tabs:
            if tab.counted is None or tab.idle is None:
                await self.step([[next_event(tab, "userConnected", {})]], check=False)
        await self.expire()
        await self.refresh()
        await self.look()


def acts_of(sending: Sending, seen: Chats) -> list[Act]:
    """What a delivery means for the chats: an attempt that failed may have done it before the one that was answered."""
    if sending.name in PRESENCE_EVENTS:
        return []
    act = Act(sending.tab.user, sending.name, sending.data, sending.refused, sending.repeated, sending.noticed)
    if sending.name == "createInvite":
        there = seen[chat_of(act)].invite if chat_of(act) in seen else ""
        act = replace(act, secret=sending.said["token"].partition(".")[2] if act.answer == "" else there)
    return [tried_before(act), act] if sending.failed and sending.answer else [act]
