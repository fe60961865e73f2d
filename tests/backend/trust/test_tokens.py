"""The initial rights of a connection."""

from dataclasses import replace

import pytest
from azure.core.credentials import AzureKeyCredential

from shared.adapters.pubsub import PubSub
from shared.backend import Actor
from shared.dispatch import perform
from shared.model.errors import NotSignedIn
from shared.model.records import Profile
from shared.rules.connection import tokens
from shared.wire.cloudevents import ConnectRequest
from shared.wire.connection_state import ConnectionState
from shared.wire.events import UserConnected
from tests.backend.stage import Player, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def nothing() -> None:
    return


async def test_a_token_carries_the_rights_of_ones_chats_and_nothing_more(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    mine, _ = await stage.chat(ann), await stage.chat(bob)
    access = await tokens.client_access(stage.backend, Profile(ann.id, "Ann", "test"))
    assert access.token == f"{ann.id}|webpubsub.sendToGroup.{mine},webpubsub.joinLeaveGroup.{mine}|{mine}"


async def test_a_token_stays_short_enough_for_an_address(stage: Stage) -> None:
    ann = await stage.user("Ann")
    made = [await stage.chat(ann) for _ in range(35)]
    access = await tokens.client_access(stage.backend, Profile(ann.id, "Ann", "test"))
    assert set(access.token.split("|")[2].split(",")) == set(made[5:])


async def test_an_address_stays_short_for_somebody_with_many_private_chats(stage: Stage) -> None:
    """Their ids are twice as long, and proxies refuse URLs of more than about 8,000 characters."""
    ann = await stage.user("Ann")
    for number in range(35):
        await ann.does("createPrivateChat", {"targetUserId": (await stage.user(f"User{number}")).id})
    sender = PubSub("https://a-name-of-average-length.webpubsub.azure.com", "chat", AzureKeyCredential("k" * 44))
    access = await tokens.client_access(replace(stage.backend, sender=sender), Profile(ann.id, "Ann", "test"))
    await sender.close()
    assert 5_000 < len(access.url) < 7_500


async def test_asking_for_a_token_keeps_a_changed_name(stage: Stage) -> None:
    ann = await stage.user("Ann")
    await tokens.client_access(stage.backend, Profile(ann.id, "Anna", "test"))
    kept = await stage.store.users.read(ann.id)
    assert kept is not None and kept.name == "Anna"


async def test_a_connection_gets_the_rights_of_all_its_chats(stage: Stage) -> None:
    ann = await stage.user("Ann")
    made = {await stage.chat(ann) for _ in range(35)}
    rights = await tokens.on_connect(stage.backend, ann.id, ConnectRequest())
    assert set(rights.groups) == made and len(rights.roles) == 2 * len(made)


async def test_a_token_from_before_a_removal_does_not_connect(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    await ann.does("removeMember", {"chatId": chat_id, "userId": bob.id})
    with pytest.raises(NotSignedIn):
        await tokens.on_connect(stage.backend, bob.id, ConnectRequest({"webpubsub.group": [chat_id]}))
    with pytest.raises(NotSignedIn):
        await tokens.on_connect(stage.backend, "", ConnectRequest())


@pytest.mark.parametrize("ending", ["leaveChat", "removeMember", "deleteChat"])
async def test_a_chat_that_ends_for_somebody_whose_connection_is_just_opening_does_not_stay_open_to_it(
    stage: Stage, ending: str
) -> None:
    """Rights can't be revoked from a connection that does not exist yet."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id, other = await stage.chat(ann, bob), await stage.chat(ann, bob)
    tab = await bob.connecting_tab(nothing)
    assert tab.may_speak_in(chat_id) and tab.hears(other)
    tab = await bob.connecting_tab(lambda: bob.does("joinChat", other))
    assert tab.is_open()
    data = {
        "leaveChat": {"chatId": chat_id},
        "removeMember": {"chatId": chat_id, "userId": bob.id},
        "deleteChat": chat_id,
    }
    who = bob if ending == "leaveChat" else ann
    tab = await bob.connecting_tab(lambda: who.does(ending, data[ending]))
    assert not tab.is_open()
    assert not tab.may_speak_in(chat_id) and not tab.hears(chat_id)
    again = await bob.connecting_tab(nothing)
    assert again.may_speak_in(other) and not again.may_speak_in(chat_id)


async def test_a_chat_that_is_joined_while_a_connection_is_opening_does_not_end_it(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    old, new = await stage.chat(ann, bob), await stage.chat(ann)
    tab = await bob.connecting_tab(lambda: bob.does("joinChat", new))
    assert tab.is_open() and tab.may_speak_in(old)


async def test_rights_in_a_chat_joined_while_a_connection_was_opening_are_granted_at_user_connected(
    stage: Stage,
) -> None:
    """A join grants rights to known connections, which do not include one that is just opening."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    old = await stage.chat(ann, bob)
    stage.clock.pass_seconds(60)
    chat_id = await stage.chat(ann)
    tab = Player(stage, bob.id, "opening")
    stage.sender.open(tab.connection, bob.id)
    state = ConnectionState(stage.clock())
    await bob.does("joinChat", chat_id)
    assert not tab.may_speak_in(chat_id)
    await perform(stage.backend, Actor(bob.id, tab.connection, state), UserConnected())
    assert tab.may_speak_in(chat_id) and tab.hears(chat_id)
    assert not tab.may_speak_in(old)
