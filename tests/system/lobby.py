"""Signs people in to a running stack, and connects them until a test ends."""

import uuid
from contextlib import AsyncExitStack

import aiohttp

from tests.stack import Person, Stack, guest, provider_cookie, session
from tests.system.chatr_client import ChatrClient


class Lobby:
    """Signs people in and connects them, until the test ends."""

    def __init__(self, stack: Stack, exits: AsyncExitStack) -> None:
        self.stack, self.exits = stack, exits

    async def guest(self, name: str) -> Person:
        return await guest(await self.exits.enter_async_context(session()), self.stack.url, name)

    async def provider(self, name: str, user_id: str = "") -> Person:
        user_id = user_id or uuid.uuid4().hex
        http = aiohttp.ClientSession(cookies=provider_cookie(user_id, name), cookie_jar=aiohttp.CookieJar(unsafe=True))
        return Person(await self.exits.enter_async_context(http), self.stack.url, user_id, name)

    async def stranger(self) -> aiohttp.ClientSession:
        """A browser in which nobody is signed in."""
        return await self.exits.enter_async_context(session())

    async def client(self, person: Person) -> ChatrClient:
        return await self.exits.enter_async_context(ChatrClient.connected(person))

    async def enter(self, name: str) -> ChatrClient:
        return await self.client(await self.guest(name))


async def new_chat(client: ChatrClient, name: str = "A chat") -> str:
    """Creates and joins a chat like the original Chatr, which sends the join without waiting for the creation."""
    chat_id = str(uuid.uuid4())
    create = {"type": "event", "event": "createChat", "dataType": "json", "data": {"name": name, "id": chat_id}}
    await client.send(create)
    await client.event("joinChat", chat_id)
    return chat_id


async def private_chat(one: ChatrClient, other: ChatrClient) -> str:
    """A private chat that ``one`` has opened; both have received the event."""
    await one.event("createPrivateChat", {"targetUserId": other.person.user_id})
    opened = await one.heard("joinPrivateChat")
    assert (await other.heard("joinPrivateChat"))["id"] == opened["id"]
    return str(opened["id"])


def message(chat_id: str, text: str) -> dict[str, str]:
    """The data of a ``saveMessage`` event."""
    return {"chatId": chat_id, "id": str(uuid.uuid4()), "message": text}
