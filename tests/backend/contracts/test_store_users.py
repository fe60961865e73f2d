"""The contract of the store for users, tested with the one in memory and with tables in Azurite."""

from shared.model.records import Profile
from shared.ports.store import Store
from tests.backend.stage import new_id


async def test_a_revocation_is_stored_beside_the_profile_and_removed_only_if_unchanged(store: Store) -> None:
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
