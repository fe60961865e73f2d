"""What every store promises, asked of the one in memory and of the tables in Azurite."""

import asyncio
from dataclasses import replace

import pytest

from shared.model.records import (
    Block,
    Chat,
    Connection,
    Ending,
    Held,
    Invite,
    Member,
    Membership,
    OnlineUser,
    Page,
    Performed,
    Profile,
    Slot,
)
from shared.ports.store import Store
from shared.ports.store.chats import ENDINGS_LIMIT, Addition
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import new_id

STRANGE = ["a/b", "ünï#?\\", "a%2Fb", "a=2Fb", "~", "'", "a b+c", "x" * 128, "é" * 128]


@pytest.fixture(params=["memory", "tables"])
def store(request: pytest.FixtureRequest) -> Store:
    return MemoryStore() if request.param == "memory" else request.getfixturevalue("table_store")


def member(user_id: str, joined: int = 1_700_000_000_000_000) -> Member:
    return Member(user_id, f"Name of {user_id}"[:50], joined)


def ending(user_id: str, since: int = 1) -> Ending:
    return Ending(user_id, f"Name of {user_id}"[:50], True, since)


async def made(store: Store, *users: str) -> str:
    chat_id = new_id()
    assert await store.chats.create(Chat(chat_id, "Tea", users[0], "public"), [member(user) for user in users])
    return chat_id


async def test_a_chat_is_read_as_it_was_made(store: Store) -> None:
    chat_id = await made(store, "ann", "bob")
    roster = await store.chats.roster(chat_id, 10)
    assert roster is not None
    assert replace(roster.chat, version="") == Chat(chat_id, "Tea", "ann", "public")
    assert [replace(one, version="") for one in roster.members] == [member("ann"), member("bob")]
    assert await store.chats.member(chat_id, "ann") == roster.members[0]
    assert await store.chats.read(chat_id) == roster.chat


async def test_a_moderated_chat_stays_so_whoever_owns_it(store: Store) -> None:
    chat_id = new_id()
    assert await store.chats.create(Chat(chat_id, "Tea", "ann", "public", True), [member("ann"), member("bob")])
    chat = await store.chats.read(chat_id)
    ann, bob = await store.chats.member(chat_id, "ann"), await store.chats.member(chat_id, "bob")
    assert chat and chat.moderated and ann and bob and await store.chats.hand_over(chat, ann, bob, ending("ann"))
    roster = await store.chats.roster(chat_id, 9)
    assert roster is not None and roster.chat.moderated
    assert (await store.memberships.insert(Membership("bob", chat_id, "Tea", "public", 1, True))).moderated
    [place] = [one for one in (await store.memberships.of_user("bob", "", 999)).items if one.chat_id == chat_id]
    assert place.moderated


async def test_what_was_never_made_is_none(store: Store) -> None:
    nowhere = new_id()
    assert await store.chats.read(nowhere) is None
    assert await store.chats.roster(nowhere, 10) is None
    assert await store.chats.member(nowhere, "ann") is None
    assert await store.memberships.read("ann", nowhere) is None
    assert await store.users.read(nowhere) is None
    assert await store.presence.online(nowhere) is None
    assert await store.messages.position(nowhere, new_id()) is None


async def test_an_id_is_used_once(store: Store) -> None:
    chat_id = await made(store, "ann")
    assert not await store.chats.create(Chat(chat_id, "Other", "eve", "public"), [member("eve")])
    assert await store.chats.member(chat_id, "eve") is None


async def test_adding_tells_how_it_ended(store: Store) -> None:
    chat_id = await made(store, "ann")
    assert await store.chats.add(chat_id, member("bob")) is Addition.ADDED
    assert await store.chats.add(chat_id, member("bob", 5)) is Addition.ALREADY
    assert await store.chats.add(new_id(), member("bob")) is Addition.GONE
    kept = await store.chats.member(chat_id, "bob")
    assert kept is not None and kept.joined == member("bob").joined


async def test_a_deleted_chat_takes_nobody_and_stays_refused(store: Store) -> None:
    chat_id = await made(store, "ann")
    roster = await store.chats.roster(chat_id, 10)
    assert roster is not None and await store.chats.delete(roster, unless_joined=False)
    assert await store.chats.add(chat_id, member("bob")) is Addition.GONE
    assert await store.chats.add(chat_id, member("ann")) is Addition.GONE
    assert not await store.chats.create(Chat(chat_id, "Tea", "ann", "public"), [member("ann")])
    kept = await store.chats.read(chat_id)
    assert kept is not None and kept.deleted
    assert not await store.chats.delete(roster, unless_joined=False)


async def test_a_chat_is_not_ended_when_somebody_joined_since_it_was_read(store: Store) -> None:
    chat_id = await made(store, "ann")
    roster = await store.chats.roster(chat_id, 10)
    assert roster is not None
    await store.chats.add(chat_id, member("bob"))
    assert not await store.chats.delete(roster, unless_joined=True)
    assert await store.chats.delete(roster, unless_joined=False)


async def test_a_member_is_removed_only_as_it_was_read(store: Store) -> None:
    chat_id = await made(store, "ann", "bob")
    before = await store.chats.member(chat_id, "bob")
    assert before is not None and await store.chats.remove(chat_id, before)
    assert not await store.chats.remove(chat_id, before)
    await store.chats.add(chat_id, member("bob"))
    assert not await store.chats.remove(chat_id, before)
    assert await store.chats.member(chat_id, "bob") is not None


async def test_who_is_taken_out_leaves_what_is_to_follow_in_the_same_step(store: Store) -> None:
    chat_id = await made(store, "ann", "bob")
    bob = await store.chats.member(chat_id, "bob")
    assert bob is not None and await store.chats.ending(chat_id, "bob") is None
    kept = await store.chats.take_out(chat_id, bob, ending("bob"))
    assert kept is not None and kept == await store.chats.ending(chat_id, "bob")
    assert replace(kept, version="") == ending("bob")
    assert await store.chats.member(chat_id, "bob") is None
    assert await store.chats.take_out(chat_id, bob, ending("bob", 2)) is None
    roster = await store.chats.roster(chat_id, 10)
    assert roster is not None and roster.endings == (kept,) and roster.version
    assert [one.user_id for one in roster.members] == ["ann"]


async def test_an_ending_is_taken_up_and_closed_only_as_it_was_read(store: Store) -> None:
    chat_id = await made(store, "ann", "bob")
    bob = await store.chats.member(chat_id, "bob")
    assert bob is not None
    first = await store.chats.take_out(chat_id, bob, ending("bob"))
    assert first is not None
    second = await store.chats.take_up(chat_id, replace(first, since=2))
    assert second is not None and second.since == 2
    assert await store.chats.take_up(chat_id, replace(first, since=3)) is None
    assert not await store.chats.close(chat_id, first)
    assert await store.chats.close(chat_id, second)
    assert not await store.chats.close(chat_id, second)
    assert await store.chats.take_up(chat_id, second) is None


async def test_who_comes_back_and_goes_again_leaves_another_ending(store: Store) -> None:
    chat_id = await made(store, "ann", "bob")
    kept = []
    for since in (1, 2):
        bob = await store.chats.member(chat_id, "bob")
        assert bob is not None
        kept.append(await store.chats.take_out(chat_id, bob, ending("bob", since)))
        assert await store.chats.add(chat_id, member("bob")) is Addition.ADDED
    first, second = kept
    assert first and second and not await store.chats.close(chat_id, first)
    assert await store.chats.ending(chat_id, "bob") == second


async def test_a_chat_is_read_whole_however_many_ends_are_left_in_it(store: Store) -> None:
    users = [f"u{number:02d}" for number in range(ENDINGS_LIMIT + 3)]
    chat_id = await made(store, "ann", "zoe", *users)
    for user in users:
        one = await store.chats.member(chat_id, user)
        assert one is not None and await store.chats.take_out(chat_id, one, ending(user))
    roster = await store.chats.roster(chat_id, 9)
    assert roster is not None and [one.user_id for one in roster.members] == ["ann", "zoe"]
    assert [one.user_id for one in roster.endings] == users[:ENDINGS_LIMIT]
    assert await store.chats.add(chat_id, member("yan")) is Addition.ADDED
    assert not await store.chats.delete(roster, unless_joined=True)
    roster = await store.chats.roster(chat_id, 1)
    assert roster is not None and [one.user_id for one in roster.members] == ["ann"]
    assert await store.chats.delete(roster, unless_joined=True)


async def test_when_a_chat_has_ended_is_rewritten_only_as_it_was_read(store: Store) -> None:
    chat_id = await made(store, "ann")
    roster = await store.chats.roster(chat_id, 9)
    assert roster is not None and await store.chats.delete(roster, unless_joined=False, at=7)
    gone = await store.chats.read(chat_id)
    assert gone is not None and gone.deleted and gone.ended == 7
    assert await store.chats.take_up_deletion(gone, 8)
    assert not await store.chats.take_up_deletion(gone, 9)
    again = await store.chats.read(chat_id)
    assert again is not None and again.deleted and again.ended == 8


async def test_handing_over_changes_owner_and_members_together(store: Store) -> None:
    chat_id = await made(store, "ann", "bob")
    chat = await store.chats.read(chat_id)
    ann, bob = await store.chats.member(chat_id, "ann"), await store.chats.member(chat_id, "bob")
    assert chat and ann and bob and await store.chats.hand_over(chat, ann, bob, ending("ann"))
    roster = await store.chats.roster(chat_id, 10)
    assert roster is not None and roster.chat.owner == "bob"
    assert [replace(one, version="") for one in roster.endings] == [ending("ann")]
    assert [one.user_id for one in roster.members] == ["bob"]
    # The heir's row is another now, so that a leave which began before looks again.
    assert not await store.chats.remove(chat_id, bob)
    assert not await store.chats.hand_over(chat, ann, bob, ending("ann"))


async def test_members_are_purged_in_bounded_steps(store: Store) -> None:
    chat_id = await made(store, "ann")
    for number in range(4):
        await store.chats.add(chat_id, member(f"u{number}"))
    assert len(await store.chats.purge_members(chat_id, 3)) == 3
    assert len(await store.chats.purge_members(chat_id, 3)) == 2
    assert await store.chats.purge_members(chat_id, 3) == ()
    assert await store.chats.read(chat_id) is not None


async def test_members_are_paged_without_gaps_and_whoever_comes_and_goes(store: Store) -> None:
    chat_id, other = await made(store, "ann"), await made(store, "ann", "zoe")
    names = ["ann", "Bob", "bob", "x" * 128, "a.b-c_d", "%", "~", "zoe"]
    for name in names[1:]:
        await store.chats.add(chat_id, member(name))
    seen: list[str] = []
    page = await store.chats.members(chat_id, "", 3)
    while True:
        assert len(page.items) <= 3
        seen += [one.user_id for one in page.items]
        if len(seen) == 3:
            last = await store.chats.member(chat_id, seen[-1])
            assert last == page.items[-1] and await store.chats.remove(chat_id, last)
        if not page.next:
            break
        page = await store.chats.members(chat_id, page.next, 3)
    assert sorted(seen) == sorted(names)
    assert [one.user_id for one in (await store.chats.members(other, "", 2)).items] == ["ann", "zoe"]
    assert (await store.chats.members(other, "", 2)).next == ""
    assert await store.chats.members(new_id(), "", 2) == Page(())


async def test_the_directory_is_paged_without_gaps(store: Store) -> None:
    ids = sorted(new_id() for _ in range(5))
    for chat_id in ids:
        await store.chats.list_publicly(chat_id)
        await store.chats.list_publicly(chat_id)
    await store.chats.unlist(ids[2])
    await store.chats.unlist(ids[2])
    seen, after = [], ""
    while True:
        page = await store.chats.listed(after, 2)
        seen += page.items
        if not (after := page.next):
            break
    assert [one for one in seen if one in ids] == [*ids[:2], *ids[3:]]
    assert seen == sorted(seen)


async def test_how_many_chats_a_user_has_is_counted_without_private_ones_and_without_the_one_that_is_meant(
    store: Store,
) -> None:
    user, own = new_id(), [new_id() for _ in range(4)]
    for number, chat_id in enumerate(own):
        place = Membership(user, chat_id, "Tea", "public", 1, state="joining", made=number < 3)
        await store.memberships.insert(place)
    await store.memberships.insert(Membership(user, f"private_{new_id()}", "Chat", "private", 1))
    await store.memberships.insert(Membership(user + "x", new_id(), "Tea", "public", 1, made=True))
    assert await store.memberships.held(user, "", 9) == Held(4, 3)
    assert await store.memberships.held(user, new_id(), 9) == Held(4, 3)
    assert await store.memberships.held(user, own[0], 9) == Held(3, 2)
    assert await store.memberships.held(user, own[3], 9) == Held(3, 3)
    assert (
        (await store.memberships.held(user, "", 2)).chats == (await store.memberships.held(user, own[0], 2)).chats == 2
    )
    kept = await store.memberships.read(user, own[0])
    assert kept is not None and kept.made
    changed = await store.memberships.update(replace(kept, made=False, state="member"))
    assert changed is not None and await store.memberships.held(user, "", 9) == Held(4, 2)


async def test_memberships_belong_to_one_user_and_are_paged(store: Store) -> None:
    user = new_id()
    ids = sorted(new_id() for _ in range(5))
    for number, chat_id in enumerate(ids):
        await store.memberships.insert(Membership(user, chat_id, "Tea", "public", number))
    first = await store.memberships.of_user(user, "", 3)
    second = await store.memberships.of_user(user, first.next, 3)
    assert [one.chat_id for one in (*first.items, *second.items)] == ids and second.next == ""
    assert (await store.memberships.of_user(user[:-1], "", 3)).items == ()


async def test_a_membership_is_made_once_and_listed_in_every_state(store: Store) -> None:
    user, chat_id = new_id(), new_id()
    place = await store.memberships.insert(Membership(user, chat_id, "Tea", "public", 1, "joining"))
    assert place is not None
    assert await store.memberships.insert(Membership(user, chat_id, "Cake", "public", 2)) is None
    ending = await store.memberships.update(replace(place, state="leaving"))
    assert (await store.memberships.of_user(user, "", 3)).items == (ending,)
    assert await store.memberships.read(user, chat_id) == ending


async def test_a_membership_changes_only_as_it_was_read(store: Store) -> None:
    user, chat_id = new_id(), new_id()
    old = await store.memberships.insert(Membership(user, chat_id, "Tea", "public", 1))
    assert old is not None
    new = await store.memberships.update(replace(old, joined=2))
    assert new is not None and await store.memberships.update(old) is None
    assert not await store.memberships.drop(old)
    assert await store.memberships.drop(new)
    assert not await store.memberships.drop(new)
    assert await store.memberships.update(new) is None


@pytest.mark.parametrize("user", STRANGE)
async def test_any_user_id_can_be_kept(store: Store, user: str) -> None:
    chat_id = await made(store, user)
    await store.users.put(Profile(user, "Name", "test"))
    assert await store.users.read(user) == Profile(user, "Name", "test")
    assert await store.chats.add(chat_id, member(user)) is Addition.ALREADY
    await store.presence.put_connection(user, Connection("c1", False))
    assert await store.presence.connections(user) == (Connection("c1", False),)
    await store.presence.drop_connection(user, "c1")


async def test_connections_are_counted_and_forgotten(store: Store) -> None:
    user = new_id()
    await store.presence.put_connection(user, Connection("c1", False))
    await store.presence.put_connection(user, Connection("c1", False))
    await store.presence.put_connection(user, Connection("c2", False))
    assert await store.presence.set_idle(user, Connection("c2", True))
    assert not await store.presence.set_idle(user, Connection("c3", True))
    assert set(await store.presence.connections(user)) == {Connection("c1", False), Connection("c2", True)}
    await store.presence.drop_connection(user, "c1")
    await store.presence.drop_connection(user, "c1")
    assert await store.presence.connections(user) == (Connection("c2", True),)


@pytest.mark.parametrize("user", STRANGE)
async def test_a_slot_is_taken_by_one_and_freed_only_as_it_was_read(store: Store, user: str) -> None:
    user = user[:90] + new_id()
    assert await store.slots.take(user, Slot(0, "c0", 5))
    assert not await store.slots.take(user, Slot(0, "c1", 6))
    assert await store.slots.take(user, Slot(19, "c1", 6))
    first, second = sorted(await store.slots.of_user(user), key=lambda one: one.number)
    assert (replace(first, version=""), replace(second, version="")) == (Slot(0, "c0", 5), Slot(19, "c1", 6))
    confirmed = await store.slots.update(user, replace(first, seen=9, asked=8))
    assert not await store.slots.update(user, replace(first, seen=10)) and not await store.slots.free(user, first)
    assert confirmed in await store.slots.of_user(user)
    assert confirmed is not None and replace(confirmed, version="") == Slot(0, "c0", 9, 8)
    assert await store.slots.free(user, confirmed)
    assert not await store.slots.free(user, confirmed) and not await store.slots.update(user, confirmed)
    assert await store.slots.of_user(user) == (second,)
    assert await store.slots.take(user, Slot(0, "c2", 7))
    assert await store.presence.connections(user) == ()


async def test_of_those_who_take_a_slot_at_once_one_has_it(store: Store) -> None:
    user = new_id()
    took = await asyncio.gather(*(store.slots.take(user, Slot(3, f"c{number}", 5)) for number in range(10)))
    assert sum(took) == 1
    [slot] = await store.slots.of_user(user)
    assert slot.connection_id == f"c{took.index(True)}"
    freed = await asyncio.gather(*(store.slots.free(user, slot) for _ in range(10)))
    assert sum(freed) == 1


async def test_of_two_who_see_a_user_come_or_go_only_one_changes_it(store: Store) -> None:
    user = OnlineUser(new_id(), "Ann", "test", False, 1_700_000_000_000_000)
    assert await store.presence.appear(user)
    assert not await store.presence.appear(user)
    seen = await store.presence.online(user.user_id)
    assert seen is not None and replace(seen, version="") == user
    assert await store.presence.update(replace(seen, idle=True))
    assert not await store.presence.update(seen)
    assert not await store.presence.vanish(seen)
    again = await store.presence.online(user.user_id)
    assert again is not None and again.idle and await store.presence.vanish(again)
    assert await store.presence.online(user.user_id) is None
    assert not await store.presence.vanish(again)
    assert not await store.presence.update(again)


async def test_the_list_of_those_online_is_paged(store: Store) -> None:
    users = sorted(new_id() for _ in range(5))
    for user in users:
        await store.presence.appear(OnlineUser(user, "Ann", "test", False, 1))
    seen, after = [], ""
    while True:
        page = await store.presence.all_online(after, 2)
        seen += [one.user_id for one in page.items]
        if not (after := page.next):
            break
    assert [one for one in seen if one in users] == users


@pytest.mark.parametrize("event_id", ["1", *STRANGE])
async def test_an_event_is_remembered_under_any_id_of_its_connection(store: Store, event_id: str) -> None:
    kept = Performed(new_id(), event_id, "digest", "heard", 1_700_000_000_000_000)
    await store.events.remember(kept)
    assert await store.events.read(kept.connection_id, event_id) == kept
    assert await store.events.read(new_id(), event_id) is None
    assert await store.events.read(kept.connection_id, event_id + "1") is None
    again = replace(kept, answer="", digest="other")
    await store.events.remember(again)
    assert await store.events.read(kept.connection_id, event_id) == again


async def test_the_longest_answer_is_kept_as_it_is(store: Store) -> None:
    longest = "".join(chr(0x1F600 + at % 64) for at in range(70_000))
    kept = Performed(new_id(), "1", "digest", longest, 1)
    await store.events.remember(kept)
    assert await store.events.read(kept.connection_id, "1") == kept


async def test_all_who_ask_for_a_secret_get_the_same(store: Store) -> None:
    name = new_id()
    got = await asyncio.gather(*(store.secrets.get_or_make(name, f"candidate {number}") for number in range(5)))
    assert len(set(got)) == 1
    assert await store.secrets.get_or_make(name, "late") == got[0]


async def test_storage_answers_a_ping(store: Store) -> None:
    await store.ping()


async def test_a_chat_has_one_invite_until_it_is_dropped(store: Store) -> None:
    chat_id = new_id()
    assert await store.invites.read(chat_id) is None
    assert await store.invites.add(chat_id, Invite("one", 1_700_000_000_000_000))
    assert not await store.invites.add(chat_id, Invite("two", 1_700_000_000_000_000))
    kept = await store.invites.read(chat_id)
    assert kept is not None
    assert (kept.secret, kept.expires) == ("one", 1_700_000_000_000_000)
    assert await store.invites.renew(chat_id, replace(kept, secret="two"))
    assert not await store.invites.renew(chat_id, replace(kept, secret="three"))
    renewed = await store.invites.read(chat_id)
    assert renewed is not None and renewed.secret == "two"
    await store.invites.drop(chat_id)
    await store.invites.drop(chat_id)
    assert not await store.invites.renew(chat_id, renewed)
    assert await store.invites.read(chat_id) is None


async def test_what_is_revoked_is_marked_beside_the_profile_and_forgotten_as_it_was_read(store: Store) -> None:
    user = new_id()
    await store.users.put(Profile(user, "Name", "test"))
    assert await store.users.revoked(user) == 0
    await store.users.revoke(user, 5)
    [old] = [one async for one in store.sweep().revoked() if one.user_id == user]
    await store.users.revoke(user, 7)
    assert await store.users.revoked(user) == 7
    assert await store.users.read(user) == Profile(user, "Name", "test")
    assert not await store.users.forget_revoked(user, old.version)
    [new] = [one async for one in store.sweep().revoked() if one.user_id == user]
    assert (old.time, new.time) == (5, 7)
    assert await store.users.forget_revoked(user, new.version)
    assert await store.users.revoked(user) == 0
    assert not await store.users.forget_revoked(user, new.version)


async def test_a_block_is_kept_once_and_changed_only_as_it_was_read(store: Store) -> None:
    ann, bob = new_id(), STRANGE[1]
    wanted = Block(ann, bob, "Bob", "blocking")
    assert await store.blocks.read(ann, bob) is None
    begun = await store.blocks.insert(wanted)
    assert begun is not None and replace(begun, version="") == wanted
    assert await store.blocks.insert(wanted) is None
    settled = await store.blocks.update(replace(begun, state="blocked"))
    assert settled is not None and await store.blocks.read(ann, bob) == settled
    assert await store.blocks.update(begun) is None and not await store.blocks.drop(begun)
    assert await store.blocks.read(bob, ann) is None
    assert await store.blocks.drop(settled) and not await store.blocks.drop(settled)
    assert await store.blocks.read(ann, bob) is None


async def test_blocks_of_a_user_come_in_pages_and_are_nobody_elses(store: Store) -> None:
    ann, others = new_id(), sorted(new_id() for _ in range(3))
    for other in others:
        assert await store.blocks.insert(Block(ann, other, "Name", "blocked"))
        assert await store.blocks.insert(Block(other, ann, "Ann", "blocked"))
    first = await store.blocks.of_user(ann, "", 2)
    rest = await store.blocks.of_user(ann, first.next, 2)
    assert [one.blocked for one in (*first.items, *rest.items)] == others
    assert (first.next, rest.next) == (others[1], "")


async def test_a_membership_keeps_who_the_other_is_and_that_it_is_silenced(store: Store) -> None:
    made = await store.memberships.insert(
        Membership(new_id(), new_id(), "Chat with Bob", "private", 1, since=1, peer="bob", silenced=True)
    )
    assert made and await store.memberships.read(made.user_id, made.chat_id) == made
    assert made.peer == "bob" and made.silenced
