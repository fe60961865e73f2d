"""Presence with several tabs, refreshes, and lost and late disconnects."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.backend import Actor
from shared.flow.deadline import ABANDONED_AFTER
from shared.model.clock import SECOND
from shared.model.records import Connection, OnlineUser, Profile
from shared.rules import profiles
from shared.rules.presence import announcing, ghosts, online_list
from shared.rules.presence.announcing import CHANGES
from shared.rules.presence.online import connected, disconnected
from shared.wire.chat_events import UserOnline
from shared.wire.events import UserConnected
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import Player, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def online(stage: Stage, asking: Player) -> dict[str, bool]:
    page = await online_list.page(stage.backend, asking.id, "")
    return {user.user_id: user.idle for user in page.items}


async def test_others_hear_once_that_a_user_is_online_whatever_the_tabs(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    await tab.does("userConnected", {})
    heard = {"userId": bob.id, "userName": "Bob", "userProvider": "test", "idle": False}
    assert ann.heard("userOnline") == [heard]


async def test_a_connection_always_hears_about_itself_in_answer(stage: Stage) -> None:
    """The original Chatr's client waits for it before it shows itself as online."""
    ann = await stage.user("Ann")
    answer = await ann.does("userConnected", {"userName": "Mallory", "userProvider": "x"})
    assert answer == UserOnline(ann.id, "Ann", "test", False)
    assert ann.heard("userOnline") == []


async def test_closing_one_of_two_tabs_keeps_the_user_online_and_in_the_chats(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    chat_id = await stage.chat(bob)
    await tab.closes()
    assert ann.heard("userOffline") == []
    assert bob.id in await online(stage, ann) and bob.id in await stage.members(chat_id)
    await bob.closes()
    assert ann.heard("userOffline") == [bob.id]
    assert bob.id not in await online(stage, ann) and bob.id in await stage.members(chat_id)


async def test_late_and_repeated_disconnects_announce_nothing(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    await bob.closes()
    await bob.closes()
    await tab.closes()
    await tab.closes()
    await bob.closes()
    assert ann.heard("userOffline") == [bob.id]


async def test_a_disconnect_that_comes_before_the_connect_is_harmless(stage: Stage) -> None:
    ann = await stage.user("Ann")
    await disconnected(stage.backend, Actor("never-seen", "c0"))
    assert ann.heard() == []


async def test_a_user_without_a_profile_is_named_by_the_hint_kept_short(stage: Stage) -> None:
    event = UserConnected(" Zed\x00" + "z" * 80, "web")
    seen = await connected(stage.backend, Actor("zed", "c9"), event)
    assert seen.user_name.startswith("Zed z") and len(seen.user_name) == 50


async def test_a_user_is_idle_only_when_all_tabs_are(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    await bob.does("userEnterIdle", ann.id)
    assert ann.heard("userIsIdle") == []
    await tab.does("userEnterIdle")
    await tab.does("userEnterIdle")
    assert ann.heard("userIsIdle") == [bob.id]
    assert (await online(stage, ann))[bob.id] is True
    await bob.does("userExitIdle")
    await bob.does("userExitIdle")
    assert ann.heard("userNotIdle") == [bob.id]


async def toggled(player: Player, idle: bool) -> str:
    return await player.code("userEnterIdle" if idle else "userExitIdle")


@given(pauses=st.lists(st.integers(0, 20), max_size=60), tabs=st.integers(1, 3))
def test_toggling_idleness_causes_a_limited_number_of_announcements_and_the_last_one_is_right(
    pauses: list[int], tabs: int
) -> None:
    async def play() -> None:
        stage = Stage()
        ann, bob = await stage.user("Ann"), await stage.user("Bob")
        players = [bob, *[await bob.another_tab() for _ in range(tabs - 1)]]
        idle, told, heard_at = tabs * [False], False, []
        for number, pause in enumerate(pauses):
            stage.clock.pass_seconds(pause)
            idle[number % tabs] = not idle[number % tabs]
            code = await toggled(players[number % tabs], idle[number % tabs])
            heard = len(ann.heard("userIsIdle")) + len(ann.heard("userNotIdle"))
            assert code in ("", "TooManyRequests") and heard == (not code and all(idle) != told)
            told = all(idle) if heard else told
            heard_at += heard * [stage.clock.time]
        for first, start in enumerate(heard_at):
            for more, end in enumerate(heard_at[first:]):
                assert more + 1 <= CHANGES.burst + (end - start) / CHANGES.token + 1
        stage.clock.pass_seconds(CHANGES.token / SECOND)
        assert await toggled(bob, idle[0]) == ""
        assert await online(stage, ann) == {ann.id: False, bob.id: all(idle)}

    asyncio.run(play())


async def test_the_status_of_a_user_beyond_the_rate_limit_is_right_for_the_next_reader(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    stage.clock.pass_seconds(CHANGES.token / SECOND)
    for number in range(CHANGES.burst):
        assert await toggled(bob, idle=number % 2 == 0) == ""
    assert await toggled(bob, idle=True) == "TooManyRequests"
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS)
    assert await online(stage, ann) == {ann.id: False, bob.id: True}
    assert len(ann.heard("userIsIdle")) == CHANGES.burst // 2 + 1


@given(pauses=st.lists(st.integers(0, 20), max_size=60))
def test_coming_and_going_causes_a_limited_number_of_announcements_and_the_last_one_is_right(
    pauses: list[int],
) -> None:
    async def play() -> None:
        stage = Stage()
        ann, bob = await stage.user("Ann"), await stage.user("Bob")
        heard, is_there, heard_at = ann.heard("userOnline") and [True], True, [stage.clock.time]
        for pause in pauses:
            stage.clock.pass_seconds(pause)
            bob = await come_or_go(bob, is_there)
            is_there = not is_there
            news = news_of(ann)
            heard += news
            heard_at += len(news) * [stage.clock.time]
            assert (bob.id in await online(stage, ann)) == is_there
        assert all(one != other for one, other in pairwise(heard))
        for first, start in enumerate(heard_at):
            for more, end in enumerate(heard_at[first:]):
                assert more + 1 <= CHANGES.burst + (end - start) / CHANGES.token + 1
        stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS)
        assert (bob.id in await online(stage, ann)) == is_there
        assert (heard + news_of(ann))[-1] == is_there
        assert (await stage.store.presence.online(bob.id) is not None) == is_there

    asyncio.run(play())


async def come_or_go(player: Player, is_there: bool) -> Player:
    if not is_there:
        return await player.another_tab()
    await player.closes()
    return player


def news_of(watcher: Player) -> list[bool]:
    """True for each announced coming and False for each going that the watcher received."""
    return [name == "userOnline" for name in ("userOnline", "userOffline") for _ in watcher.heard(name)]


async def test_a_user_who_is_back_before_going_was_announced_is_not_announced(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    for number in range(CHANGES.burst // 2):
        # The first time he came has taken one of them, too.
        stage.clock.pass_seconds(number and CHANGES.token / SECOND / (CHANGES.burst // 2 - 1))
        await bob.closes()
        bob = await bob.another_tab()
    assert len(news_of(ann)) == CHANGES.burst + 1
    await bob.closes()
    assert await online(stage, ann) == {ann.id: False}
    bob = await bob.another_tab()
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS)
    assert await online(stage, ann) == {ann.id: False, bob.id: False}
    assert ann.heard() == []


async def test_toggling_a_tab_beside_an_active_one_is_not_announced_and_not_limited(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    ann.heard()
    for number in range(3 * CHANGES.burst):
        assert await toggled(tab, idle=number % 2 == 0) == ""
    assert ann.heard() == []


async def test_closing_the_tab_in_use_leaves_the_user_idle(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    await bob.does("userEnterIdle")
    await tab.closes()
    assert ann.heard("userIsIdle") == [bob.id]


async def test_a_new_tab_ends_idleness(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await bob.does("userEnterIdle")
    await bob.another_tab()
    assert ann.heard("userNotIdle") == [bob.id]


async def test_idle_of_a_connection_nobody_counted_is_ignored(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await bob.closes()
    ann.heard()
    await bob.does("userEnterIdle")
    assert ann.heard() == []


async def test_a_ghost_is_found_and_announced_when_the_list_is_read(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    stage.sender.close(bob.connection)
    assert bob.id in await online(stage, ann)
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS + 1)
    assert await online(stage, ann) == {ann.id: False}
    assert await online(stage, ann) == {ann.id: False}
    assert ann.heard("userOffline") == [bob.id]
    assert await stage.store.presence.connections(bob.id) == ()


# The service keeps a connection that lost its socket so long; a page in use reads the list so often.
KEPT_SECONDS, PAGE_READS_SECONDS = 30, 60


@pytest.mark.parametrize("after", [0, 1, 30, 59, 60])
async def test_a_ghost_is_visible_for_less_than_three_minutes(stage: Stage, after: int) -> None:
    """``after`` is the time between somebody else's read, right before the end, and the watcher's own."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS)
    lost_at = stage.clock.time
    stage.clock.pass_seconds(KEPT_SECONDS)
    assert bob.id in await online(stage, ann)
    stage.sender.close(bob.connection)
    stage.clock.pass_seconds(after)
    while bob.id in await online(stage, ann):
        stage.clock.pass_seconds(PAGE_READS_SECONDS)
    assert stage.clock.time - lost_at < 180 * SECOND


async def test_a_connect_that_comes_after_its_own_end_brings_nobody_online(stage: Stage) -> None:
    """The service retries an event, and the connection may have ended meanwhile."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await bob.closes()
    ann.heard()
    await bob.does("userConnected", {})
    assert await online(stage, ann) == {ann.id: False}
    assert ann.heard() == []
    # Otherwise it would keep the user from being idle.
    assert await stage.store.presence.connections(bob.id) == ()


async def test_becoming_idle_before_being_announced_online_is_not_an_error(stage: Stage) -> None:
    """An abandoned `userConnected` has added the connection, and nothing else."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await bob.closes()
    tab = bob.silent_tab()
    await stage.store.presence.put_connection(bob.id, Connection(tab.connection, idle=False))
    ann.heard()
    await tab.does("userEnterIdle")
    assert ann.heard() == []
    await tab.does("userConnected", {})
    assert await online(stage, ann) == {ann.id: False, bob.id: False}


async def test_a_new_name_is_shown_from_the_next_tab_on(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await profiles.remember(stage.backend, Profile(bob.id, "Robert", "other"))
    await bob.another_tab()
    page = await online_list.page(stage.backend, ann.id, "")
    assert ("Robert", "other") in [(user.user_name, user.user_provider) for user in page.items]


async def test_a_ghost_that_nobody_looked_for_is_gone_on_the_next_read(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    stage.sender.close(bob.connection)
    stage.clock.pass_seconds(30 * 24 * 3600)
    assert await online(stage, ann) == {ann.id: False}


async def test_the_service_is_asked_only_about_those_not_seen_lately(stage: Stage) -> None:
    ann = await stage.user("Ann")
    stage.sender.calls.clear()
    await online(stage, ann)
    assert "is_open" not in stage.sender.calls
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS + 1)
    await online(stage, ann)
    await online(stage, ann)
    assert stage.sender.calls.count("is_open") == 1


async def test_a_tab_whose_end_was_never_told_does_not_keep_its_user_online(stage: Stage) -> None:
    """The user came back in another tab, idle or not, and left that one, so nobody is there any more."""
    for idle in (False, True):
        ann, bob = await stage.user("Ann"), await stage.user("Bob")
        if idle:
            await bob.does("userEnterIdle")
        stage.sender.close(bob.connection)
        tab = await bob.another_tab()
        ann.heard()
        await tab.closes()
        assert ann.heard() == [bob.id]
        assert bob.id not in await online(stage, ann)
        assert await stage.store.presence.connections(bob.id) == ()


async def test_a_tab_that_crashed_in_use_does_not_keep_its_user_from_being_idle(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    stage.sender.close(bob.connection)
    await tab.does("userEnterIdle")
    assert ann.heard("userIsIdle") == []
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS + 1)
    assert (await online(stage, ann))[bob.id] is True
    assert ann.heard("userIsIdle") == [bob.id]


async def test_a_tab_that_crashed_while_idle_does_not_leave_its_user_idle(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await bob.does("userEnterIdle")
    assert ann.heard("userIsIdle") == [bob.id]
    stage.sender.close(bob.connection)
    await bob.another_tab()
    assert ann.heard("userNotIdle") == [bob.id]
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS + 1)
    assert (await online(stage, ann))[bob.id] is False
    assert ann.heard("userIsIdle") == []


async def test_a_user_whose_only_tab_crashed_while_idle_is_not_idle_for_ever(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await bob.does("userEnterIdle")
    stage.sender.close(bob.connection)
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS + 1)
    assert bob.id not in await online(stage, ann)
    assert ann.heard("userOffline") == [bob.id]


async def test_with_presence_of_chats_only_those_who_share_one_are_told() -> None:
    stage = Stage(presence="chats")
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    await stage.chat(ann, bob)
    tab = await bob.another_tab()
    await tab.closes()
    await bob.does("userEnterIdle")
    await bob.closes()
    assert (ann.heard("userIsIdle"), ann.heard("userOffline")) == ([bob.id], [bob.id])
    assert eve.heard("userIsIdle") == eve.heard("userOffline") == []
    bob_again = await bob.another_tab()
    assert set(await online(stage, ann)) == {ann.id, bob_again.id}
    assert set(await online(stage, eve)) == {eve.id}


async def test_with_presence_off_nobody_is_told_and_one_sees_oneself() -> None:
    stage = Stage(presence="off")
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await stage.chat(ann, bob)
    await bob.does("userEnterIdle")
    await bob.closes()
    assert ann.heard("userOnline") == ann.heard("userIsIdle") == ann.heard("userOffline") == []
    assert set(await online(stage, ann)) == {ann.id}


async def test_a_user_whose_going_was_not_announced_is_announced_by_the_next_reader(stage: Stage) -> None:
    """The process was killed between the claim and the announcement, and the service has given up."""
    ann = await stage.user("Ann")
    going = OnlineUser("bob", "Bob", "test", False, stage.clock(), gone=True, told="here", owes="c9")
    await stage.store.presence.appear(going)
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS)
    assert await online(stage, ann) == {ann.id: False}
    assert ann.heard("userOffline") == ["bob"]
    assert await stage.store.presence.online("bob") is None


async def test_a_chat_that_is_gone_shows_nobody_to_those_who_were_in_it() -> None:
    stage = Stage(presence="chats")
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    assert set(await online(stage, ann)) == {ann.id, bob.id}
    roster = await stage.store.chats.roster(chat_id, 9)
    assert roster is not None and await stage.store.chats.delete(roster, unless_joined=False)
    assert set(await online(stage, ann)) == {ann.id}


class CrowdedStore(MemoryStore):
    """Yields to other tasks between any two calls."""

    async def turn(self) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize("crashed", [False, True])
async def test_one_of_many_concurrent_readers_asks_the_service_about_each_user(crashed: bool) -> None:
    stage = Stage(CrowdedStore())
    readers = [await stage.user(f"Reader {number}") for number in range(12)]
    bob = await stage.user("Bob")
    tab = await bob.another_tab()
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS + 1)
    if crashed:
        stage.sender.close(bob.connection)
        stage.sender.close(tab.connection)
    for reader in readers:
        reader.heard()
    stage.sender.calls.clear()
    seen = await asyncio.gather(*(online(stage, reader) for reader in readers))
    # Each reader has one tab, and Bob two.
    assert stage.sender.calls.count("is_open") == len(readers) + 2
    # Nobody misses anybody, and who did not look themselves sees a ghost once more.
    everybody = {reader.id: False for reader in readers}
    assert all(one in (everybody, everybody | {bob.id: False}) for one in seen)
    assert [reader.heard("userOffline") for reader in readers] == [[bob.id] if crashed else []] * len(readers)
    for reader in readers:
        assert await online(stage, reader) == everybody | ({} if crashed else {bob.id: False})
    assert all(not reader.heard() for reader in readers)


async def test_one_of_many_concurrent_reads_by_one_user_asks_the_service_about_each_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage(CrowdedStore())
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await bob.another_tab()
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS + 1)
    stage.sender.calls.clear()
    is_open, answers = stage.sender.is_open, asyncio.Event()

    async def slow(connection_id: str) -> bool:
        there = await is_open(connection_id)
        await answers.wait()
        return there

    monkeypatch.setattr(stage.sender, "is_open", slow)
    first = [asyncio.ensure_future(online(stage, ann)) for _ in range(4)]
    await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
    # The service has not answered yet, and who comes now does not ask again.
    async with asyncio.timeout(5):
        assert await online(stage, ann) == {ann.id: False, bob.id: False}
    answers.set()
    assert await asyncio.gather(*first) == [{ann.id: False, bob.id: False}] * 4
    # Ann has one tab, and Bob two.
    assert stage.sender.calls.count("is_open") == 3


async def test_what_a_reader_gave_up_they_take_up_again_and_others_a_minute_later(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    cat = await stage.user("Cat")
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS + 1)
    stage.sender.close(cat.connection)
    row = await stage.store.presence.online(cat.id)
    assert row is not None
    marked = replace(row, seen=stage.clock(), told=row.status, owes=announcing.READER + ann.id)
    assert await stage.store.presence.update(marked)
    assert cat.id in await online(stage, ann) and cat.id in await online(stage, bob)
    stage.clock.pass_seconds(ABANDONED_AFTER / SECOND)
    assert cat.id in await online(stage, bob)
    assert cat.id not in await online(stage, ann)
    assert bob.heard("userOffline") == [cat.id]


async def test_a_call_asks_about_a_bounded_number_and_first_about_those_longest_unseen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(online_list, "DUE_USERS", 3)
    stage = Stage()
    users = [await stage.user(f"User {number}") for number in range(7)]
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS + 1)
    for user in users:
        stage.sender.close(user.connection)
    stayed = [len(await online(stage, users[0])) for _ in range(4)]
    assert stayed == [4, 1, 0, 0]


async def test_a_tab_that_opens_while_its_user_is_looked_for_is_not_announced_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader's mark must not stay in the row, since the next reader would take it for a change to announce."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS + 1)
    ann.heard()
    is_open = stage.sender.is_open

    async def meanwhile(connection_id: str) -> bool:
        monkeypatch.setattr(stage.sender, "is_open", is_open)
        await bob.another_tab()
        return await is_open(connection_id)

    row = await stage.store.presence.online(bob.id)
    assert row is not None
    monkeypatch.setattr(stage.sender, "is_open", meanwhile)
    assert await ghosts.verified(stage.backend, row, announcing.READER + ann.id) is not None
    row = await stage.store.presence.online(bob.id)
    assert row is not None and (row.owes, row.told, row.status) == ("", "here", "here")
    assert ann.heard() == []
