"""What the clean-up removes and what it leaves, and that no concurrent change is lost."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from shared.backend import Actor
from shared.cleanup import ghosts, guests, history, invites, memberships, reads
from shared.cleanup.__main__ import LIMIT
from shared.cleanup.removal import Removal
from shared.cleanup.run import Tally
from shared.model.clock import SECOND
from shared.model.records import Connection, Member, Membership, OnlineUser, Profile, ReadPosition, Roster
from shared.rules.connection import slots
from shared.rules.history import messages
from shared.rules.presence.announcing import CHANGES
from shared.trust.guests import LIFETIME_SECONDS
from tests.backend.cleaning import DAY, EXPIRED, cleaned, lost, said
from tests.backend.stage import Stage, new_id


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def first(found: AsyncIterator[Removal]) -> Removal:
    return await anext(found)


# Ghosts


async def test_a_connection_unknown_to_the_service_is_removed_and_its_user_announced_offline_once(
    stage: Stage,
) -> None:
    watcher, ann = await stage.user("Watcher"), await stage.user("Ann")
    stage.clock.pass_seconds(CHANGES.token / SECOND)
    lost(ann)
    assert (await cleaned(stage, "ghosts"))["ghosts"].things == 1
    assert watcher.heard("userOffline") == [ann.id]
    assert await stage.store.presence.online(ann.id) is None
    assert await stage.store.presence.connections(ann.id) == ()
    assert (await cleaned(stage, "ghosts"))["ghosts"].things == 0


async def test_a_user_with_another_tab_stays_online(stage: Stage) -> None:
    watcher, ann = await stage.user("Watcher"), await stage.user("Ann")
    tab = await ann.another_tab()
    lost(ann)
    await cleaned(stage, "ghosts")
    assert watcher.heard("userOffline") == []
    assert await stage.store.presence.connections(ann.id) == (Connection(tab.connection, False),)


async def test_slots_of_connections_that_have_ended_go_but_not_those_of_connections_that_are_just_opening(
    stage: Stage,
) -> None:
    ann = await stage.user("Ann")
    for number in range(3):
        await slots.take(stage.backend, Actor(ann.id, f"gone {number}"))
    stage.clock.pass_seconds(600)
    await slots.take(stage.backend, Actor(ann.id, "opening"))
    assert (await cleaned(stage, "ghosts"))["ghosts"].things == 3
    left = {slot.connection_id for slot in await stage.store.slots.of_user(ann.id)}
    assert left == {ann.connection, "opening"}


async def test_a_user_online_without_a_connection_is_removed_unless_just_confirmed(stage: Stage) -> None:
    watcher = await stage.user("Watcher")
    await stage.store.presence.appear(OnlineUser("old", "Old", "test", False, stage.clock()))
    stage.clock.pass_seconds(600)
    await stage.store.presence.appear(OnlineUser("new", "New", "test", False, stage.clock()))
    assert (await cleaned(stage, "ghosts"))["ghosts"].things == 1
    assert watcher.heard("userOffline") == ["old"]
    assert await stage.store.presence.online("new") is not None


async def test_a_user_who_connects_while_their_ghost_is_removed_stays_online(stage: Stage) -> None:
    watcher, ann = await stage.user("Watcher"), await stage.user("Ann")
    stage.clock.pass_seconds(CHANGES.token / SECOND)
    lost(ann)
    ghost = await first(ghosts.find(stage.backend, LIMIT))
    await ann.another_tab()
    assert await ghost.go()
    assert await stage.store.presence.online(ann.id) is not None
    assert watcher.heard("userOffline") == []


# Guests


async def test_an_expired_guest_leaves_by_the_rules_and_is_forgotten(stage: Stage) -> None:
    bob, guest = await stage.user("Bob"), await stage.user("guest_Ann")
    owned = await stage.chat(guest, bob)
    lonely = await stage.chat(guest)
    joined = await stage.chat(bob, guest)
    await guest.closes()
    stage.clock.pass_seconds(EXPIRED)
    bob.heard()
    assert (await cleaned(stage, "guests"))["guests"] == Tally(1, 7)
    assert await stage.owner(owned) == bob.id and await stage.owner(lonely) == ""
    assert await stage.members(joined) == {bob.id}
    assert {event["chatId"] for event in bob.heard("memberLeft")} == {owned, joined}
    assert bob.heard("chatDeleted") == [lonely]
    assert await stage.store.users.read(guest.id) is None
    assert [one async for one in stage.store.sweep().memberships(guest.id)] == []


@pytest.mark.parametrize(
    ("name", "age", "connected"),
    [("guest_Ann", LIFETIME_SECONDS, False), ("Ann", EXPIRED, False), ("guest_Ann", EXPIRED, True)],
    ids=["whose cookie may be good", "who is no guest", "who is connected"],
)
async def test_nobody_goes(stage: Stage, name: str, age: float, connected: bool) -> None:
    user = await stage.user(name)
    chat_id = await stage.chat(user)
    if not connected:
        await user.closes()
    stage.clock.pass_seconds(age)
    for apply in (False, True):
        assert (await cleaned(stage, "guests", apply=apply))["guests"].things == 0
    assert await stage.members(chat_id) == {user.id} and await stage.store.users.read(user.id)


async def test_a_connection_that_said_nothing_yet_keeps_its_guest(stage: Stage) -> None:
    guest = await stage.user("guest_Ann")
    guest.silent_tab()
    await guest.closes()
    stage.clock.pass_seconds(EXPIRED)
    assert (await cleaned(stage, "guests"))["guests"].things == 0


async def test_a_guest_who_comes_back_at_that_moment_keeps_everything(stage: Stage) -> None:
    guest = await stage.user("guest_Ann")
    chat_id = await stage.chat(guest)
    await guest.closes()
    stage.clock.pass_seconds(EXPIRED)
    removal = await first(guests.find(stage.backend, LIMIT))
    guest.silent_tab()
    assert not await removal.go()
    assert await stage.members(chat_id) == {guest.id} and await stage.store.users.read(guest.id)


async def test_a_profile_that_is_written_at_that_moment_stays(stage: Stage) -> None:
    guest = await stage.user("guest_Ann")
    await guest.closes()
    stage.clock.pass_seconds(EXPIRED)
    removal = await first(guests.find(stage.backend, LIMIT))
    profile = await stage.store.users.read(guest.id)
    assert profile is not None
    await stage.store.users.put(profile)
    assert not await removal.go()
    assert await stage.store.users.read(guest.id) == profile


async def test_a_private_chat_is_removed_with_its_last_member(stage: Stage) -> None:
    bob, one, two = [await stage.user(name) for name in ("Bob", "guest_One", "guest_Two")]
    await one.does("createPrivateChat", {"targetUserId": two.id})
    await one.does("createPrivateChat", {"targetUserId": bob.id})
    of_guests, of_bob = sorted(
        stage.memory.chats.rows, key=lambda chat_id: bob.id in stage.memory.chats.people[chat_id]
    )
    await said(one, of_guests)
    for guest in (one, two):
        await guest.closes()
    stage.clock.pass_seconds(EXPIRED)
    await cleaned(stage, "guests,chats")
    assert stage.memory.chats.rows[of_guests].deleted and not stage.memory.chats.rows[of_bob].deleted
    assert await stage.members(of_bob) == {bob.id}
    assert await stage.store.sweep().count_messages(of_guests, 9) == 0


async def test_a_private_chat_stays_when_the_other_comes_back_to_it_at_that_moment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob, guest = await stage.user("Bob"), await stage.user("guest_Ann")
    await guest.does("createPrivateChat", {"targetUserId": bob.id})
    [chat_id] = stage.memory.chats.rows
    await bob.does("leaveChat", {"chatId": chat_id})
    place = await stage.store.memberships.read(guest.id, chat_id)
    assert place is not None
    delete = stage.store.chats.delete

    async def too_late(roster: Roster, unless_joined: bool, at: int) -> bool:
        await bob.does("createPrivateChat", {"targetUserId": guest.id})
        return await delete(roster, unless_joined, at)

    monkeypatch.setattr(stage.store.chats, "delete", too_late)
    await guests.leave(stage.backend, place)
    assert await stage.members(chat_id) == {bob.id} and not stage.memory.chats.rows[chat_id].deleted


# Leftovers of deleted chats


@pytest.mark.usefixtures("half_purged")
async def test_the_leftovers_of_a_deleted_chat_are_removed_and_its_id_stays_refused(stage: Stage) -> None:
    ann, bob, cat = [await stage.user(name) for name in ("Ann", "Bob", "Cat")]
    gone, kept = await stage.chat(ann, bob, cat), await stage.chat(ann, bob)
    for chat_id in (gone, gone, gone, kept):
        message_id = await said(ann, chat_id)
        await ann.does("react", {"chatId": chat_id, "id": message_id, "emoji": "🍵", "on": True})
    await ann.does("deleteChat", gone)
    await stage.store.chats.list_publicly(gone)
    assert len(stage.memory.chats.people[gone]) == 2
    told = await cleaned(stage, "chats")
    # Two members with their memberships, the directory, and three messages with a reaction each.
    assert told["chats"] == Tally(4, 2 * 2 + 1 + 3 * 4)
    assert stage.memory.chats.people[gone] == {} and gone not in stage.memory.chats.directory
    assert {chat_id for _, chat_id in stage.memory.memberships.rows} == {kept}
    assert await stage.store.sweep().count_messages(gone, 99) == 0
    assert not any(one.may_speak_in(gone) or one.hears(gone) for one in (ann, bob, cat))
    assert await cat.code("createChat", {"id": gone, "name": "Tea"}) == "ChatIdTaken"
    assert await stage.members(kept) == {ann.id, bob.id}
    assert len(await stage.store.messages.newest(kept, None, 9)) == 1
    assert (await cleaned(stage, "chats"))["chats"] == Tally()


async def test_memberships_that_lead_nowhere_go(stage: Stage) -> None:
    ann = await stage.user("Ann")
    kept, gone = await stage.chat(ann), await stage.chat(ann)
    [place] = [one async for one in stage.store.sweep().memberships(ann.id) if one.chat_id == gone]
    await ann.does("deleteChat", gone)
    await stage.store.memberships.insert(place)
    assert (await cleaned(stage, "memberships"))["memberships"] == Tally(1, 1)
    assert [chat_id for _, chat_id in stage.memory.memberships.rows] == [kept]


async def test_a_membership_that_somebody_changes_at_that_moment_stays(stage: Stage) -> None:
    place = await stage.store.memberships.insert(Membership("ann", new_id(), "Tea", "public", 1))
    removal = await first(memberships.find(stage.backend, LIMIT))
    assert place is not None and await stage.store.memberships.update(place)
    assert not await removal.go()
    assert await stage.store.memberships.read("ann", place.chat_id) is not None


async def test_a_guest_who_joined_while_being_removed_leaves_after_all(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    guest = Member("guest_gone", "Gone", stage.clock())
    await stage.store.chats.add(chat_id, guest)
    await stage.store.memberships.insert(Membership(guest.user_id, chat_id, "Tea", "public", guest.joined))
    assert (await cleaned(stage, "memberships"))["memberships"].things == 1
    assert await stage.members(chat_id) == {ann.id}
    assert [event["userId"] for event in ann.heard("memberLeft")] == [guest.user_id]


@pytest.mark.parametrize(("user_id", "known"), [("guest_away", True), ("away", False)])
async def test_users_who_may_come_back_stay_members(stage: Stage, user_id: str, known: bool) -> None:
    chat_id = await stage.chat(await stage.user("Ann"))
    if known:
        await stage.store.users.put(Profile(user_id, "Away", "guest"))
    away = Member(user_id, "Away", stage.clock())
    await stage.store.chats.add(chat_id, away)
    await stage.store.memberships.insert(Membership(user_id, chat_id, "Tea", "public", away.joined))
    assert (await cleaned(stage, "memberships"))["memberships"] == Tally()
    assert user_id in await stage.members(chat_id)


async def test_a_guest_without_a_profile_who_connects_at_that_moment_stays_a_member(stage: Stage) -> None:
    chat_id = await stage.chat(await stage.user("Ann"))
    guest = Member("guest_back", "Back", stage.clock())
    await stage.store.chats.add(chat_id, guest)
    await stage.store.memberships.insert(Membership(guest.user_id, chat_id, "Tea", "public", guest.joined))
    removal = await first(memberships.find(stage.backend, LIMIT))
    stage.sender.open("c1", guest.user_id)
    assert not await removal.go()
    assert guest.user_id in await stage.members(chat_id)


async def test_read_positions_go_with_the_membership_and_not_before(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id = await said(ann, chat_id)
    for one in (ann, bob):
        await one.does("markRead", {"chatId": chat_id, "id": message_id})
    late = stage.memory.reads.rows[bob.id, chat_id]
    await bob.does("leaveChat", {"chatId": chat_id})
    await stage.store.reads.put(replace(late, version=""))
    assert (await cleaned(stage, "reads"))["reads"] == Tally(1, 1)
    assert set(stage.memory.reads.rows) == {(ann.id, chat_id)}


async def test_a_read_position_that_moves_at_that_moment_stays(stage: Stage) -> None:
    await stage.store.reads.put(ReadPosition("ann", "chat", new_id(), 1))
    removal = await first(reads.find(stage.backend, LIMIT))
    kept = stage.memory.reads.rows["ann", "chat"]
    await stage.store.reads.put(replace(kept, time=2))
    assert not await removal.go()
    assert stage.memory.reads.rows["ann", "chat"].time == 2


# Expired data


async def test_an_expired_invite_is_removed_and_a_renewed_one_stays(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = new_id()
    await ann.does("createChat", {"id": chat_id, "name": "Tea", "kind": "group"})
    await ann.does("createInvite", {"chatId": chat_id})
    assert (await cleaned(stage, "invites"))["invites"] == Tally()
    stage.clock.pass_seconds(8 * DAY)
    removal = await first(invites.find(stage.backend, LIMIT))
    await ann.does("createInvite", {"chatId": chat_id})
    assert not await removal.go()
    stage.clock.pass_seconds(8 * DAY)
    assert (await cleaned(stage, "invites"))["invites"] == Tally(1, 1)
    assert await stage.store.invites.read(chat_id) is None


async def test_messages_past_the_age_go_with_their_reactions_and_ids_and_no_others(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    old, gone = await said(ann, chat_id), await said(ann, chat_id)
    await ann.does("react", {"chatId": chat_id, "id": old, "emoji": "🍵", "on": True})
    await ann.does("deleteMessage", {"chatId": chat_id, "id": gone})
    stage.clock.pass_seconds(30 * DAY)
    young = await said(ann, chat_id)
    assert (await cleaned(stage, days=31))["messages"] == Tally()
    assert (await cleaned(stage, days=30))["messages"] == Tally(2, 3 + 1 + 1)
    assert [one.id for one in await stage.store.messages.newest(chat_id, None, 9)] == [young]
    assert await stage.store.sweep().count_messages(chat_id, 99) == 5


async def test_no_message_is_removed_unless_an_age_is_given(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    await said(ann, chat_id)
    stage.clock.pass_seconds(10 * 365 * DAY)
    assert "messages" not in await cleaned(stage)
    assert len(await stage.store.messages.newest(chat_id, None, 9)) == 1


async def test_a_message_that_somebody_changes_at_that_moment_stays_for_the_next_run(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    message_id = await said(ann, chat_id)
    stage.clock.pass_seconds(2 * DAY)
    removal = await first(history.messages_older_than(1)(stage.backend, LIMIT))
    await ann.does("react", {"chatId": chat_id, "id": message_id, "emoji": "🍵", "on": True})
    assert not await removal.go()
    assert (await cleaned(stage, "messages", days=1))["messages"] == Tally(1, 4)
    # What is left says how far the history has come, and that Ann may write.
    assert await stage.store.sweep().count_messages(chat_id, 9) == 2


async def test_a_reaction_that_comes_at_that_moment_keeps_the_message_and_all_its_reactions(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    message_id = await said(ann, chat_id)
    reaction = {"chatId": chat_id, "id": message_id, "on": True}
    await ann.does("react", {**reaction, "emoji": "🍵"})
    stage.clock.pass_seconds(2 * DAY)
    removal = await first(history.messages_older_than(1)(stage.backend, LIMIT))
    await ann.does("react", {**reaction, "emoji": "🍰"})
    assert not await removal.go()
    [kept] = (await messages.page(stage.backend, ann.id, chat_id)).items
    assert set(kept.reactions) == {"🍵", "🍰"}
    assert (await cleaned(stage, "messages", days=1))["messages"] == Tally(1, 5)
    assert await stage.store.sweep().count_messages(chat_id, 9) == 2


async def test_events_are_kept_for_a_day(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(await stage.user("Bob"))
    await ann.does("joinChat", chat_id)
    stage.clock.pass_seconds(DAY - 60)
    assert (await cleaned(stage, "events"))["events"] == Tally()
    stage.clock.pass_seconds(120)
    # Two greetings and a joining.
    assert (await cleaned(stage, "events"))["events"] == Tally(3, 3)
    assert stage.memory.events.rows == {}
