"""Private chats: ids that nobody can guess, and chats that only two users can join."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.backend import Actor
from shared.rules.chats import directory, own_list
from shared.rules.chats.private_chats import id_of, private_chat_id
from shared.rules.membership import rights, settling
from tests.backend.stage import Player, Stage, new_id

KEY = bytes(32)
USERS = st.text(min_size=1, max_size=12)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@given(one=USERS, other=USERS)
def test_the_id_is_the_same_whoever_begins(one: str, other: str) -> None:
    assert private_chat_id(KEY, one, other) == private_chat_id(KEY, other, one)


@given(st.lists(USERS, min_size=2, max_size=6, unique=True))
def test_no_two_pairs_share_an_id(users: list[str]) -> None:
    pairs = list(combinations(users, 2))
    assert len({private_chat_id(KEY, *pair) for pair in pairs}) == len(pairs)


def test_users_whose_names_run_together_alike_do_not_meet() -> None:
    """The original Chatr joins the ids with an underscore, so `a` and `b_c` share the chat of `a_b` and `c`."""
    assert private_chat_id(KEY, "a", "b_c") != private_chat_id(KEY, "a_b", "c")


def test_the_id_tells_nothing_without_the_key() -> None:
    assert private_chat_id(KEY, "a", "b") != private_chat_id(bytes([1]) * 32, "a", "b")
    assert private_chat_id(KEY, "a", "b").startswith("private_")


async def opened(stage: Stage, one: Player, other: Player) -> str:
    one.heard()
    await one.does("createPrivateChat", {"initiatorUserId": one.id, "targetUserId": other.id})
    [heard] = one.heard("joinPrivateChat")
    assert isinstance(heard, dict)
    return str(heard["id"])


async def test_both_hear_of_it_and_only_the_initiator_is_taken_there(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    [to_ann], [to_bob] = ann.heard("joinPrivateChat"), bob.heard("joinPrivateChat")
    assert (to_ann["name"], to_ann["grabFocus"]) == ("Chat with Bob", True)
    assert (to_bob["name"], to_bob["grabFocus"]) == ("Chat with Ann", False)
    assert to_ann["id"] == to_bob["id"] and set(to_ann["members"]) == {ann.id, bob.id}
    assert ann.may_speak_in(to_ann["id"]) and bob.hears(to_ann["id"])
    assert not eve.heard("joinPrivateChat") and not eve.heard("chatCreated")


async def test_each_reads_the_others_name_and_strangers_do_not_see_it(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await opened(stage, ann, bob)
    [seen] = (await own_list.page(stage.backend, bob.id, "")).items
    assert (seen.id, seen.name, seen.owner, seen.kind) == (chat_id, "Chat with Ann", "", "private")
    assert (await directory.page(stage.backend, "")).items == ()
    assert (await own_list.page(stage.backend, eve.id, "")).items == ()


@pytest.mark.parametrize("event", ["joinChat", "deleteChat"])
async def test_a_stranger_cannot_tell_a_private_chat_from_none(stage: Stage, event: str) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await opened(stage, ann, bob)
    assert await eve.code(event, chat_id) == await eve.code(event, "private_" + "0" * 64) == "ChatNotFound"
    message = {"chatId": chat_id, "id": new_id(), "message": "hi"}
    assert await eve.code("saveMessage", message) == "ChatNotFound"
    assert await eve.code("removeMember", {"chatId": chat_id, "userId": ann.id}) == "ChatNotFound"
    assert await eve.code("leaveChat", {"chatId": chat_id}) == ""
    assert await stage.members(chat_id) == {ann.id, bob.id}


async def test_nobody_owns_a_private_chat(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await opened(stage, ann, bob)
    assert await ann.code("deleteChat", chat_id) == "NotTheOwner"
    assert await ann.code("removeMember", {"chatId": chat_id, "userId": bob.id}) == "NotTheOwner"


async def test_who_left_cannot_come_back_alone_but_is_brought_back_by_opening_it(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await opened(stage, ann, bob)
    await bob.does("leaveChat", {"chatId": chat_id})
    assert not bob.may_speak_in(chat_id) and await bob.code("joinChat", chat_id) == "ChatNotFound"
    await ann.does("leaveChat", {"chatId": chat_id})
    assert await opened(stage, ann, bob) == chat_id
    assert await stage.members(chat_id) == {ann.id, bob.id}
    assert ann.may_speak_in(chat_id) and bob.may_speak_in(chat_id)


async def test_opening_an_open_private_chat_writes_nothing_and_is_answered_to_the_sender_only(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await opened(stage, ann, bob)
    bob.heard()
    tab = await ann.another_tab()
    before = dict(stage.memory.memberships.rows), dict(stage.memory.chats.people[chat_id])
    assert await opened(stage, tab, bob) == chat_id
    assert (stage.memory.memberships.rows, stage.memory.chats.people[chat_id]) == before
    assert bob.heard() == [] and tab.may_speak_in(chat_id) and tab.hears(chat_id)


@pytest.mark.parametrize("who", ["the one who left", "the one who stayed"])
async def test_only_who_had_left_is_let_in_again(stage: Stage, who: str) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await opened(stage, ann, bob)
    await bob.does("leaveChat", {"chatId": chat_id})
    stays = stage.memory.memberships.rows[ann.id, chat_id]
    asks, other = (bob, ann) if who == "the one who left" else (ann, bob)
    for one in (ann, bob):
        one.heard()
    assert await opened(stage, asks, other) == chat_id
    assert stage.memory.memberships.rows[ann.id, chat_id] == stays
    assert bool(bob.heard("joinPrivateChat")) is (asks is ann) and ann.heard("joinPrivateChat") == []
    assert bob.may_speak_in(chat_id) and bob.hears(chat_id)
    assert await stage.members(chat_id) == {ann.id, bob.id}


async def test_what_was_said_is_still_there_when_it_is_opened_again(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await opened(stage, ann, bob)
    await ann.does("saveMessage", {"chatId": chat_id, "id": new_id(), "message": "hi"})
    await ann.does("leaveChat", {"chatId": chat_id})
    await bob.does("leaveChat", {"chatId": chat_id})
    await opened(stage, bob, ann)
    assert [one.text for one in await stage.store.messages.newest(chat_id, None, 5)] == ["hi"]


async def test_a_private_chat_cannot_be_opened_in_anothers_name(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    data = {"initiatorUserId": ann.id, "targetUserId": bob.id}
    assert await eve.code("createPrivateChat", data) == "Forbidden"
    assert await eve.code("createPrivateChat", {"targetUserId": eve.id}) == "BadRequest"
    assert await eve.code("createPrivateChat", {"targetUserId": "nobody"}) == "UserNotFound"
    assert bob.heard("joinPrivateChat") == []


async def test_rejoining_a_private_chat_does_not_grab_the_focus(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await opened(stage, ann, bob)
    ann.heard(), bob.heard()
    assert await bob.does("joinChat", chat_id) is None
    assert ann.heard() == [] and bob.heard() == []
    assert await stage.members(chat_id) == {ann.id, bob.id}
    assert bob.hears(chat_id) and bob.may_speak_in(chat_id)


async def test_a_user_who_leaves_while_rights_are_granted_late_keeps_none(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leaving that began earlier has dropped the row which the opening had marked, and another one comes and goes."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    chat_id = await id_of(stage.backend, ann.id, bob.id)
    kept = await stage.store.memberships.read(bob.id, chat_id)
    assert kept is not None and await stage.store.memberships.drop(kept)
    allow, calls = stage.sender.allow, 0

    async def late(connection_id: str, chat: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            await bob.does("leaveChat", {"chatId": chat_id})
        await allow(connection_id, chat)

    monkeypatch.setattr(stage.sender, "allow", late)
    opening = replace(kept, state="joining")
    is_in = await settling.settle(stage.backend, Actor(bob.id, ""), opening, True, None)
    assert calls == 2 and not is_in
    assert not bob.hears(chat_id) and not bob.may_speak_in(chat_id)
    assert await stage.store.memberships.read(bob.id, chat_id) is None


@pytest.mark.parametrize("late", ["grant", "end"])
async def test_a_user_who_rejoins_while_rights_are_revoked_late_has_theirs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    chat_id = await id_of(stage.backend, ann.id, bob.id)
    kept = await stage.store.memberships.read(bob.id, chat_id)
    assert kept is not None
    await bob.does("leaveChat", {"chatId": chat_id})
    forbid = stage.sender.forbid

    async def after_all(connection_id: str, chat: str) -> None:
        monkeypatch.setattr(stage.sender, "forbid", forbid)
        await ann.does("createPrivateChat", {"targetUserId": bob.id})
        await forbid(connection_id, chat)

    monkeypatch.setattr(stage.sender, "forbid", after_all)
    if late == "grant":
        await rights.recheck(stage.backend, chat_id, bob.id)
    else:
        gone = replace(kept, state="leaving", version="")
        await settling.settle(stage.backend, Actor(bob.id, ""), gone, False, None)
    assert bob.id in await stage.members(chat_id)
    assert bob.hears(chat_id) and bob.may_speak_in(chat_id)
