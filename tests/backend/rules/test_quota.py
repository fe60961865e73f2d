"""The limits on the chats that a user is in and has created, across instances and with redelivered events."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.errors import TooManyChats
from shared.model.records import Held
from shared.rules.chats import own_list
from shared.rules.membership import quota
from tests.backend.slow import SlowSender, SlowStore
from tests.backend.stage import Player, Stage, new_id


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "MADE_CHATS", 3)
    monkeypatch.setattr(quota, "CHATS", 5)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def chat(kind: str = "public") -> dict[str, str]:
    return {"id": new_id(), "name": "Tea", "kind": kind}


async def chats_of(player: Player) -> set[str]:
    return {one.chat_id for one in (await player.stage.store.memberships.of_user(player.id, "", 999)).items}


async def test_beyond_so_many_public_chats_of_ones_own_no_more_are_made(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    made = [chat() for _ in range(3)]
    for one in made:
        await ann.does("createChat", one)
    with pytest.raises(TooManyChats, match="made 3 public chats, which is the limit; delete or leave one"):
        await ann.does("createChat", late := chat())
    # Nothing of it is left, and its id is free.
    assert late["id"] not in await chats_of(ann) and await stage.store.chats.read(late["id"]) is None
    await bob.does("createChat", late)
    # What is made already may be repeated, others' chats joined, and groups made.
    assert await ann.code("createChat", made[0]) == ""
    assert await ann.code("joinChat", late["id"]) == ""
    assert await ann.code("createChat", chat("group")) == ""


@pytest.mark.parametrize("event", ["deleteChat", "leaveChat"])
async def test_deleting_or_leaving_a_chat_allows_creating_another(stage: Stage, event: str) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    ids = [await stage.chat(ann, bob) for _ in range(3)]
    assert await ann.code("createChat", chat()) == "TooManyChats"
    await ann.does(event, ids[0] if event == "deleteChat" else {"chatId": ids[0]})
    assert await ann.code("createChat", chat()) == ""
    assert await ann.code("createChat", chat()) == "TooManyChats"
    # Whoever inherits a chat has it as if they had made it.
    tried = [await bob.code("createChat", chat()) for _ in range(3)]
    assert tried == ([""] * 3 if event == "deleteChat" else [""] * 2 + ["TooManyChats"])


async def test_inherited_chats_count_towards_the_limit_until_one_is_left(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    ids = [await stage.chat(ann, bob) for _ in range(3)]
    for chat_id in ids:
        await ann.does("leaveChat", {"chatId": chat_id})
    assert (await stage.store.memberships.held(bob.id, "", 9)).made == 3
    assert await bob.code("createChat", chat()) == "TooManyChats"
    # Coming again to what one has makes no difference.
    assert await bob.code("joinChat", ids[0]) == ""
    assert await bob.code("createChat", chat()) == "TooManyChats"
    await bob.does("leaveChat", {"chatId": ids[0]})
    assert await bob.code("createChat", chat()) == ""
    # A group stands in nobody's list.
    group = chat("group")
    await ann.does("createChat", group)
    await bob.does("acceptInvite", {"token": await ann.link(group["id"])})
    await ann.does("leaveChat", {"chatId": group["id"]})
    assert (await stage.store.memberships.held(bob.id, "", 9)).made == 3


async def test_beyond_so_many_chats_no_more_are_joined_on_any_way(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    owners = [await stage.user(f"Owner {number}") for number in range(2)]
    ids = [await stage.chat(owners[number % 2]) for number in range(6)]
    for chat_id in ids[:5]:
        await ann.does("joinChat", chat_id)
    with pytest.raises(TooManyChats, match="in 5 chats, which is the limit; leave one"):
        await ann.does("joinChat", ids[5])
    assert ids[5] not in await chats_of(ann) and ann.id not in await stage.members(ids[5])
    assert not ann.may_visit(ids[5])
    group = chat("group")
    await bob.does("createChat", group)
    token = await bob.link(group["id"])
    assert await ann.code("acceptInvite", {"token": token}) == "TooManyChats"
    assert await ann.code("createChat", chat()) == await ann.code("createChat", chat("group")) == "TooManyChats"
    # Where one is already one may come again, and private chats do not count.
    assert await ann.code("joinChat", ids[0]) == ""
    assert await ann.code("createPrivateChat", {"targetUserId": bob.id}) == ""
    await ann.does("leaveChat", {"chatId": ids[0]})
    assert await ann.code("acceptInvite", {"token": token}) == ""


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 2), st.integers(2, 6), st.integers(1, 3))
def test_concurrent_creations_do_not_exceed_the_limit(seed: int, before: int, different: int, times: int) -> None:
    """Each several times concurrently, like redelivered events or an attempt to get around the limit."""
    asyncio.run(_at_once(seed, before, different, times))


async def _at_once(seed: int, before: int, different: int, times: int) -> None:
    chance = random.Random(seed)
    stage = Stage(SlowStore(chance), SlowSender(chance))
    ann = await stage.user("Ann")
    for _ in range(before):
        await stage.chat(ann)
    wanted = [chat() for _ in range(different)]
    await asyncio.gather(*(ann.code("createChat", one) for one in wanted for _ in range(times)))
    listed = (await stage.store.chats.listed("", 99)).items
    assert len(listed) <= 3
    # What was refused leaves nothing behind that takes room, once the list was read.
    await own_list.page(stage.backend, ann.id, "")
    held = await stage.store.memberships.held(ann.id, "", 99)
    assert held == Held(len(listed), len(listed))
