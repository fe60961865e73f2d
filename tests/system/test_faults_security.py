"""What was insecure in the original Chatr is not possible here.

Each attack is tried from outside, as an attacker or a user would. ``tests/browser`` has those that need a browser;
``docs/security.md`` names the test of each fault.
"""

import base64
import json
import re
import uuid

import aiohttp
import jwt
import pytest

from shared.model.message_ids import author_digits
from tests.stack import Stack
from tests.system.lobby import Lobby, message, new_chat, private_chat
from tests.system.service import Service


async def code_of(response: aiohttp.ClientResponse) -> tuple[int, str]:
    return response.status, json.loads(await response.text())["error"]["code"]


async def test_without_sign_in_there_is_no_token_and_no_list(stack: Stack, lobby: Lobby) -> None:
    ada = await lobby.enter("Ada")
    chat_id = await new_chat(ada)
    http = await lobby.stranger()
    for path in (f"getToken?userId={ada.person.user_id}", "getToken", "chats", "users", "me/chats", "me"):
        async with http.get(f"{stack.url}/api/{path}") as response:
            assert await code_of(response) == (401, "NotSignedIn"), path
    async with http.get(f"{stack.url}/api/chats/{chat_id}/messages") as response:
        assert await code_of(response) == (401, "NotSignedIn")
    with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
        await http.ws_connect(f"ws://localhost:{stack.ports.pubsub}/client/hubs/chat")


async def test_a_token_is_worth_its_users_own_chats_and_no_others(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    mine, theirs = await new_chat(ada), await new_chat(grace)
    token = str((await ada.person.get("getToken"))["token"])
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["sub"] == ada.person.user_id
    assert claims["webpubsub.group"] == [mine]
    assert claims["role"] == [f"webpubsub.sendToGroup.{mine}", f"webpubsub.joinLeaveGroup.{mine}"]
    for kind in ("joinGroup", "leaveGroup", "sendToGroup"):
        assert (await ada.group(kind, theirs))["error"]["name"] == "Forbidden"
        assert (await ada.group(kind, "*"))["error"]["name"] == "Forbidden"


async def test_a_token_of_ones_own_making_opens_nothing(stack: Stack, lobby: Lobby) -> None:
    ada = await lobby.enter("Ada")
    given = str((await ada.person.get("getToken"))["token"])
    claims = {**jwt.decode(given, options={"verify_signature": False}), "role": ["webpubsub.sendToGroup"]}
    made = [jwt.encode(claims, "k" * 40, "HS256"), jwt.encode(claims, "", "none"), given[:-2] + "AA"]
    for token in made:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            await ada.person.http.ws_connect(
                f"ws://localhost:{stack.ports.pubsub}/client/hubs/chat?access_token={token}"
            )


async def test_pairs_whose_ids_run_together_have_chats_of_their_own(lobby: Lobby) -> None:
    """In the original Chatr the chat of `a` and `b_c` was the chat of `a_b` and `c`."""
    mark = uuid.uuid4().hex
    a, b_c, a_b, c = [
        await lobby.client(await lobby.provider(name, user_id))
        for name, user_id in (("A", f"{mark}a"), ("BC", f"b_{mark}c"), ("AB", f"{mark}a_b"), ("C", f"{mark}c"))
    ]
    one, other = await private_chat(a, b_c), await private_chat(a_b, c)
    assert one != other
    for outsider in (a_b, c):
        assert (await outsider.group("joinGroup", one))["error"]["name"] == "Forbidden"
        assert (await outsider.refused("joinChat", one))["code"] == "ChatNotFound"
        await outsider.person.get(f"chats/{one}/messages", status=404)


async def test_the_id_of_a_private_chat_tells_nothing_of_its_users(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    chat_id = await private_chat(ada, grace)
    assert re.fullmatch(r"private_[0-9a-f]{64}", chat_id)
    for person in (ada.person, grace.person):
        assert person.user_id.removeprefix("guest_") not in chat_id


@pytest.mark.parametrize("door", ["web", "functions"])
async def test_nobody_but_web_pubsub_is_believed_by_the_webhook(
    stack: Stack, lobby: Lobby, service: Service, door: str
) -> None:
    ada, eve = await lobby.enter("Ada"), await lobby.enter("Eve")
    chat_id = await new_chat(ada)
    origin = stack.url if door == "web" else f"http://localhost:{stack.ports.functions}"
    headers, body = service.request(
        "deleteChat", ada.person.user_id, chat_id, key="a key of another service 0123456789"
    )
    token = str((await eve.person.get("getToken"))["token"])
    unsigned = {name: value for name, value in headers.items() if name != "ce-signature"}
    for tried in (
        headers,
        unsigned,
        {**unsigned, "Authorization": f"Bearer {token}"},
        {**unsigned, "ce-signature": ""},
    ):
        for query in ("", "?code=", "?code=guess"):
            async with eve.person.http.post(f"{origin}/api/eventHandler{query}", headers=tried, data=body) as response:
                assert await code_of(response) == (401, "NotSignedIn")
    asked = {"WebHook-Request-Origin": "evil.example.net"}
    async with eve.person.http.options(f"{origin}/api/eventHandler", headers=asked) as response:
        assert (response.status, response.headers.get("WebHook-Allowed-Origin")) == (403, None)
    assert chat_id in (await ada.person.get("me/chats"))["chats"]


async def test_only_the_owner_deletes_a_chat(lobby: Lobby) -> None:
    ada, grace, eve = [await lobby.enter(name) for name in ("Ada", "Grace", "Eve")]
    chat_id = await new_chat(ada)
    await grace.event("joinChat", chat_id)
    assert (await eve.refused("deleteChat", chat_id))["code"] == "NotAMember"
    assert (await grace.refused("deleteChat", chat_id))["code"] == "NotTheOwner"
    assert chat_id in await eve.person.public_chats()
    await ada.event("deleteChat", chat_id)
    assert chat_id not in await eve.person.public_chats()


async def test_a_chat_cannot_be_taken_over_by_making_it_again(lobby: Lobby) -> None:
    ada, eve = await lobby.enter("Ada"), await lobby.enter("Eve")
    chat_id = await new_chat(ada, "Ada's")
    for name in ("Ada's", "Eve's"):
        assert (await eve.refused("createChat", {"id": chat_id, "name": name}))["code"] == "ChatIdTaken"
    await ada.event("deleteChat", chat_id)
    assert (await eve.refused("createChat", {"id": chat_id, "name": "Eve's"}))["code"] == "ChatIdTaken"
    assert chat_id not in await eve.person.public_chats()


async def test_a_private_chat_in_anothers_name_is_refused_and_harms_nobody(lobby: Lobby) -> None:
    """In the original Chatr an initiator whom nobody knows removed the other one."""
    ada, grace, eve = [await lobby.enter(name) for name in ("Ada", "Grace", "Eve")]
    chat_id = await private_chat(ada, grace)
    for initiator in (ada.person.user_id, "nobody-we-know"):
        for target in (grace.person.user_id, ada.person.user_id):
            forged = {"initiatorUserId": initiator, "targetUserId": target}
            assert (await eve.refused("createPrivateChat", forged))["code"] == "Forbidden"
    assert (await eve.refused("createPrivateChat", {"targetUserId": "nobody-we-know"}))["code"] == "UserNotFound"
    assert (await eve.person.get("me/chats"))["chats"] == {}
    for one in (ada, grace):
        assert set((await one.person.get("me/chats"))["chats"]) == {chat_id}
        # Whoever was there for an earlier test may be going just now.
        assert not {ada.person.user_id, grace.person.user_id} & set(await one.all_so_far("userOffline"))


async def test_nobody_makes_another_idle(lobby: Lobby) -> None:
    ada, eve = await lobby.enter("Ada"), await lobby.enter("Eve")
    await eve.event("userEnterIdle", ada.person.user_id)
    users = (await ada.person.get("users"))["users"]
    assert (users[ada.person.user_id]["idle"], users[eve.person.user_id]["idle"]) == (False, True)
    assert await ada.all_so_far("userIsIdle") == [eve.person.user_id]
    await ada.event("userEnterIdle", ada.person.user_id)
    await eve.event("userExitIdle", ada.person.user_id)
    assert (await ada.person.get("users"))["users"][ada.person.user_id]["idle"] is True


async def test_the_sender_of_a_message_is_whom_the_service_and_the_history_name(lobby: Lobby) -> None:
    ada, eve = await lobby.enter("Ada"), await lobby.enter("Eve")
    chat_id = await new_chat(ada)
    await eve.event("joinChat", chat_id)
    as_ada = {"fromUserId": ada.person.user_id, "fromUserName": "Ada", "message": "I resign"}
    await eve.group("sendToGroup", chat_id, as_ada)
    assert (await ada.said(chat_id))["fromUserId"] == eve.person.user_id
    await eve.event("saveMessage", {**message(chat_id, "I resign"), **as_ada})
    [kept] = (await ada.person.get(f"chats/{chat_id}/messages"))["messages"]
    assert (kept["fromUserId"], kept["fromUserName"]) == (eve.person.user_id, "Eve")


async def test_who_sees_a_message_before_it_is_kept_cannot_take_its_id(lobby: Lobby) -> None:
    """Otherwise they could edit what other pages show as its author's message."""
    ada, eve = await lobby.enter("Ada"), await lobby.enter("Eve")
    chat_id = await new_chat(ada)
    await eve.event("joinChat", chat_id)
    said = {**message(chat_id, "tea"), "id": f"00000000-0000-8c4a-8000-{author_digits(ada.person.user_id)}"}
    await ada.group("sendToGroup", chat_id, said)
    assert (await eve.said(chat_id))["data"]["id"] == said["id"]
    assert (await eve.refused("saveMessage", {**said, "message": "I resign"}))["code"] == "MessageIdTaken"
    await ada.event("saveMessage", said)
    [kept] = (await eve.person.get(f"chats/{chat_id}/messages"))["messages"]
    assert (kept["fromUserId"], kept["message"]) == (ada.person.user_id, "tea")


async def test_what_a_browser_sends_as_the_backend_does_not_look_like_the_backends(lobby: Lobby) -> None:
    """Pages trust a `chatEvent` from the server, or in a group without a sender; nobody else can send these."""
    ada, eve = await lobby.enter("Ada"), await lobby.enter("Eve")
    chat_id = await new_chat(ada)
    await eve.event("joinChat", chat_id)
    await eve.group("sendToGroup", chat_id, {"chatEvent": "chatDeleted", "data": chat_id})
    heard = await ada.chat_event("chatDeleted")
    assert (heard["from"], heard["fromUserId"]) == ("group", eve.person.user_id)


async def test_two_guests_with_one_name_are_two_users(lobby: Lobby) -> None:
    first, second = await lobby.enter("Ada"), await lobby.enter("Ada")
    assert first.person.user_id != second.person.user_id
    chat_id = await new_chat(first)
    assert (await second.refused("deleteChat", chat_id))["code"] == "NotAMember"


async def test_a_guest_cannot_be_made_up(stack: Stack, lobby: Lobby) -> None:
    ada = await lobby.guest("Ada")
    claims = {"sub": ada.user_id, "name": "Ada", "aud": "chatr-guest", "exp": 9**10}
    made = [jwt.encode(claims, "k" * 40, "HS256"), jwt.encode(claims, "", "none"), ada.user_id, "x.y.z"]
    deep = base64.urlsafe_b64encode(b"[" * 9_000).decode()
    http = await lobby.stranger()
    for token in [*made, f"{deep}.e30.AAAA"]:
        async with http.get(f"{stack.url}/api/me", headers={"Cookie": f"chatr_guest={token}"}) as response:
            assert await code_of(response) == (401, "NotSignedIn")


async def test_the_page_may_load_and_run_nothing_from_elsewhere(stack: Stack, lobby: Lobby) -> None:
    http = await lobby.stranger()
    async with http.get(stack.url) as response:
        page, policy = await response.text(), response.headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'self'" and "unsafe" not in policy and "script-src" not in rules
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
