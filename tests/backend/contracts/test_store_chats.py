"""The contract of the store for chats and their members, tested with the one in memory and with tables in Azurite."""

from dataclasses import replace

from shared.model.records import Chat, Membership, Page
from shared.ports.store import Store
from shared.ports.store.chats import ENDINGS_LIMIT, Addition
from tests.backend.contracts.rows import ending, made, member
from tests.backend.stage import new_id


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
    kept = await store.memberships.insert(Membership("bob", chat_id, "Tea", "public", 1, True))
    assert kept is not None and kept.moderated
    [place] = [one for one in (await store.memberships.of_user("bob", "", 999)).items if one.chat_id == chat_id]
    assert place.moderated


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


async def test_removing_a_member_and_recording_the_ending_is_one_transaction(store: Store) -> None:
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


async def test_a_member_who_rejoins_and_leaves_again_replaces_the_ending(store: Store) -> None:
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


async def test_a_chat_is_read_completely_despite_many_endings(store: Store) -> None:
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
    # The heir's row has a new version, so that a concurrent leave conflicts and retries.
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


async def test_members_are_paged_without_gaps_despite_concurrent_changes(store: Store) -> None:
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
    seen, after = list[str](), ""
    while True:
        page = await store.chats.listed(after, 2)
        seen += page.items
        if not (after := page.next):
            break
    assert [one for one in seen if one in ids] == [*ids[:2], *ids[3:]]
    assert seen == sorted(seen)
