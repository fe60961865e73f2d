"""The contract of the store for memberships, tested with the one in memory and with tables in Azurite."""

from dataclasses import replace

from shared.model.records import Held, Membership
from shared.ports.store import Store
from tests.backend.stage import new_id


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
    place = await store.memberships.insert(Membership(user, chat_id, "Tea", "public", 1, state="joining"))
    assert place is not None
    assert (await store.memberships.of_user(user, "", 3)).items == (place,)
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


async def test_a_membership_keeps_who_the_other_is_and_that_it_is_silenced(store: Store) -> None:
    made = await store.memberships.insert(
        Membership(new_id(), new_id(), "Chat with Bob", "private", 1, since=1, peer="bob", silenced=True)
    )
    assert made and await store.memberships.read(made.user_id, made.chat_id) == made
    assert made.peer == "bob" and made.silenced
