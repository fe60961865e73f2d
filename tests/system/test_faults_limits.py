"""Input that the original Chatr accepted in any length, form and number is refused here.

The refusal is a sentence, and the connection keeps working.
"""

import uuid
from typing import Any

import pytest

from tests.system.chatr_client import ChatrClient, about, payload
from tests.system.lobby import Lobby, message, new_chat

# So many that even on a slow machine the bucket does not refill fast enough. Refusals are answered with a delay.
FLOOD = 30
NEW = str(uuid.uuid4())
# Event, data, and the field that the error names.
REFUSED: list[tuple[str, Any, str]] = [
    ("createChat", {"id": NEW, "name": "x" * 101}, "name"),
    ("createChat", {"id": NEW, "name": " \u200b "}, "name"),
    ("createChat", {"id": NEW, "name": "a\u202eb"}, "name"),
    ("createChat", {"id": NEW, "name": 5}, "name"),
    ("createChat", {"id": "not-a-uuid", "name": "Tea"}, "id"),
    ("createChat", {"id": NEW}, "name"),
    ("createChat", [], ""),
    ("joinChat", "a/b", "chatId"),
    ("joinChat", "x" * 129, "chatId"),
    ("createPrivateChat", {"targetUserId": ["x"]}, "targetUserId"),
    ("saveMessage", {"chatId": NEW, "id": NEW, "message": "x" * 4_001}, "message"),
    ("saveMessage", {"chatId": NEW, "id": NEW, "message": " \n "}, "message"),
    ("saveMessage", {"chatId": NEW, "id": NEW, "message": "a\u0000b"}, "message"),
    ("saveMessage", {"chatId": NEW, "id": NEW, "message": {"text": "hi"}}, "message"),
    ("saveMessage", {"chatId": NEW, "id": "1", "message": "hi"}, "id"),
    ("editMessage", {"chatId": NEW, "id": NEW, "message": "x" * 4_001}, "message"),
    ("react", {"chatId": NEW, "id": NEW, "emoji": "not an emoji", "on": True}, "emoji"),
    ("react", {"chatId": NEW, "id": NEW, "emoji": "\U0001f44d", "on": "yes"}, "on"),
    ("removeMember", {"chatId": NEW, "userId": "x" * 129}, "userId"),
]


async def test_what_is_too_long_or_of_another_type_is_refused_by_field(lobby: Lobby) -> None:
    ada = await lobby.enter("Ada")
    for name, data, field in REFUSED:
        # Over a connection of its own, because the refused count as sent.
        async with ChatrClient.connected(ada.person) as tab:
            error = await tab.refused(name, data)
        assert (error["event"], error["code"]) == (name, "BadRequest"), data
        assert f"`{field}`" in error["message"] or not field, error
    assert (await ada.person.get("me/chats"))["chats"] == {}
    await new_chat(ada)


@pytest.mark.parametrize("name", ["", "x" * 51, "\u202eadmin", "\u3164", "a\u0000b", 5, None])
async def test_a_guests_name_has_limits_too(lobby: Lobby, name: object) -> None:
    http = await lobby.stranger()
    async with http.post(f"{lobby.stack.url}/api/guest", json={"userName": name}) as response:
        assert response.status == 400
        assert "userName" in (await response.json())["error"]["message"]
        assert "Set-Cookie" not in response.headers


async def test_a_flood_of_events_is_cut_off_and_told_when_to_go_on(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    chat_id = await new_chat(ada)
    await grace.event("joinChat", chat_id)
    # Each of these counts as five.
    mentions = {"mentions": [str(uuid.uuid4()) for _ in range(20)]}
    sent = [message(chat_id, f"message {number}") | mentions for number in range(FLOOD)]
    for data in sent:
        await ada.send({"type": "event", "event": "saveMessage", "dataType": "json", "data": data})
    errors = [payload(one) for one in await ada.event("userExitIdle", "") if about(one, "error")]
    assert errors
    assert {error["code"] for error in errors} == {"TooManyRequests"}
    assert all(error["retryAfter"] >= 1 for error in errors)
    # Nobody else is slowed down, nor is the same user in another tab.
    await grace.event("saveMessage", message(chat_id, "hello"))
    await (await lobby.client(ada.person)).event("saveMessage", message(chat_id, "another tab"))


async def test_a_flood_of_new_chats_is_cut_off_sooner(lobby: Lobby) -> None:
    ada = await lobby.enter("Ada")
    for number in range(FLOOD // 2):
        data = {"id": str(uuid.uuid4()), "name": f"Chat {number}"}
        await ada.send({"type": "event", "event": "createChat", "dataType": "json", "data": data})
    errors = [payload(one) for one in await ada.event("userExitIdle", "") if about(one, "error")]
    assert {error["code"] for error in errors} == {"TooManyRequests"}
    refused = [error for error in errors if error["event"] == "createChat"]
    assert len((await ada.person.get("me/chats"))["chats"]) == FLOOD // 2 - len(refused)
