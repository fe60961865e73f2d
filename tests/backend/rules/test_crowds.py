"""Many callers who do the same at once: each costs only a few storage calls, and nobody is refused.

All of them take each step at the same moment, which causes the most conflicts.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from shared.flow.deadline import ABANDONED_AFTER, ANSWER_SECONDS
from shared.flow.tries import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, TRIES, tries
from shared.model.clock import SECOND
from shared.model.errors import Unavailable
from shared.rules.chats import directory, own_list
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.rounds import Rounds
from tests.backend.stage import Player, Stage, new_id, settings

CHAT, MESSAGE = new_id(), new_id()
SIZES = (12, 24)
# As many as a user may have.
CONNECTIONS = settings().connections_per_user
# Of storage, for one of many; one alone takes up to 16.
CALLS_EACH = 32

Act = Callable[[Player], Awaitable[object]]


async def tabs_of(player: Player, count: int) -> list[Player]:
    """Tabs of a player. Those beyond the limit of connections have not sent ``userConnected``."""
    counted = min(count, CONNECTIONS)
    tabs = [player, *[await player.another_tab() for _ in range(counted - 1)]]
    return [*tabs, *[player.silent_tab() for _ in range(count - counted)]]


async def two_people(stage: Stage, count: int) -> list[Player]:
    """Half of the tabs are Ann's, half Bob's."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    return [*await tabs_of(ann, count // 2), *await tabs_of(bob, count // 2)]


async def with_a_private_chat(stage: Stage, count: int) -> list[Player]:
    players = await two_people(stage, count)
    await players[0].does("createPrivateChat", {"targetUserId": players[-1].id})
    return players


async def with_a_private_chat_that_one_has_left(stage: Stage, count: int) -> list[Player]:
    players = await with_a_private_chat(stage, count)
    await players[-1].does("leaveChat", {"chatId": the_chat(players[0])})
    return players


async def outside(stage: Stage, count: int) -> list[Player]:
    """Bob's tabs, and a chat that he is not in."""
    await (await stage.user("Ann")).does("createChat", {"id": CHAT, "name": "Tea"})
    return await tabs_of(await stage.user("Bob"), count)


async def inside(stage: Stage, count: int) -> list[Player]:
    tabs = await outside(stage, count)
    await tabs[0].does("joinChat", CHAT)
    return tabs


async def owning(stage: Stage, count: int) -> list[Player]:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await ann.does("createChat", {"id": CHAT, "name": "Tea"})
    await bob.does("joinChat", CHAT)
    return await tabs_of(ann, count)


async def a_crowd(stage: Stage, count: int) -> list[Player]:
    """The given number of people in one chat with a message."""
    people = [await stage.user(f"User{number}") for number in range(count)]
    await people[0].does("createChat", {"id": CHAT, "name": "Tea"})
    for one in people[1:]:
        await one.does("joinChat", CHAT)
    await people[0].does("saveMessage", {"chatId": CHAT, "id": MESSAGE, "message": "hi"})
    return people


async def just_deleted(stage: Stage, count: int) -> list[Player]:
    """The owner has just begun to delete it, and all others leave it, as the original Chatr's client does."""
    people = await a_crowd(stage, count + 1)
    roster = await stage.store.chats.roster(CHAT, 0)
    assert roster is not None and await stage.store.chats.delete(roster, unless_joined=False, at=stage.clock())
    return people[1:]


async def many_tabs(stage: Stage, count: int) -> list[Player]:
    await stage.user("Bob")
    return await tabs_of(await stage.user("Ann"), count)


async def silent_tabs(stage: Stage, count: int) -> list[Player]:
    ann = await stage.user("Ann")
    return [ann.silent_tab() for _ in range(count)]


async def a_removal_given_up(stage: Stage, count: int) -> list[Player]:
    people = await a_crowd(stage, count)
    stage.sender.before_call = refusing
    assert await people[0].code("removeMember", {"chatId": CHAT, "userId": people[-1].id}) == "Unavailable"
    stage.sender.before_call = lambda _: None
    stage.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
    return people


def refusing(name: str) -> None:
    raise Unavailable


def the_chat(player: Player) -> str:
    return next(iter(player.stage.memory.chats.rows))


async def opens(player: Player) -> None:
    other = next(one for one in player.stage.memory.users.rows if one != player.id)
    await player.does("createPrivateChat", {"targetUserId": other})


CROWDS: dict[str, tuple[Callable[[Stage, int], Awaitable[list[Player]]], Act]] = {
    "open a private chat": (two_people, opens),
    "open a private chat that is there": (with_a_private_chat, opens),
    "open a private chat that one has left": (with_a_private_chat_that_one_has_left, opens),
    "leave a private chat": (with_a_private_chat, lambda one: one.does("leaveChat", {"chatId": the_chat(one)})),
    "make one chat": (many_tabs, lambda one: one.does("createChat", {"id": CHAT, "name": "Tea"})),
    "join as one user": (outside, lambda one: one.does("joinChat", CHAT)),
    "join as a member": (inside, lambda one: one.does("joinChat", CHAT)),
    "leave as one user": (inside, lambda one: one.does("leaveChat", {"chatId": CHAT})),
    "leave as the owner": (owning, lambda one: one.does("leaveChat", {"chatId": CHAT})),
    "all leave": (a_crowd, lambda one: one.does("leaveChat", {"chatId": CHAT})),
    "leave what was deleted": (just_deleted, lambda one: one.does("leaveChat", {"chatId": CHAT})),
    "look at their chats while one is out": (
        a_removal_given_up,
        lambda one: asyncio.gather(own_list.page(one.stage.backend, one.id, ""), directory.page(one.stage.backend, "")),
    ),
    "connect as one user": (silent_tabs, lambda one: one.does("userConnected", {})),
    "go idle as one user": (many_tabs, lambda one: one.does("userEnterIdle")),
    "react to one message": (
        a_crowd,
        lambda one: one.does("react", {"chatId": CHAT, "id": MESSAGE, "emoji": "👍", "on": True}),
    ),
    "read up to one message": (a_crowd, lambda one: one.does("markRead", {"chatId": CHAT, "id": MESSAGE})),
    "speak": (a_crowd, lambda one: one.does("saveMessage", {"chatId": CHAT, "id": new_id(), "message": "ho"})),
}


async def storage_calls(crowd: str, count: int) -> int:
    """How many storage calls it takes if this many do it, in lockstep."""
    rounds, asked = Rounds(), list[str]()
    stage = Stage(MemoryStore(asked.append), MemorySender())
    prepare, act = CROWDS[crowd]
    players = await prepare(stage, count)
    asked.clear()
    stage.memory.turn = stage.sender.turn = rounds.turn
    await rounds.count(asyncio.gather(*map(act, players)))
    return len(asked)


@pytest.mark.parametrize("crowd", CROWDS)
async def test_many_concurrent_callers_cost_as_much_as_many_in_sequence(crowd: str) -> None:
    few, many = [await storage_calls(crowd, count) for count in SIZES]
    assert many <= 2.2 * few
    assert many <= CALLS_EACH * SIZES[1]


async def test_retries_back_off_with_jitter_and_never_for_long() -> None:
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    rounds = [[number async for number in tries(pause)] for _ in range(50)]
    assert all(one == list(range(TRIES)) for one in rounds)
    # The first retry comes at once.
    assert len(waited) == 50 * (TRIES - 2)
    by_turn = [waited[number :: TRIES - 2] for number in range(TRIES - 2)]
    assert all(0 <= seconds <= LONGEST_PAUSE_SECONDS for seconds in waited)
    assert max(by_turn[0]) <= FIRST_PAUSE_SECONDS < max(by_turn[-1])
    assert len(set(waited)) == len(waited)
    assert (TRIES - 2) * LONGEST_PAUSE_SECONDS < ANSWER_SECONDS / 2
