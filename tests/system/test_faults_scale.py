"""Responses that grew with each chat and user in the original Chatr are bounded here.

``test_costs.py`` tests the cost of operations.
"""

from collections.abc import Iterator

import pytest

from tests.browser.plenty import put_plenty
from tests.stack import Person, Stack, started
from tests.system.chatr_client import ChatrClient
from tests.system.lobby import Lobby, new_chat

CHATS = 120


async def every_page(person: Person, path: str, field: str) -> list[int]:
    """The sizes of all pages of a list."""
    sizes, after = [], ""
    while True:
        page = await person.get(f"{path}?after={after}")
        sizes.append(len(page[field]))
        if "next" not in page:
            return sizes
        after = page["next"]


async def test_lists_come_in_pages(lobby: Lobby) -> None:
    ada = await lobby.guest("Ada")
    # Directly into storage, since no user may create so many.
    put_plenty(lobby.stack, ada.user_id, messages=0, chats=CHATS)
    mine = await every_page(ada, "me/chats", "chats")
    assert mine == [50, 50, 20]
    public = await every_page(ada, "chats", "chats")
    assert max(public) == 50 and sum(public) >= CHATS
    assert max(await every_page(ada, "users", "users")) <= 100


async def test_a_history_comes_in_pages(lobby: Lobby) -> None:
    ada = await lobby.guest("Ada")
    put_plenty(lobby.stack, ada.user_id, messages=CHATS, chats=1)
    [chat_id] = (await ada.get("me/chats"))["chats"]
    page = await ada.get(f"chats/{chat_id}/messages")
    assert (len(page["messages"]), page["more"]) == (50, True)
    await ada.get(f"chats/{chat_id}/messages?limit=101", status=400)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Here presence is announced only to users who share a chat."""
    with started(tmp_path_factory.mktemp("scale"), {"PRESENCE": "chats"}) as running:
        yield running


async def test_where_presence_is_for_those_who_share_a_chat_nobody_else_is_told(lobby: Lobby) -> None:
    ada, eve, grace = await lobby.enter("Ada"), await lobby.enter("Eve"), await lobby.guest("Grace")
    chat_id = await new_chat(ada)
    async with ChatrClient.connected(grace) as tab:
        await tab.event("joinChat", chat_id)
        await tab.event("userEnterIdle", "")
        assert grace.user_id in (await ada.person.get("users"))["users"]
        assert grace.user_id not in (await eve.person.get("users"))["users"]
    assert (await ada.chat_event("userOffline"))["data"]["data"] == grace.user_id
    assert await ada.all_so_far("userIsIdle") == [grace.user_id]
    for name in ("userOnline", "userIsIdle", "userOffline"):
        assert grace.user_id not in "".join(await eve.all_so_far(name))
