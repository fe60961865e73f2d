"""The kinds of caller that the table of ``docs/security.md`` knows, and the chat in which they stand to somebody else.

Makes them anew for every operation that changes something. Must not know the operations.
"""

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import aiohttp
import jwt

from tests.backend.function_calls import principal
from tests.stack import Stack
from tests.system.chatr_client import ChatrClient
from tests.system.lobby import Lobby, private_chat

NOBODY = ("signed out", "forged cookie", "forged principal", "anonymous connection", "another hub's user")
# Had an identity, and ended it: what proved it is still there.
ENDED = "has signed out"
IN_A_PUBLIC_CHAT = ("stranger", "member", "owner", "has left", "was removed", "chat deleted")
IN_A_PRIVATE_CHAT = ("the other one", "is blocked", "third party")
CALLERS = (*NOBODY, ENDED, *IN_A_PUBLIC_CHAT, *IN_A_PRIVATE_CHAT)
Kind = Literal["public", "moderated", "group"]
KINDS: tuple[Kind, ...] = ("public", "moderated", "group")
SPECIAL: dict[Kind, dict[str, object]] = {"public": {}, "moderated": {"moderated": True}, "group": {"kind": "group"}}
FORGERS_KEY = "a key that nobody has given them 0123456789"


@dataclass
class Place:
    """A chat as its caller stands to it. ``mate`` is somebody else in it; ``mine`` and ``theirs`` are message ids.

    ``invite`` is the link that a group had from its beginning.
    """

    chat_id: str
    mate: ChatrClient
    mine: str
    theirs: str
    invite: str = ""


@dataclass
class Caller:
    """Who calls: with which headers over HTTP, over which connection, and with which token they try to make one."""

    user_id: str
    http: aiohttp.ClientSession
    headers: dict[str, str]
    client: ChatrClient | None
    token: str = ""
    # Whose connection has just been ended: whether they are online is still being found out.
    going: bool = False


@asynccontextmanager
async def scene(stack: Stack, kind: str, chat: Kind) -> AsyncIterator[tuple[Caller, Place]]:
    """A caller of this kind, and their chat. Who is in a private chat, or wants to be, is a stranger to other kinds."""
    async with AsyncExitStack() as exits:
        lobby = Lobby(stack, exits)
        mate = await lobby.enter("Mate")
        if kind in NOBODY:
            place = await _made(mate, mate, chat)
            headers, token = _pretence(kind, mate.person.user_id, place, stack)
            yield Caller(mate.person.user_id, await _browser(exits), headers, None, token), place
            return
        person = await lobby.guest("Caller")
        client = await lobby.client(person)
        place = await _place(lobby, kind, client, mate, chat)
        token = str((await person.get("getToken"))["token"])
        cookies = "; ".join(f"{one.key}={one.value}" for one in person.http.cookie_jar)
        headers = {"Cookie": cookies, "Authorization": f"Bearer {token}"}
        if kind == ENDED:
            async with (browser := await _browser(exits)).delete(f"{stack.url}/api/guest", headers=headers) as answer:
                assert answer.status == 204
            yield Caller(person.user_id, browser, headers, None, token, going=True), place
            return
        yield Caller(person.user_id, await _browser(exits), headers, client, token), place


async def _place(lobby: Lobby, kind: str, caller: ChatrClient, mate: ChatrClient, chat: Kind) -> Place:
    if kind in IN_A_PRIVATE_CHAT and chat == "public":
        other = caller if kind != "third party" else await lobby.enter("Friend")
        chat_id = await private_chat(mate, other)
        theirs = await _said(mate, chat_id)
        mine = await _said(caller, chat_id) if other is caller else str(uuid.uuid4())
        if kind == "is blocked":
            await mate.event("blockUser", {"userId": caller.person.user_id})
        return Place(chat_id, mate, mine, theirs)
    if kind in ("stranger", *IN_A_PRIVATE_CHAT):
        return await _made(mate, mate, chat)
    if kind == "owner":
        return await _made(caller, caller, chat, mate)
    place = await _made(mate, caller, chat, caller)
    if kind == "has left":
        await caller.event("leaveChat", {"chatId": place.chat_id})
    elif kind == "was removed":
        await mate.event("removeMember", {"chatId": place.chat_id, "userId": caller.person.user_id})
    elif kind == "chat deleted":
        await mate.event("deleteChat", place.chat_id)
    return place


async def _made(owner: ChatrClient, caller: ChatrClient, chat: Kind, member: ChatrClient | None = None) -> Place:
    """A chat of two, or of its owner alone, with a message of each; ``mate`` is whoever is not the caller."""
    chat_id = str(uuid.uuid4())
    await owner.event("createChat", {"id": chat_id, "name": "A chat", **SPECIAL[chat]})
    invite = ""
    if chat == "group":
        await owner.event("createInvite", {"chatId": chat_id})
        invite = (await owner.heard("invite"))["token"]
    if member is None:
        return Place(chat_id, owner, str(uuid.uuid4()), await _said(owner, chat_id), invite)
    await (member.event("acceptInvite", {"token": invite}) if invite else member.event("joinChat", chat_id))
    said = {id(one): await _said(one, chat_id) for one in (owner, member)}
    mate = member if caller is owner else owner
    return Place(chat_id, mate, said[id(caller)], said[id(mate)], invite)


async def _said(client: ChatrClient, chat_id: str) -> str:
    """Keeps a message that can be searched for by its id."""
    message_id = str(uuid.uuid4())
    await client.event("saveMessage", {"chatId": chat_id, "id": message_id, "message": f"hello {message_id}"})
    return message_id


async def _browser(exits: AsyncExitStack) -> aiohttp.ClientSession:
    """One that takes no cookies, so that no answer changes who its caller is."""
    return await exits.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))


def _pretence(kind: str, victim: str, place: Place, stack: Stack) -> tuple[dict[str, str], str]:
    """Headers and a token with which somebody without an identity pretends to be ``victim``, as their kind does it."""
    hub = f"http://localhost:{stack.ports.pubsub}/client/hubs/chat"
    chats = {
        "role": [f"webpubsub.{right}.{place.chat_id}" for right in ("sendToGroup", "joinLeaveGroup")],
        "webpubsub.group": [place.chat_id],
        "exp": int(time.time()) + 600,
    }
    match kind:
        case "forged cookie":
            guest = {"sub": victim, "name": "Mate", "aud": "chatr-guest", "exp": chats["exp"]}
            token = jwt.encode({**chats, "sub": victim, "aud": hub}, FORGERS_KEY, "HS256")
            return {"Cookie": f"chatr_guest={jwt.encode(guest, FORGERS_KEY, 'HS256')}"}, token
        case "forged principal":
            return principal(victim, "Mate", "guest"), jwt.encode({**chats, "sub": victim, "aud": hub}, "", "none")
        case "anonymous connection":
            # As the service signs them: without a user it is nobody's.
            token = jwt.encode({**chats, "aud": hub}, stack.pubsub_key, "HS256")
        case "another hub's user":
            token = jwt.encode(
                {**chats, "sub": victim, "aud": hub.replace("/chat", "/other")}, stack.pubsub_key, "HS256"
            )
        case _:
            return {}, ""
    return {"Authorization": f"Bearer {token}", "Cookie": f"chatr_guest={token}"}, token
