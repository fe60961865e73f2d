"""Moderated chats: members can send only through the backend, which sends what it has saved."""

import msgspec
import pytest

from shared.backend import Actor
from shared.dispatch import perform
from shared.model.clock import iso
from shared.model.records import Profile
from shared.rules.chats import directory, own_list
from shared.rules.connection import tokens
from shared.rules.history import messages
from shared.wire.chat_events import ChatCreated, ChatJoined
from shared.wire.cloudevents import ConnectRequest
from shared.wire.connection_state import ConnectionState
from shared.wire.events import UserConnected
from tests.backend.stage import Stage, new_id


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_members_hear_and_visit_a_moderated_chat_and_cannot_speak_in_it(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    chat_id = await stage.chat(ann, bob, moderated=True)
    await tab.does("joinChat", chat_id)
    for one in (ann, bob, tab):
        assert one.hears(chat_id) and one.may_visit(chat_id) and not one.may_speak_in(chat_id)


async def test_no_token_and_no_connection_brings_the_right_to_speak_in_it(stage: Stage) -> None:
    ann = await stage.user("Ann")
    open_one, moderated = await stage.chat(ann), await stage.chat(ann, moderated=True)
    access = await tokens.client_access(stage.backend, Profile(ann.id, "Ann", "test"))
    rights = await tokens.on_connect(stage.backend, ann.id, ConnectRequest())
    for roles in (access.token.split("|")[1].split(","), rights.roles):
        assert set(roles) == {
            f"webpubsub.sendToGroup.{open_one}",
            f"webpubsub.joinLeaveGroup.{open_one}",
            f"webpubsub.joinLeaveGroup.{moderated}",
        }
    assert set(rights.groups) == {open_one, moderated}


async def test_catching_up_grants_no_right_to_send_either(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, moderated=True)
    tab = bob.silent_tab()
    state = ConnectionState(stage.clock())
    await bob.does("joinChat", chat_id)
    await perform(stage.backend, Actor(bob.id, tab.connection, state), UserConnected())
    assert tab.hears(chat_id) and tab.may_visit(chat_id) and not tab.may_speak_in(chat_id)


async def test_who_leaves_or_is_removed_may_not_visit_any_more(stage: Stage) -> None:
    ann, bob, cat = [await stage.user(name) for name in ("Ann", "Bob", "Cat")]
    chat_id = await stage.chat(ann, bob, cat, moderated=True)
    await bob.does("leaveChat", {"chatId": chat_id})
    await ann.does("removeMember", {"chatId": chat_id, "userId": cat.id})
    assert not any(one.hears(chat_id) or one.may_visit(chat_id) for one in (bob, cat))


async def test_every_view_of_a_chat_says_that_it_is_moderated_and_else_nothing(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    for moderated in (True, False):
        chat_id = await stage.chat(ann, moderated=moderated)
        [made] = bob.heard("chatCreated")
        told = await bob.does("joinChat", chat_id)
        assert isinstance(told, ChatJoined)
        listed = [
            *(await directory.page(stage.backend, "")).items,
            *(await own_list.page(stage.backend, bob.id, "")).items,
        ]
        seen: list[ChatCreated] = [told, *(one for one in listed if one.id == chat_id)]
        assert len(seen) == 3
        for view in (made, *(msgspec.to_builtins(one) for one in seen)):
            assert view.get("moderated", "left out") == (True if moderated else "left out")


async def test_a_chat_made_again_must_be_moderated_as_before(stage: Stage) -> None:
    ann = await stage.user("Ann")
    for moderated in (True, False):
        chat_id = await stage.chat(ann, moderated=moderated)
        again = {"id": chat_id, "name": "Tea"}
        assert await ann.code("createChat", {**again, "moderated": moderated}) == ""
        assert await ann.code("createChat", {**again, "moderated": not moderated}) == "ChatIdTaken"


@pytest.mark.parametrize("moderated", ["true", 1, None, []])
async def test_moderated_is_true_or_false(stage: Stage, moderated: object) -> None:
    ann = await stage.user("Ann")
    assert await ann.code("createChat", {"id": new_id(), "name": "Tea", "moderated": moderated}) == "BadRequest"


def said(chat_id: str, **more: object) -> dict[str, object]:
    return {"chatId": chat_id, "id": new_id(), "message": "hi", **more}


async def test_a_members_message_is_saved_and_then_sent_to_all_on_their_behalf(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await stage.chat(ann, bob, moderated=True)
    first = said(chat_id, fromUserId=ann.id, fromUserName="Ann")
    await bob.does("saveMessage", first)
    [kept] = (await messages.page(stage.backend, bob.id, chat_id)).items
    shown = {"id": first["id"], "message": "hi", "fromUserId": bob.id, "fromUserName": "Bob", "time": iso(kept.time)}
    assert ann.relayed() == bob.relayed() == [shown] and eve.relayed() == []
    reply = said(chat_id, replyTo=first["id"], mentions=[bob.id, eve.id])
    await ann.does("saveMessage", reply)
    [heard] = bob.relayed()
    assert heard["replyTo"] == first["id"]
    assert isinstance(heard["mentions"], list | tuple) and list(heard["mentions"]) == [bob.id]
    page = await messages.page(stage.backend, bob.id, chat_id)
    assert [one.id for one in page.items] == [first["id"], reply["id"]]


async def test_nothing_is_shown_that_was_not_kept(stage: Stage) -> None:
    ann, eve = await stage.user("Ann"), await stage.user("Eve")
    chat_id = await stage.chat(ann, moderated=True)
    mine = said(chat_id)
    await ann.does("saveMessage", mine)
    ann.relayed()
    assert await eve.code("saveMessage", said(chat_id)) == "NotAMember"
    await eve.does("joinChat", chat_id)
    assert await eve.code("saveMessage", {**mine, "message": "forged"}) == "MessageIdTaken"
    assert await ann.code("saveMessage", said(chat_id, message=" ")) == "BadRequest"
    assert ann.relayed() == []


async def test_a_retry_sends_the_message_as_saved_whatever_the_retry_says(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob, moderated=True)
    mine = said(chat_id)
    await ann.does("saveMessage", mine)
    bob.relayed()
    await ann.does("saveMessage", {**mine, "message": "something else"})
    assert [one["message"] for one in bob.relayed()] == ["hi"]
    await ann.does("deleteMessage", {"chatId": chat_id, "id": mine["id"]})
    await ann.does("saveMessage", mine)
    assert bob.relayed() == []


async def test_in_an_open_chat_the_backend_shows_nothing_for_the_members(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    await ann.does("saveMessage", said(chat_id))
    assert bob.relayed() == []
