"""The contract of the store for presence, tested with the one in memory and with tables in Azurite."""

from dataclasses import replace

from shared.model.records import Connection, OnlineUser
from shared.ports.store import Store
from tests.backend.stage import new_id


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


async def test_of_two_concurrent_changes_of_presence_only_one_succeeds(store: Store) -> None:
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
