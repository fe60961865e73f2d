"""Messages through the whole stack: what others and a second device receive, search and export."""

import json

from tests.system.lobby import Lobby, message, new_chat


async def test_a_message_is_edited_reacted_to_and_deleted_before_the_eyes_of_others(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    chat_id = await new_chat(ada)
    await grace.event("joinChat", chat_id)
    said = message(chat_id, "tea")
    await ada.event("saveMessage", said)
    about = {"chatId": chat_id, "id": said["id"]}
    await ada.event("editMessage", {**about, "message": "coffee"})
    edited = await grace.heard("messageEdited")
    assert edited == {**about, "message": "coffee", "editedAt": edited["editedAt"]}
    await grace.event("react", {**about, "emoji": "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "on": True})
    assert await ada.heard("reaction") == {**about, "userId": grace.person.user_id, "emoji": "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "on": True}
    page = await grace.person.get(f"chats/{chat_id}/messages")
    [kept] = page["messages"]
    assert (kept["message"], kept["reactions"]) == ("coffee", {"🏴󠁧󠁢󠁥󠁮󠁧󠁿": [grace.person.user_id]})
    await ada.event("deleteMessage", about)
    assert await grace.heard("messageDeleted") == about
    assert (await grace.person.get(f"chats/{chat_id}/messages"))["messages"] == []


async def test_a_second_device_is_told_what_the_first_has_read(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    phone = await lobby.client(ada.person)
    chat_id = await new_chat(grace)
    await ada.event("joinChat", chat_id)
    said = [message(chat_id, text) for text in ("one", "two", "three")]
    await grace.event("saveMessage", {**said[0], "mentions": [ada.person.user_id]})
    for one in said[1:]:
        await grace.event("saveMessage", one)
    mine = (await ada.person.get("me/chats"))["chats"][chat_id]
    assert (mine["unread"], mine["unreadMentions"], "lastRead" in mine) == (3, 1, False)
    about = {"chatId": chat_id, "id": said[1]["id"]}
    await ada.event("markRead", about)
    assert await phone.heard("chatRead") == about
    mine = (await phone.person.get("me/chats"))["chats"][chat_id]
    assert (mine["unread"], mine["unreadMentions"], mine["lastRead"]) == (1, 0, said[1]["id"])


async def test_a_chat_is_searched_and_taken_away_through_the_front_door(lobby: Lobby) -> None:
    ada = await lobby.enter("Ada")
    chat_id = await new_chat(ada, "Tea & cake")
    said = [message(chat_id, text) for text in ("Earl Grey", "earl of\nGREYSTOKE", "nothing")]
    for one in said:
        await ada.event("saveMessage", one)
    found = await ada.person.get("search?q=grey%20EARL")
    assert [(one["chatId"], one["id"]) for one in found["messages"]] == [
        (chat_id, said[1]["id"]),
        (chat_id, said[0]["id"]),
    ]
    async with ada.person.http.get(f"{ada.person.url}/api/chats/{chat_id}/export") as answer:
        lines = [json.loads(line) for line in (await answer.text()).splitlines()]
        assert answer.content_type == "application/x-ndjson"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="chat-tea-cake.jsonl"'
    assert [line["message"] for line in lines] == [one["message"] for one in said]
    assert lines == (await ada.person.get(f"chats/{chat_id}/messages"))["messages"]
