"""Blocks of private chats: whose rights they revoke, who is told, and that nothing gets around them."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from shared.backend import Actor
from shared.cleanup import blocks as cleanup
from shared.dispatch import connect
from shared.model.errors import ChatrError, NotSignedIn, Unavailable
from shared.model.records import Profile
from shared.rules.chats import blocking, own_list
from shared.rules.chats.private_chats import id_of
from shared.rules.connection import tokens
from shared.rules.history import messages
from shared.rules.membership import access, rights
from shared.wire.cloudevents import ConnectRequest
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.slow import SlowSender, SlowStore
from tests.backend.stage import Player, Stage, new_id

MOST_CALLS = 60
PLAYS = 150


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def two(stage: Stage) -> tuple[Player, Player, str]:
    """Ann and Bob, and their private chat."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    return ann, bob, await id_of(stage.backend, ann.id, bob.id)


async def listening_tab(who: Player, chat_id: str) -> Player:
    """Another connection, with its rights in the chat."""
    tab = await who.another_tab()
    await tab.does("joinChat", chat_id)
    return tab


async def blocks_(one: Player, other: Player) -> None:
    await one.does("blockUser", {"userId": other.id})


async def unblocks(one: Player, other: Player) -> None:
    await one.does("unblockUser", {"userId": other.id})


async def says(who: Player, chat_id: str, message_id: str = "") -> str:
    """The code with which a message is refused; empty if it is not."""
    return await who.code("saveMessage", {"chatId": chat_id, "id": message_id or new_id(), "message": "hi"})


async def opens(one: Player, other: Player) -> str:
    return await one.code("createPrivateChat", {"targetUserId": other.id})


def is_silent(who: Player, chat_id: str) -> bool:
    """Whether the connection receives a chat but may not send; False if it may do both."""
    assert who.hears(chat_id) and who.may_visit(chat_id)
    return not who.may_speak_in(chat_id)


# What it does


async def test_a_blocked_user_cannot_write_but_can_read(stage: Stage) -> None:
    ann, bob, chat_id = await two(stage)
    tab, mine, theirs = await listening_tab(bob, chat_id), new_id(), new_id()
    await says(bob, chat_id, mine)
    await says(ann, chat_id, theirs)
    await blocks_(ann, bob)
    ann.heard()
    assert await says(bob, chat_id) == "Blocked"
    assert await bob.code("editMessage", {"chatId": chat_id, "id": mine, "message": "ho"}) == "Blocked"
    assert await bob.code("deleteMessage", {"chatId": chat_id, "id": mine}) == "Blocked"
    assert await bob.code("react", {"chatId": chat_id, "id": theirs, "emoji": "👍", "on": True}) == "Blocked"
    assert is_silent(bob, chat_id) and is_silent(tab, chat_id) and not is_silent(ann, chat_id)
    assert ann.heard() == []
    for who in (ann, bob):
        assert [one.text for one in (await messages.page(stage.backend, who.id, chat_id)).items] == ["hi", "hi"]
    assert await bob.code("markRead", {"chatId": chat_id, "id": theirs}) == ""
    assert await says(ann, chat_id) == ""
    [seen] = (await own_list.page(stage.backend, ann.id, "")).items
    assert seen.unread == 1, "Bob's message from before"


async def test_retrying_a_message_saved_before_the_block_still_succeeds(stage: Stage) -> None:
    ann, bob, chat_id = await two(stage)
    mine = new_id()
    await says(bob, chat_id, mine)
    await blocks_(ann, bob)
    ann.heard()
    assert await says(bob, chat_id, mine) == ""
    for who in (ann, bob):
        assert [one.id for one in (await messages.page(stage.backend, who.id, chat_id)).items] == [mine]
    assert ann.heard() == [] and ann.relayed() == []
    assert await says(bob, chat_id) == "Blocked"


async def test_neither_opens_the_private_chat_and_each_is_told_why(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await blocks_(ann, bob)
    assert (await opens(ann, bob), await opens(bob, ann)) == ("UnblockFirst", "Blocked")
    assert stage.memory.chats.rows == {} and stage.memory.memberships.rows == {}
    await blocks_(bob, ann)
    assert (await opens(ann, bob), await opens(bob, ann)) == ("UnblockFirst", "UnblockFirst")
    await unblocks(ann, bob)
    assert (await opens(ann, bob), await opens(bob, ann)) == ("Blocked", "UnblockFirst")
    await unblocks(bob, ann)
    assert (await opens(ann, bob), await opens(bob, ann)) == ("", "")


async def test_unblocking_gives_everything_back(stage: Stage) -> None:
    ann, bob, chat_id = await two(stage)
    tab = await listening_tab(bob, chat_id)
    await blocks_(ann, bob)
    await unblocks(ann, bob)
    assert not is_silent(bob, chat_id) and not is_silent(tab, chat_id)
    assert (await says(bob, chat_id), await opens(bob, ann)) == ("", "")


async def test_blocks_of_two_are_independent_of_each_other(stage: Stage) -> None:
    ann, bob, chat_id = await two(stage)
    await blocks_(ann, bob)
    await blocks_(bob, ann)
    assert is_silent(ann, chat_id) and is_silent(bob, chat_id)
    await unblocks(ann, bob)
    assert is_silent(ann, chat_id) and not is_silent(bob, chat_id)
    assert (await says(ann, chat_id), await says(bob, chat_id)) == ("Blocked", "")


async def test_other_chats_of_the_two_are_as_before(stage: Stage) -> None:
    ann, bob, private = await two(stage)
    eve = await stage.user("Eve")
    chat_id = await stage.chat(ann, bob)
    await bob.does("createPrivateChat", {"targetUserId": eve.id})
    other = await id_of(stage.backend, bob.id, eve.id)
    await blocks_(ann, bob)
    assert (await says(bob, chat_id), await says(bob, other), await says(bob, private)) == ("", "", "Blocked")
    assert not is_silent(bob, chat_id) and not is_silent(bob, other)


async def test_only_the_one_who_blocks_is_told_in_all_tabs(stage: Stage) -> None:
    ann, bob, _ = await two(stage)
    tab = await ann.another_tab()
    for one in (ann, tab, bob):
        one.heard()
    await blocks_(ann, bob)
    assert ann.heard() == tab.heard() == [{"userId": bob.id, "userName": "Bob"}]
    await unblocks(ann, bob)
    assert ann.heard("userUnblocked") == tab.heard("userUnblocked") == [{"userId": bob.id}]
    assert bob.heard() == []


async def test_whom_nobody_can_block(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    assert await ann.code("blockUser", {"userId": ann.id}) == "BadRequest"
    assert await ann.code("blockUser", {"userId": "nobody"}) == "UserNotFound"
    assert await ann.code("unblockUser", {"userId": bob.id}) == ""
    assert stage.memory.blocks.rows == {}


async def test_whom_one_has_blocked_is_listed_page_by_page(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "PAGE_BLOCKS", 2)
    ann, *others = [await stage.user(name) for name in ("Ann", "Bob", "Cat", "Dan")]
    for other in others:
        await blocks_(ann, other)
    first = await blocking.page(stage.backend, ann.id, "")
    rest = await blocking.page(stage.backend, ann.id, first.next)
    found = [*first.items, *rest.items]
    assert {one.blocked: one.name for one in found} == {
        one.id: one.stage.memory.users.rows[one.id].name for one in others
    }
    assert first.next and not rest.next
    assert (await blocking.page(stage.backend, others[0].id, "")).items == ()


async def test_leaving_and_being_blocked_by_somebody_who_has_left_change_nothing(stage: Stage) -> None:
    ann, bob, chat_id = await two(stage)
    await ann.does("leaveChat", {"chatId": chat_id})
    await blocks_(ann, bob)
    assert is_silent(bob, chat_id) and await says(bob, chat_id) == "Blocked"
    await bob.does("joinChat", chat_id)
    assert is_silent(bob, chat_id)
    await bob.does("leaveChat", {"chatId": chat_id})
    assert await opens(bob, ann) == "Blocked"
    await unblocks(ann, bob)
    assert await opens(bob, ann) == ""
    assert not is_silent(bob, chat_id) and await says(bob, chat_id) == ""


async def test_a_private_chat_of_the_first_version_is_blocked_too(stage: Stage) -> None:
    """Its rows don't have the other user."""
    ann, bob, chat_id = await two(stage)
    for user in (ann, bob):
        place = await stage.store.memberships.read(user.id, chat_id)
        assert place and place.peer
        await stage.store.memberships.update(replace(place, peer=""))
    await blocks_(ann, bob)
    assert is_silent(bob, chat_id) and await says(bob, chat_id) == "Blocked"
    await bob.does("joinChat", chat_id)
    assert is_silent(bob, chat_id)


# New connections


async def test_new_connections_and_tokens_are_without_the_right(stage: Stage) -> None:
    ann, bob, chat_id = await two(stage)
    await blocks_(ann, bob)
    token = (await tokens.client_access(stage.backend, Profile(bob.id, "Bob", "test"))).token
    given = await connect(stage.backend, Actor(bob.id, "new"), ConnectRequest())
    assert f"sendToGroup.{chat_id}" not in token and f"webpubsub.sendToGroup.{chat_id}" not in given.roles
    assert chat_id in given.groups and f"webpubsub.joinLeaveGroup.{chat_id}" in given.roles


async def test_a_token_from_before_is_refused_as_long_as_it_says_more(stage: Stage) -> None:
    ann, bob, chat_id = await two(stage)
    place = await stage.store.memberships.read(bob.id, chat_id)
    assert place
    before = ConnectRequest(claims={"role": rights.roles([place])})
    await blocks_(ann, bob)
    with pytest.raises(NotSignedIn, match="getToken"):
        await connect(stage.backend, Actor(bob.id, "new"), before)
    await unblocks(ann, bob)
    assert await connect(stage.backend, Actor(bob.id, "new"), before)


@pytest.mark.parametrize("change", [blocks_, unblocks])
@pytest.mark.parametrize("counted", [True, False], ids=["after a while", "at once"])
async def test_a_connection_that_opens_meanwhile_does_not_live_on_with_what_was(
    stage: Stage, change: Callable[[Player, Player], Awaitable[None]], counted: bool
) -> None:
    """At once: the membership is as young as the connection, which remembers it singly."""
    ann, bob, _ = await two(stage)
    if change is unblocks:
        await blocks_(ann, bob)
    if counted:
        stage.clock.pass_seconds(60)
    tab = await bob.connecting_tab(lambda: change(ann, bob))
    assert not tab.is_open()


@pytest.mark.parametrize("change", [blocks_, unblocks])
async def test_a_connection_that_has_said_nothing_yet_is_ended(
    stage: Stage, change: Callable[[Player, Player], Awaitable[None]]
) -> None:
    ann, bob, _ = await two(stage)
    if change is unblocks:
        await blocks_(ann, bob)
    tab = bob.silent_tab()
    await change(ann, bob)
    assert not tab.is_open() and bob.is_open()


async def test_what_a_new_connection_is_given_later_is_without_the_right(stage: Stage) -> None:
    ann, bob, chat_id = await two(stage)
    await blocks_(ann, bob)
    tab = await bob.connecting_tab(nothing)
    await tab.does("userConnected", {})
    assert is_silent(tab, chat_id)


async def nothing() -> None:
    return


# At the same time


async def meets(act: Callable[[Player, Player, str], Awaitable[object]], at: int, is_open: bool) -> bool:
    """Ann blocks Bob at call number ``at`` of what Bob does; False when it makes fewer. Then Bob is blocked."""
    store, sender = MemoryStore(), MemorySender()
    stage = Stage(store, sender)
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await id_of(stage.backend, ann.id, bob.id)
    if is_open:
        await opens(ann, bob)
    calls = itertools.count(1)
    # How many messages there were when it was done.
    kept_then: list[int] = []
    is_blocking = False

    async def turn() -> None:
        nonlocal is_blocking
        if not is_blocking and next(calls) == at:
            is_blocking = True
            await blocks_(ann, bob)
            kept_then.append(len(store.messages.index.get(chat_id, {})))

    store.turn = sender.turn = turn
    with suppress(ChatrError):
        await act(ann, bob, chat_id)
    if not is_blocking:
        return False
    assert [len(store.messages.index.get(chat_id, {}))] == kept_then, "kept behind the block"
    if bob.id in await stage.members(chat_id):
        assert is_silent(bob, chat_id)
        assert await says(bob, chat_id) == "Blocked"
    assert await opens(bob, ann) == "Blocked"
    return True


async def opens_the_chat(ann: Player, bob: Player, chat_id: str) -> None:
    await opens(bob, ann)


async def comes_back(ann: Player, bob: Player, chat_id: str) -> None:
    await bob.does("leaveChat", {"chatId": chat_id})
    await opens(bob, ann)


async def joins_again(ann: Player, bob: Player, chat_id: str) -> None:
    await bob.does("joinChat", chat_id)


async def says_something(ann: Player, bob: Player, chat_id: str) -> None:
    await says(bob, chat_id)


async def says_something_without_admission(ann: Player, bob: Player, chat_id: str) -> None:
    await access.still_writes(bob.stage.backend, bob.id, chat_id)
    await says(bob, chat_id)


async def connects(ann: Player, bob: Player, chat_id: str) -> None:
    """The page reconnects when its connection is closed."""
    tab = await bob.connecting_tab(nothing)
    if tab.is_open():
        await tab.does("userConnected", {})
    if tab.is_open():
        assert is_silent(tab, chat_id) or not bob.stage.memory.blocks.rows


@pytest.mark.parametrize(
    ("act", "is_open"),
    [
        (opens_the_chat, False),
        (opens_the_chat, True),
        (comes_back, True),
        (joins_again, True),
        (says_something, True),
        (says_something_without_admission, True),
        (connects, True),
    ],
)
async def test_nothing_gets_past_a_block_that_comes_at_any_moment(
    act: Callable[[Player, Player, str], Awaitable[object]], is_open: bool
) -> None:
    for at in range(1, MOST_CALLS):
        try:
            if not await meets(act, at, is_open):
                assert at > 4
                return
        except AssertionError as problem:
            raise AssertionError(f"blocked at call {at}: {problem}") from problem


async def test_whatever_the_two_do_at_once_rights_agree_with_the_blocks() -> None:
    """In two tabs each, in random order."""
    for seed in range(PLAYS):
        chance = random.Random(seed)
        stage = Stage(SlowStore(chance), SlowSender(chance))
        ann, bob, chat_id = await two(stage)
        tabs = [ann, await listening_tab(ann, chat_id), bob, await listening_tab(bob, chat_id)]

        async def one_tab(tab: Player, acts: list[str], other: str, chat_id: str = chat_id) -> None:
            for act in acts:
                data = {"chatId": chat_id} if act == "leaveChat" else {"userId": other, "targetUserId": other}
                with suppress(ChatrError):
                    await tab.does(act, data)

        wanted = ["blockUser", "unblockUser", "createPrivateChat", "leaveChat"]
        await asyncio.gather(
            *(one_tab(tab, chance.choices(wanted, k=2), bob.id if tab.id == ann.id else ann.id) for tab in tabs)
        )
        members, held = await stage.members(chat_id), stage.memory.blocks.rows
        assert all(row.state == "blocked" for row in held.values()), f"in play {seed}"
        for tab in tabs:
            other = bob.id if tab.id == ann.id else ann.id
            blocked, is_in = (other, tab.id) in held, tab.id in members
            assert tab.may_speak_in(chat_id) is (is_in and not blocked), f"in play {seed}"
            assert tab.hears(chat_id) is is_in, f"in play {seed}"
            if is_in:
                assert await says(tab, chat_id) == ("Blocked" if blocked else ""), f"in play {seed}"


# Interrupted changes


@pytest.mark.parametrize("finisher", ["the list", "the clean-up", "a retry"])
@pytest.mark.parametrize("change", ["blockUser", "unblockUser"])
async def test_what_breaks_off_is_finished(change: str, finisher: str) -> None:
    for kill_at in range(1, MOST_CALLS):
        store, sender = MemoryStore(), MemorySender()
        stage = Stage(store, sender)
        ann, bob, chat_id = await two(stage)
        if change == "unblockUser":
            await blocks_(ann, bob)
        calls = itertools.count(1)

        def killed(name: str, calls: "itertools.count[int]" = calls, kill_at: int = kill_at) -> None:
            if next(calls) >= kill_at:
                raise Unavailable

        store.before_call = sender.before_call = killed
        code = await ann.code(change, {"userId": bob.id})
        store.before_call = sender.before_call = lambda name: None
        if not code:
            assert kill_at > 8
            return
        if finisher == "a retry":
            await ann.does(change, {"userId": bob.id})
        elif finisher == "the list":
            await blocking.page(stage.backend, ann.id, "")
        else:
            async for removal in cleanup.find(stage.backend, 100):
                await removal.go()
        [*rows] = store.blocks.rows.values()
        assert all(row.state == "blocked" for row in rows)
        assert is_silent(bob, chat_id) is bool(rows)
        assert await says(bob, chat_id) == ("Blocked" if rows else "")
        if finisher == "a retry":
            assert bool(rows) is (change == "blockUser")


async def test_blocks_by_and_of_removed_guests_are_cleaned_up(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    for one, other in itertools.permutations((ann, bob, eve), 2):
        await blocks_(one, other)
    del stage.memory.users.rows[eve.id]
    gone = [removal async for removal in cleanup.find(stage.backend, 100)]
    assert len(gone) == 4 and all([await removal.go() for removal in gone])
    assert set(stage.memory.blocks.rows) == {(ann.id, bob.id), (bob.id, ann.id)}
