"""A client of the original Chatr works: its sign-in, subprotocol, events and payloads."""

import asyncio
import uuid

from tests.system.chatr_client import ChatrClient, about, payload
from tests.system.lobby import Lobby, new_chat


async def test_signed_in_with_a_provider_it_gets_a_token_for_its_own_id_only(lobby: Lobby) -> None:
    ada = await lobby.provider("Ada")
    assert set(await ada.get(f"getToken?userId={ada.user_id}")) >= {"url", "baseUrl", "token"}
    refused = await ada.get("getToken?userId=somebody-else", status=403)
    assert refused["error"]["code"] == "Forbidden"
    assert (await ada.get("me"))["userName"] == "Ada"


async def test_users_see_each_other_come_and_go(lobby: Lobby) -> None:
    ada = await lobby.enter("Ada")
    async with ChatrClient.connected(await lobby.guest("Grace")) as grace:
        online = payload(await ada.receive(lambda m: about(m, "userOnline") and payload(m)["userName"] == "Grace"))
        assert online == {
            "userId": grace.person.user_id,
            "userName": "Grace",
            "userProvider": "guest",
            "idle": False,
        }
        users = (await ada.person.get("users"))["users"]
        assert users[grace.person.user_id]["userName"] == "Grace"
    gone = await ada.chat_event("userOffline")
    assert gone["data"]["data"] == grace.person.user_id
    assert grace.person.user_id not in (await ada.person.get("users"))["users"]


async def test_a_new_chat_is_announced_and_can_be_joined_and_talked_in(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    chat_id = await new_chat(ada, "Compilers")
    created = payload(await grace.chat_event("chatCreated"))
    assert (created["id"], created["name"], created["owner"]) == (chat_id, "Compilers", ada.person.user_id)
    await grace.event("joinChat", chat_id)
    chats = await grace.person.public_chats()
    assert set(chats[chat_id]["members"]) == {ada.person.user_id, grace.person.user_id}
    await grace.say(chat_id, "Hello, Ada")
    heard = await ada.said(chat_id)
    assert heard["fromUserId"] == grace.person.user_id
    assert heard["data"] == {
        "message": "Hello, Ada",
        "fromUserId": grace.person.user_id,
        "fromUserName": "Grace",
    }


async def test_a_member_sees_in_words_who_joined_and_left(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("<b>Grace</b>")
    chat_id = await new_chat(ada)
    await grace.event("joinChat", chat_id)
    joined = await ada.chat_event("memberJoined")
    assert joined["group"] == chat_id
    assert joined["data"]["fromUserName"] == "Chatr"
    assert "&lt;b&gt;Grace&lt;/b&gt; " in joined["data"]["message"]
    await grace.event("leaveChat", {"chatId": chat_id, "userName": "anything"})
    left = await ada.chat_event("memberLeft")
    assert payload(left)["userId"] == grace.person.user_id


async def test_only_the_owner_deletes_a_chat_and_everybody_hears_of_it(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    chat_id = await new_chat(ada)
    await grace.event("joinChat", chat_id)
    assert (await grace.refused("deleteChat", chat_id))["code"] == "NotTheOwner"
    await ada.event("deleteChat", chat_id)
    deleted = await grace.chat_event("chatDeleted")
    assert deleted["from"] == "server"
    assert deleted["data"]["data"] == chat_id
    # The original Chatr's client answers a deletion by leaving the chat, and that must not bring it back.
    await grace.event("leaveChat", {"chatId": chat_id, "userName": "Grace"})
    assert chat_id not in await ada.person.public_chats()


async def test_a_private_chat_opens_on_both_sides_and_stays_between_the_two(lobby: Lobby) -> None:
    ada, grace, eve = [await lobby.enter(name) for name in ("Ada", "Grace", "Eve")]
    request = {"initiatorUserId": ada.person.user_id, "targetUserId": grace.person.user_id}
    await ada.event("createPrivateChat", request)
    opened = payload(next(m for m in ada.seen if about(m, "joinPrivateChat")))
    invited = payload(await grace.chat_event("joinPrivateChat"))
    assert (opened["name"], opened["grabFocus"]) == ("Chat with Grace", True)
    assert (invited["name"], invited["grabFocus"]) == ("Chat with Ada", False)
    assert opened["id"] == invited["id"]
    chat_id = opened["id"]
    await ada.say(chat_id, "just us")
    assert (await grace.said(chat_id))["data"]["message"] == "just us"
    assert (await eve.refused("joinChat", chat_id))["code"] == "ChatNotFound"
    await eve.person.get(f"chats/{chat_id}/messages", status=404)
    assert chat_id not in await eve.person.public_chats()


async def test_a_private_chat_cannot_be_opened_in_anothers_name(lobby: Lobby) -> None:
    ada, grace, eve = [await lobby.enter(name) for name in ("Ada", "Grace", "Eve")]
    forged = {"initiatorUserId": ada.person.user_id, "targetUserId": grace.person.user_id}
    assert (await eve.refused("createPrivateChat", forged))["code"] == "Forbidden"


async def test_idle_and_back_is_told_to_the_others(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    await grace.event("userEnterIdle", grace.person.user_id)
    assert (await ada.chat_event("userIsIdle"))["data"]["data"] == grace.person.user_id
    assert (await ada.person.get("users"))["users"][grace.person.user_id]["idle"] is True
    await grace.event("userExitIdle", grace.person.user_id)
    assert (await ada.chat_event("userNotIdle"))["data"]["data"] == grace.person.user_id


async def test_the_name_comes_from_sign_in_whatever_the_client_says(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    await grace.event("userConnected", {"userName": "Ada", "userProvider": "aad"})
    assert (await ada.person.get("users"))["users"][grace.person.user_id]["userName"] == "Grace"


async def test_outsiders_may_neither_send_to_a_chat_nor_listen_to_it(lobby: Lobby) -> None:
    ada, eve = await lobby.enter("Ada"), await lobby.enter("Eve")
    chat_id = await new_chat(ada)
    for kind in ("joinGroup", "sendToGroup"):
        attempt = {"type": kind, "group": chat_id, "ackId": 900, "dataType": "text", "data": "spam"}
        await eve.send(attempt | {"ackId": 900 + len(kind)})
        ack = await eve.receive(lambda m: m["type"] == "ack" and m["ackId"] >= 900)
        assert (ack["success"], ack["error"]["name"]) == (False, "Forbidden")
    assert (await eve.refused("saveMessage", {"chatId": chat_id, "id": str(uuid.uuid4()), "message": "x"}))["code"] in (
        "NotAMember",
    )


async def test_who_left_may_no_longer_send_or_read(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    chat_id = await new_chat(ada)
    await grace.event("joinChat", chat_id)
    await grace.event("leaveChat", {"chatId": chat_id})
    await grace.send({"type": "sendToGroup", "group": chat_id, "ackId": 77, "dataType": "text", "data": "x"})
    ack = await grace.receive(lambda m: m["type"] == "ack" and m["ackId"] == 77)
    assert ack["error"]["name"] == "Forbidden"
    await grace.person.get(f"chats/{chat_id}/messages", status=403)


async def test_in_a_moderated_chat_nobody_speaks_past_the_backend_and_all_see_what_was_kept(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    chat_id, message_id = str(uuid.uuid4()), str(uuid.uuid4())
    await ada.event("createChat", {"id": chat_id, "name": "Careful", "moderated": True})
    assert payload(await grace.chat_event("chatCreated"))["moderated"] is True
    await grace.event("joinChat", chat_id)
    again = await lobby.client(grace.person)
    for client in (ada, grace, again):
        await client.send({"type": "sendToGroup", "group": chat_id, "ackId": 77, "dataType": "text", "data": "x"})
        ack = await client.receive(lambda m: m["type"] == "ack" and m["ackId"] == 77)
        assert (ack["success"], ack["error"]["name"]) == (False, "Forbidden")
    await ada.event("saveMessage", {"chatId": chat_id, "id": message_id, "message": "Hello, all"})
    [kept] = (await again.person.get(f"chats/{chat_id}/messages"))["messages"]
    for client in (ada, grace, again):
        heard = await client.said(chat_id)
        assert "fromUserId" not in heard
        # The original Chatr's client shows `fromUserName` and `message`.
        assert heard["data"] == {
            "id": message_id,
            "message": "Hello, all",
            "fromUserId": ada.person.user_id,
            "fromUserName": "Ada",
            "time": kept["time"],
        }
    assert not any(message.get("data") == "x" for client in (ada, grace, again) for message in client.seen)
    assert kept["id"] == message_id


async def test_ten_who_join_at_once_are_all_members(lobby: Lobby) -> None:
    ada = await lobby.enter("Ada")
    others = [await lobby.enter(f"Guest {number}") for number in range(10)]
    chat_id = await new_chat(ada)
    await asyncio.gather(*(each.event("joinChat", chat_id) for each in others))
    members = (await ada.person.public_chats())[chat_id]["members"]
    assert set(members) == {each.person.user_id for each in (ada, *others)}


async def test_one_of_two_tabs_may_close_without_the_user_going_offline(lobby: Lobby) -> None:
    ada = await lobby.enter("Ada")
    person = await lobby.guest("Grace")
    first = await lobby.client(person)
    chat_id = await new_chat(first)
    async with ChatrClient.connected(person):
        pass
    await first.event("userEnterIdle", person.user_id)
    await ada.chat_event("userIsIdle")
    assert not any(about(message, "userOffline") and message["data"]["data"] == person.user_id for message in ada.seen)
    assert person.user_id in (await ada.person.public_chats())[chat_id]["members"]
