"""The kinds of caller in the table of ``docs/security.md``, each with a chat that sets their relation to somebody else.

They are created anew for each operation that changes something.
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
# Has signed out, but still has the old credentials.
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
    """A caller's chat. ``mate`` is another member; ``mine`` and ``theirs`` are message ids.

    ``invite`` is the invite link that a group has had from the beginning.
    """

    chat_id: str
    mate: ChatrClient
    mine: str
    theirs: str
    invite: str = ""


@dataclass
class Caller:
    """A caller: the headers for HTTP, the connection, and the token with which they try to open one."""

    user_id: str
    http: aiohttp.ClientSession
    headers: dict[str, str]
    client: ChatrClient | None
    token: str = ""
    # Callers whose connection was just closed, so that their presence is still being determined.
    going: bool = False


@asynccontextmanager
async def scene(stack: Stack, kind: str, chat: Kind) -> AsyncIterator[tuple[Caller, Place]]:
    """A caller of this kind and their chat. Kinds that relate to a private chat are strangers to other chats."""
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
    """A chat of two, or of its owner alone, with a message of each; ``mate`` is the one who is not the caller."""
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
    """Saves a message whose text contains its id, so that a search can find it."""
    message_id = str(uuid.uuid4())
    await client.event("saveMessage", {"chatId": chat_id, "id": message_id, "message": f"hello {message_id}"})
    return message_id


async def _browser(exits: AsyncExitStack) -> aiohttp.ClientSession:
    """A session that ignores cookies, so that no response changes the caller."""
    return await exits.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))


def _pretence(kind: str, victim: str, place: Place, stack: Stack) -> tuple[dict[str, str], str]:
    """Headers and a token with which a caller of this kind without an identity pretends to be ``victim``."""
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
            # Signed like the service's, but without a user.
            token = jwt.encode({**chats, "aud": hub}, stack.pubsub_key, "HS256")
        case "another hub's user":
            token = jwt.encode(
                {**chats, "sub": victim, "aud": hub.replace("/chat", "/other")}, stack.pubsub_key, "HS256"
            )
        case _:
            return {}, ""
    return {"Authorization": f"Bearer {token}", "Cookie": f"chatr_guest={token}"}, token
