"""Model-based test: random plays with all events by several users and tabs, in memory and over the real parts.

Users come and go, and do what they may and may not, concurrently, while calls to storage and Web PubSub fail, answers
get lost, processes are killed and events are redelivered. Calls go to several instances with different clocks. After
each step, the stored state must be one that the model allows (``model/outcomes.py``), and everything visible must agree
with it (``model/comparison.py``). The plays are always the same;
``MODEL_EXAMPLES=5000 pytest tests/backend/races/test_model.py -k memory`` runs more and different ones. A failure is
printed as a reproducible list of steps.
"""

import asyncio
import os
from collections.abc import Coroutine, Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from shared.wire.events import FROM_BROWSER
from tests.backend.model.cast import MADE, MESSAGES_EACH, PRIVATE, USERS, message_id
from tests.backend.model.director import Fault
from tests.backend.model.ends import gather, others_read, possible
from tests.backend.model.play import Play
from tests.backend.model.service import ATTEMPTS, Sending, Tab, next_event
from tests.backend.model.worlds import MemoryWorld, RealWorld, World

user = st.sampled_from(USERS)
number = st.integers(0, 9)
made = st.sampled_from(MADE)
chat = st.sampled_from(MADE * 3 + PRIVATE)
message = st.tuples(chat, st.integers(0, MESSAGES_EACH - 1)).map(lambda one: {"chatId": one[0], "id": message_id(*one)})
text = st.sampled_from(["hi", "ho"])

EVENTS = {
    "userConnected": st.just({}),
    "userEnterIdle": st.just({}),
    "userExitIdle": st.just({}),
    "createChat": st.fixed_dictionaries(
        {
            "id": made,
            "name": st.sampled_from(["Tea", "Cake"]),
            "kind": st.sampled_from(["public", "public", "group"]),
            "moderated": st.sampled_from([False, False, True]),
        }
    ),
    "joinChat": chat,
    "leaveChat": st.fixed_dictionaries({"chatId": chat}),
    "deleteChat": chat,
    "removeMember": st.fixed_dictionaries({"chatId": chat, "userId": user}),
    "createInvite": st.fixed_dictionaries({"chatId": made}),
    # The index of a shared invite link.
    "acceptInvite": st.fixed_dictionaries({"token": number}),
    "createPrivateChat": st.fixed_dictionaries({"targetUserId": user}),
    "blockUser": st.fixed_dictionaries({"userId": user}),
    "unblockUser": st.fixed_dictionaries({"userId": user}),
    "saveMessage": st.tuples(message, text).map(lambda one: {**one[0], "message": one[1]}),
    "editMessage": st.tuples(message, text).map(lambda one: {**one[0], "message": one[1]}),
    "deleteMessage": message,
    "react": st.tuples(message, st.booleans()).map(lambda one: {**one[0], "emoji": "👍", "on": one[1]}),
    "markRead": message,
}
# Acts that bring people and messages together are more frequent.
OFTEN = ("createChat", "joinChat", "joinChat", "saveMessage")
EVENT = st.sampled_from([*EVENTS, *OFTEN]).flatmap(lambda name: st.tuples(st.just(name), EVENTS[name]))
NO_LINK = f"{MADE[0]}.nothing"

FAULT = st.builds(Fault, at=st.integers(1, 14), answer_lost=st.booleans(), for_good=st.booleans())
# All attempts of the service fail half-way: the event is abandoned.
GIVEN_UP = FAULT.map(lambda fault: [fault, *[Fault(at=1, for_good=True)] * 3])
# Web PubSub's REST API fails for longer than the service retries.
GONE = [Fault(at=1, for_good=True, rest_only=True)] * ATTEMPTS
FAULTS: st.SearchStrategy[list[Fault]] = st.one_of(
    st.just([]),
    st.lists(FAULT, min_size=1, max_size=3),
    st.lists(FAULT, min_size=4, max_size=4),
    GIVEN_UP,
    st.just(GONE),
)
CHOICES = st.lists(st.integers(0, 5), max_size=60)
DOES = st.tuples(number, EVENT, FAULTS, st.booleans())
OPENS = st.tuples(user)
READS = st.tuples(st.sampled_from(["me/chats", "me/blocked", "chats", "users"]), user, st.one_of(st.none(), FAULT))
CROWD = st.lists(st.one_of(DOES, DOES, READS, OPENS), min_size=2, max_size=3)


class Machine(RuleBasedStateMachine):
    """Each rule is a step of a play; ``Play`` compares the states after each step."""

    def __init__(self, runner: asyncio.Runner, world: World) -> None:
        super().__init__()
        self._runner, self._failed = runner, False
        self.play = Play(world)
        self._run(self.play.begin())
        self.asking: list[tuple[str, Any, str]] = []

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return self._runner.run(work)
        except BaseException:
            self._failed = True
            raise

    def teardown(self) -> None:
        try:
            if not self._failed:
                self._run(self.play.settle())
        finally:
            self._runner.run(self.play.end())

    def tab(self, index: int) -> Tab | None:
        tabs = self.play.open_tabs
        return tabs[index % len(tabs)] if tabs else None

    def sending(self, tab: Tab, event: tuple[str, Any], faults: Sequence[Fault]) -> Sending:
        name, data = event
        if name == "acceptInvite":
            links = self.play.links or [NO_LINK]
            data = {"token": links[data["token"] % len(links)]}
        return next_event(tab, name, data, faults=faults)

    async def opens(self, user: str, given: Any, state: str, faults: Sequence[Fault]) -> None:
        tab = await self.play.open(user, given, state)
        await self.play.step([[next_event(tab, "userConnected", {}, faults=faults)]])

    @initialize()
    def everybody_comes(self) -> None:
        for user in USERS:
            self.opens_a_tab(user, [])

    @rule(user=user, faults=FAULTS)
    def opens_a_tab(self, user: str, faults: Sequence[Fault]) -> None:
        async def open_it() -> None:
            await self.opens(user, *await self.play.ask_to_connect(user), faults)

        self._run(open_it())

    @rule(user=user)
    def asks_to_connect(self, user: str) -> None:
        self.asking.append((user, *self._run(self.play.ask_to_connect(user))))

    @rule(says_hello=st.booleans())
    def a_connection_that_asked_is_opened(self, says_hello: bool) -> None:
        if not self.asking:
            return
        asked = self.asking.pop(0)
        self._run(self.opens(*asked, []) if says_hello else self.play.open(*asked))

    @rule(index=number, faults=FAULTS, lost=st.booleans())
    def closes_a_tab(self, index: int, faults: Sequence[Fault], lost: bool) -> None:
        if tab := self.tab(index):
            self._run(self.close(tab, faults, lost))

    async def close(self, tab: Tab, faults: Sequence[Fault], lost: bool) -> None:
        await self.play.close(tab)
        lost_for_good = [Fault(at=1, for_good=True)] * ATTEMPTS
        gone = next_event(tab, "disconnected", {}, system=True, faults=lost_for_good if lost else faults)
        await self.play.step([[gone]])

    @rule(index=number, event=EVENT, faults=FAULTS)
    def does(self, index: int, event: tuple[str, Any], faults: Sequence[Fault]) -> None:
        if tab := self.tab(index):
            self._run(self.play.step([[self.sending(tab, event, faults)]]))

    @rule(crowd=CROWD, choices=CHOICES)
    def at_once(self, crowd: Any, choices: Sequence[int]) -> None:
        """Two or three users act, read or open a tab; the service may time out and retry."""
        works: dict[Tab, list[Sending]] = {}
        doubles: dict[Tab, Sending] = {}
        beside = []
        for one in crowd:
            match one:
                case (user,):
                    beside.append(self.play.opens_meanwhile(user))
                case (address, user, fault):
                    beside.append(self.play.reads(address, user, fault))
                case (index, event, faults, twice) if tab := self.tab(index):
                    works.setdefault(tab, []).append(self.sending(tab, event, faults))
                    if twice:
                        doubles[tab] = works[tab][0].once_more()
        # The service sends the next event of a connection only after the previous one has finished.
        again = [[double] for tab, double in doubles.items() if len(works[tab]) == 1]
        self._run(self.play.step([*works.values(), *again[:1]], choices, beside))

    @rule(reads=READS)
    def somebody_reads(self, reads: Any) -> None:
        self._run(self.play.step([], beside=[self.play.reads(*reads)], check=False))

    @rule(index=st.integers(0, 30))
    def an_event_is_delivered_again_later(self, index: int) -> None:
        sent = [sending for sending in self.play.sent if not sending.system or sending.name == "disconnected"]
        if sent:
            self._run(self.play.step([[sent[-1 - index % len(sent)].once_more()]]))

    @rule(index=number, faults=FAULTS)
    def tries_again(self, index: int, faults: Sequence[Fault]) -> None:
        if self.play.unfinished:
            self._run(self.play.try_again(self.play.unfinished[index % len(self.play.unfinished)], faults))

    @rule(index=number)
    def others_read_where_an_end_was_given_up(self, index: int) -> None:
        ends = [act for act in self.play.unfinished if act.event in ("leaveChat", "removeMember", "deleteChat")]
        if ends:
            self._run(others_read(self.play, ends[index % len(ends)]))

    @rule(index=number, event=st.sampled_from(["leaveChat", "removeMember", "deleteChat"]))
    def an_end_meets_web_pubsub_that_is_away(self, index: int, event: str) -> None:
        """An end of a membership in a full chat meets a fault, then others read: too rare by chance alone."""
        self._run(self.ends_in_vain(index, event))

    async def ends_in_vain(self, index: int, event: str) -> None:
        await gather(self.play)
        ends = possible(self.play, event)
        if not ends:
            return
        tab, event, data = ends[index % len(ends)]
        await self.play.step([[next_event(tab, event, data, faults=GONE)]])
        given_up = [act for act in self.play.unfinished if (act.event, act.data) == (event, data)]
        if given_up:
            await others_read(self.play, given_up[-1])

    @rule()
    def everybody_looks(self) -> None:
        self._run(self.play.look())

    @rule()
    def all_pages_load_anew(self) -> None:
        self._run(self.play.refresh())

    @rule()
    def ghosts_expire(self) -> None:
        self._run(self.play.expire())


def test_the_plays_have_every_event() -> None:
    assert set(EVENTS) == {event.name for event in FROM_BROWSER}


def played(world: World, examples: int, steps: int) -> None:
    more = os.environ.get("MODEL_EXAMPLES")
    chosen = settings(
        max_examples=int(more or examples),
        derandomize=more is None,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    with asyncio.Runner() as runner:

        class InThisWorld(Machine):
            def __init__(self) -> None:
                super().__init__(runner, world)

        run_state_machine_as_test(InThisWorld, settings=chosen)


def test_in_memory_whatever_happens_is_what_the_model_allows() -> None:
    played(MemoryWorld(), examples=120, steps=30)


def test_over_the_real_parts_whatever_happens_is_what_the_model_allows(azurite: str, stand_in: str) -> None:
    played(RealWorld(azurite, stand_in), examples=12, steps=15)
