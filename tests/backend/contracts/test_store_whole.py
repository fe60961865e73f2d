"""The contract of the store as a whole, tested with the one in memory and with tables in Azurite."""

import pytest

from shared.model.records import Connection, Profile
from shared.ports.store import Store
from shared.ports.store.chats import Addition
from tests.backend.contracts.rows import STRANGE, made, member
from tests.backend.stage import new_id


async def test_rows_that_were_never_created_read_as_none(store: Store) -> None:
    nowhere = new_id()
    assert await store.chats.read(nowhere) is None
    assert await store.chats.roster(nowhere, 10) is None
    assert await store.chats.member(nowhere, "ann") is None
    assert await store.memberships.read("ann", nowhere) is None
    assert await store.users.read(nowhere) is None
    assert await store.presence.online(nowhere) is None
    assert await store.messages.position(nowhere, new_id()) is None


@pytest.mark.parametrize("user", STRANGE)
async def test_any_user_id_can_be_kept(store: Store, user: str) -> None:
    chat_id = await made(store, user)
    await store.users.put(Profile(user, "Name", "test"))
    assert await store.users.read(user) == Profile(user, "Name", "test")
    assert await store.chats.add(chat_id, member(user)) is Addition.ALREADY
    await store.presence.put_connection(user, Connection("c1", False))
    assert await store.presence.connections(user) == (Connection("c1", False),)
    await store.presence.drop_connection(user, "c1")


async def test_storage_answers_a_ping(store: Store) -> None:
    await store.ping()
