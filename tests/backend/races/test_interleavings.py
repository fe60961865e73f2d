"""Random events of several users and tabs, in random interleavings: afterwards the stored rows are consistent.

As with the service, events of one connection run one after another, and those of different connections concurrently.
"""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.errors import Refusal
from shared.rules.chats import own_list
from tests.backend.slow import SlowSender, SlowStore
from tests.backend.stage import Player, Stage

USERS = ("Ann", "Bob", "Cat")
CHATS = ("11111111-2222-4333-8444-000000000001", "11111111-2222-4333-8444-000000000002")
A_WHILE = 60

ACTS = st.tuples(
    st.integers(0, 5),
    st.sampled_from(["create", "join", "join", "leave", "leave", "delete", "remove", "private", "idle", "back", "tab"]),
    st.sampled_from(CHATS),
    st.integers(0, 2),
)
BATCHES = st.lists(st.lists(ACTS, min_size=1, max_size=5), min_size=1, max_size=6)


@dataclass
class Play:
    """Three users with two tabs each, and one who only watches."""

    stage: Stage
    watcher: Player
    tabs: list[Player]
    chance: random.Random
    open: list[bool] = field(default_factory=lambda: [True] * 6)

    async def act(self, number: int, what: str, chat_id: str, other: int) -> None:
        tab = self.tabs[number]
        if what == "tab" or not self.open[number]:
            await self.toggle(number)
            return
        target = self.tabs[2 * other].id
        event, data = {
            "create": ("createChat", {"id": chat_id, "name": "Tea"}),
            "join": ("joinChat", chat_id),
            "leave": ("leaveChat", {"chatId": chat_id}),
            "delete": ("deleteChat", chat_id),
            "remove": ("removeMember", {"chatId": chat_id, "userId": target}),
            "private": ("createPrivateChat", {"targetUserId": target}),
            "part": ("leaveChat", {"chatId": self.private_chat_of(tab)}),
            "idle": ("userEnterIdle", ""),
            "back": ("userExitIdle", ""),
        }[what]
        try:
            await tab.does(event, data)
        except Refusal:
            return

    def private_chat_of(self, tab: Player) -> str:
        mine = [chat_id for user, chat_id in self.stage.memory.memberships.rows if user == tab.id]
        return next((chat_id for chat_id in mine if chat_id.startswith("private_")), CHATS[0])

    async def toggle(self, number: int) -> None:
        """Closes the tab, or opens it again as a new connection."""
        if self.open[number]:
            self.open[number] = False
            await self.tabs[number].closes()
        else:
            tab = await self.tabs[number].connecting_tab(self.a_while)
            if tab.is_open():
                await tab.does("userConnected", {})
                self.tabs[number], self.open[number] = tab, True

    async def a_while(self) -> None:
        """A wait that is longer than most of the others' acts."""
        for _ in range(self.chance.randrange(A_WHILE)):
            await asyncio.sleep(0)

    async def batch(self, acts: list[tuple[int, str, str, int]]) -> None:
        by_tab = defaultdict(list)
        for act in acts:
            by_tab[act[0]].append(act)

        async def in_turn(own: list[tuple[int, str, str, int]]) -> None:
            for act in own:
                await self.act(*act)

        await asyncio.gather(*(in_turn(own) for own in by_tab.values()))

    async def check(self) -> None:
        await self.check_chats()
        self.check_presence()

    async def check_chats(self) -> None:
        store = self.stage.memory
        users = {tab.id for tab in self.tabs}
        for chat in list(store.chats.rows.values()):
            members = set(store.chats.people[chat.id])
            places = {user for user in users if (user, chat.id) in store.memberships.rows}
            if chat.deleted:
                assert members == set() and chat.id not in store.chats.directory
                for user in users:
                    page = await own_list.page(self.stage.backend, user, "")
                    assert chat.id not in {one.id for one in page.items}
            else:
                assert members == places
                assert chat.kind == "private" or chat.owner in members
            assert not store.chats.endings[chat.id]
            self.check_rights(chat.id, members)

    def check_rights(self, chat_id: str, members: set[str]) -> None:
        """Asserts that only members can send and receive, over any connection."""
        sender = self.stage.sender
        outsiders = {connection for connection, user in sender.users.items() if user not in members}
        assert not outsiders & sender.groups[chat_id]
        assert not {(outsider, chat_id) for outsider in outsiders} & (sender.rights | sender.visits)

    def check_presence(self) -> None:
        for number, tab in enumerate(self.tabs[::2]):
            mine = [self.tabs[2 * number + at] for at in (0, 1) if self.open[2 * number + at]]
            row = self.stage.memory.presence.rows.get(tab.id)
            assert (row is not None and not row.gone) == bool(mine)
            said = [
                one["chatEvent"]
                for one in self.stage.sender.heard[self.watcher.connection]
                if tab.id in str(one["data"])
            ]
            said = [name for name in said if name in ("userOnline", "userOffline")]
            assert said[-1] == ("userOnline" if mine else "userOffline")


async def played(batches: list[list[tuple[int, str, str, int]]], seed: int, at_once: bool) -> Play:
    chance = random.Random(seed)
    stage = Stage(SlowStore(chance), SlowSender(chance))
    watcher = await stage.user("Watcher")
    first = [await stage.user(name) for name in USERS]
    play = Play(stage, watcher, [tab for player in first for tab in (player, await player.another_tab())], chance)
    for batch in batches:
        if at_once:
            await play.batch(batch)
            await play.check()
        else:
            for act in batch:
                await play.act(*act)
    return play


@settings(max_examples=150, deadline=None)
@given(batches=BATCHES, seed=st.integers(0, 10_000))
def test_whatever_happens_at_the_same_time_both_sides_of_every_membership_agree(
    batches: list[list[tuple[int, str, str, int]]], seed: int
) -> None:
    asyncio.run(played(batches, seed, at_once=True))


@settings(max_examples=100, deadline=None)
@given(batches=BATCHES)
def test_one_after_another_every_tab_of_a_member_and_no_other_may_speak(
    batches: list[list[tuple[int, str, str, int]]],
) -> None:
    play = asyncio.run(played(batches, 0, at_once=False))
    for chat_id, people in play.stage.memory.chats.people.items():
        for tab, is_open in zip(play.tabs, play.open, strict=True):
            if is_open and tab.id not in people:
                assert not tab.may_speak_in(chat_id) and not tab.hears(chat_id)
    asyncio.run(play.check())


# What such plays found once: a chat made while its maker left it in another tab came back half, and a chat
# handed to somebody who was just leaving was left without its owner.
PLAYS = 1_500
CROWDS = {
    "made, joined, left and deleted": ["create", "join", "leave", "delete", "remove"],
    "opened by two": ["private", "private", "private", "part", "tab"],
    "entered over new connections": ["create", "join", "remove", "leave", "tab", "tab"],
}


@pytest.mark.parametrize("crowd", CROWDS)
def test_a_crowd_around_one_chat_leaves_it_whole(crowd: str) -> None:
    """The same plays every time, with all acts in one chat, so that they often conflict."""
    for seed in range(PLAYS):
        chance = random.Random(seed)
        batches = [crowded(chance, CROWDS[crowd]) for _ in range(chance.randint(1, 3))]
        asyncio.run(played(batches, seed, at_once=True))


def crowded(chance: random.Random, acts: list[str]) -> list[tuple[int, str, str, int]]:
    count = chance.randint(1, 4)
    return [(chance.randrange(6), chance.choice(acts), CHATS[0], chance.randrange(3)) for _ in range(count)]
