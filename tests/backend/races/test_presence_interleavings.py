"""Tabs that open, close, crash, become idle and active in random interleavings, while others read who is online.

Afterwards, a read that is late enough to detect a lost `disconnected` is right, and so is the last announcement.
"""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rules.presence import ghosts, online_list
from tests.backend.slow import SlowSender, SlowStore
from tests.backend.stage import Player, Stage

USERS = ("Ann", "Bob", "Cat")
TABS = 2
ACTS = st.tuples(
    st.integers(0, len(USERS) * TABS - 1), st.sampled_from(["turn", "turn", "crash", "idle", "back", "read"])
)
BATCHES = st.lists(st.lists(ACTS, min_size=1, max_size=6), min_size=1, max_size=6)
Act = tuple[int, str]


@dataclass
class Play:
    """Three users with two tabs each, and one who watches and reads."""

    stage: Stage
    watcher: Player
    tabs: list[Player]
    open: set[int] = field(default_factory=set)
    idle: set[int] = field(default_factory=set)

    async def act(self, number: int, what: str) -> None:
        match what:
            case "read":
                await online_list.page(self.stage.backend, self.watcher.id, "")
            case "turn" if number not in self.open:
                self.open.add(number)
                self.tabs[number] = await self.tabs[number].another_tab()
            case "turn":
                self.gone(number)
                await self.tabs[number].closes()
            case "crash":
                self.gone(number)
                self.stage.sender.close(self.tabs[number].connection)
            case "idle" if number in self.open:
                self.idle.add(number)
                await self.tabs[number].does("userEnterIdle")
            case "back" if number in self.open:
                self.idle.discard(number)
                await self.tabs[number].does("userExitIdle")

    def gone(self, number: int) -> None:
        self.open.discard(number)
        self.idle.discard(number)

    async def batch(self, acts: list[Act]) -> None:
        """The events of one tab run in order, those of different tabs concurrently, some late enough for a check."""
        by_tab = defaultdict(list)
        for number, what in acts:
            by_tab[number].append(what)

        async def in_turn(number: int, own: list[str]) -> None:
            for what in own:
                self.stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS)
                await self.act(number, what)

        await asyncio.gather(*(in_turn(number, own) for number, own in by_tab.items()))

    async def check(self) -> None:
        self.stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS)
        page = await online_list.page(self.stage.backend, self.watcher.id, "")
        found = {user.user_id: user.idle for user in page.items if user.user_id != self.watcher.id}
        assert found == self.truth()
        heard: dict[str, dict[str, bool]] = {}
        for event in self.stage.sender.heard[self.watcher.connection]:
            name, data = str(event["chatEvent"]), str(event["data"])
            for user in {tab.id for tab in self.tabs} - {""}:
                if user in data:
                    heard.setdefault(user, {}).update(said(name, data))
        assert {user: one["idle"] for user, one in heard.items() if one["online"]} == found

    def truth(self) -> dict[str, bool]:
        return {
            self.tabs[first].id: all(number in self.idle for number in mine)
            for first in range(0, len(self.tabs), TABS)
            if (mine := {first + at for at in range(TABS)} & self.open)
        }


def said(name: str, data: str) -> dict[str, bool]:
    """What an event says about the user it names."""
    return {
        "userOnline": {"online": True, "idle": '"idle":true' in data},
        "userOffline": {"online": False, "idle": False},
        "userIsIdle": {"idle": True},
        "userNotIdle": {"idle": False},
    }[name]


async def played(batches: list[list[Act]], seed: int) -> None:
    chance = random.Random(seed)
    stage = Stage(SlowStore(chance), SlowSender(chance))
    watcher = await stage.user("Watcher")
    users = [await stage.user(name) for name in USERS]
    play = Play(stage, watcher, [tab for user in users for tab in (user, await user.another_tab())])
    play.open = set(range(len(play.tabs)))
    for batch in batches:
        await play.batch(batch)
        await play.check()


@settings(max_examples=200, deadline=None)
@given(batches=BATCHES, seed=st.integers(0, 10_000))
def test_whatever_tabs_do_a_late_read_and_the_last_announcements_tell_the_truth(
    batches: list[list[Act]], seed: int
) -> None:
    asyncio.run(played(batches, seed))


PLAYS = 1_500


def test_the_tabs_of_one_user_leave_the_truth() -> None:
    """The same plays every time, with all acts by the tabs of one user, so that they often conflict."""
    for seed in range(PLAYS):
        chance = random.Random(seed)
        batches = [[crowded(chance) for _ in range(chance.randint(1, 5))] for _ in range(chance.randint(1, 4))]
        asyncio.run(played(batches, seed))


def crowded(chance: random.Random) -> Act:
    return chance.randrange(TABS), chance.choice(["turn", "turn", "crash", "idle", "back", "read"])
