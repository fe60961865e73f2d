"""What the original Chatr lost or did twice is not lost or done twice here. Each fault is provoked from outside.

``service`` plays Web PubSub for situations that browsers can't cause quickly. ``docs/security.md`` names the test of
each fault.
"""

import asyncio
import uuid

from tests.stack import Stack
from tests.system.chatr_client import ChatrClient, about
from tests.system.lobby import Lobby, message, new_chat
from tests.system.service import Service

CROWD = 300


async def test_three_hundred_who_join_at_once_are_all_members(stack: Stack, lobby: Lobby, service: Service) -> None:
    """The original Chatr kept members in one property: 10 joins at once left 1, and about 261 members were too many."""
    ada = await lobby.enter("Ada")
    chat_id = await new_chat(ada)
    crowd = [f"{uuid.uuid4().hex}-{number}" for number in range(CROWD)]
    heard = await service.events("joinChat", crowd, chat_id)
    assert {one["chatEvent"] for one in heard} == {"chatJoined"}
    # Each has a place of its own: it lets each keep a message, and the owner sees all.
    await asyncio.gather(*(service.event("saveMessage", user, message(chat_id, user)) for user in crowd))
    assert sorted(await history(ada, chat_id)) == sorted(crowd)


async def history(client: ChatrClient, chat_id: str) -> list[str]:
    """All texts of a chat, page by page."""
    found: list[str] = []
    after = ""
    while True:
        page = await client.person.get(f"chats/{chat_id}/messages?limit=100{after}")
        found = [one["message"] for one in page["messages"]] + found
        if not page["more"]:
            return found
        after = f"&before={page['messages'][0]['id']}"


async def test_a_join_sent_right_behind_the_creation_finds_the_chat(lobby: Lobby) -> None:
    ada = await lobby.enter("Ada")
    # As many as the rate limit lets one make and join at once.
    for _ in range(3):
        chat_id = await new_chat(ada)
        assert (await ada.group("sendToGroup", chat_id))["success"]
    assert len((await ada.person.get("me/chats"))["chats"]) == 3
    assert await ada.all_so_far("error") == []


async def test_a_deleted_chat_does_not_come_back_through_those_who_are_leaving_it(
    lobby: Lobby, service: Service
) -> None:
    for _ in range(5):
        # Somebody else each time: making and deleting five chats in a second is more than one person may.
        ada = await lobby.enter("Ada")
        chat_id = await new_chat(ada)
        crowd = [uuid.uuid4().hex for _ in range(5)]
        await service.events("joinChat", crowd, chat_id)
        leaving = service.events("leaveChat", crowd, {"chatId": chat_id})
        joining = service.events("joinChat", crowd, chat_id)
        told = (await asyncio.gather(leaving, ada.event("deleteChat", chat_id), joining))[1]
        assert not [one for one in told if about(one, "error")]
        await service.events("leaveChat", crowd, {"chatId": chat_id})
        assert chat_id not in await ada.person.public_chats()
        assert chat_id not in (await ada.person.get("me/chats"))["chats"]
        assert (await ada.refused("joinChat", chat_id))["code"] == "ChatNotFound"


async def test_a_delivery_that_comes_again_is_done_once(lobby: Lobby, service: Service) -> None:
    ada = await lobby.enter("Ada")
    chat_id, user = await new_chat(ada), uuid.uuid4().hex
    join = service.request("joinChat", user, chat_id)
    first = await service.deliver(*join)
    say = service.request("saveMessage", user, message(chat_id, "once"))
    await asyncio.gather(*(service.deliver(*say) for _ in range(5)))
    assert await history(ada, chat_id) == ["once"]
    await service.event("leaveChat", user, {"chatId": chat_id})
    # Late, and after what followed it: the answer is the one it had, and nobody is a member again.
    assert await service.deliver(*join) == first
    assert set((await ada.person.get("me/chats"))["chats"][chat_id]["members"]) == {ada.person.user_id}
    await service.deliver(*say)
    assert await history(ada, chat_id) == ["once"]


async def test_a_member_keeps_all_chats_whatever_tabs_do(lobby: Lobby) -> None:
    """Closing a tab, or a disconnect late after a refresh, threw the user out of every chat of the original Chatr."""
    ada = await lobby.enter("Ada")
    grace = await lobby.guest("Grace")
    chat_id = await new_chat(ada)
    for _ in range(3):
        async with ChatrClient.connected(grace) as old:
            await old.event("joinChat", chat_id)
            async with ChatrClient.connected(grace) as refreshed:
                await old.socket.close()
                assert (await refreshed.group("sendToGroup", chat_id))["success"]
    members = (await ada.person.get("me/chats"))["chats"][chat_id]["members"]
    assert set(members) == {ada.person.user_id, grace.user_id}
    async with ChatrClient.connected(grace) as back:
        assert (await back.group("sendToGroup", chat_id))["success"]
