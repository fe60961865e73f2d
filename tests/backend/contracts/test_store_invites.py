"""The contract of the store for invites, tested with the one in memory and with tables in Azurite."""

from dataclasses import replace

from shared.model.records import Invite
from shared.ports.store import Store
from tests.backend.stage import new_id


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
