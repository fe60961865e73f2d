"""All operations that a caller can attempt from outside, by their names in the table of ``docs/security.md``.

An operation returns its outcome: the code or status of a refusal, ``denied`` by the service, ``shut`` if no connection
could be opened, else ``ok`` and the like. The table says what the outcome should be.
"""

import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import aiohttp

from tests.stack import Person, Stack
from tests.system.callers import Caller, Kind, Place
from tests.system.chatr_client import SUBPROTOCOL, ChatrClient, about, payload
from tests.system.service import Service

# The header that a browser sends if a page of another site makes the call.
ANOTHER_SITE = {"Sec-Fetch-Site": "cross-site"}
Data = Callable[[Caller, Place], Any]
Run = Callable[[Stack, Caller, Place], Awaitable[str]]


@dataclass(frozen=True)
class Operation:
    """An operation. ``changes`` says that a success must change storage; otherwise the outcome is ``nothing``."""

    run: Run
    changes: bool = False
    chat: Kind = "public"
    before: Run | None = None


async def shut_or(stack: Stack, caller: Caller, use: Callable[[ChatrClient], Awaitable[str]]) -> str:
    """The outcome of using the caller's connection; ``shut`` if there is none and none can be opened."""
    if caller.client is not None:
        return await use(caller.client)
    address = f"ws://localhost:{stack.ports.pubsub}/client/hubs/chat"
    url = f"{address}?access_token={caller.token}" if caller.token else address
    try:
        async with caller.http.ws_connect(url, protocols=[SUBPROTOCOL]) as socket:
            return await use(ChatrClient(Person(caller.http, stack.url, caller.user_id, ""), socket))
    except aiohttp.WSServerHandshakeError as error:
        assert error.status == 401
        return "shut"


def event(name: str, data: Data, chat: Kind = "public", before: Run | None = None) -> Operation:
    async def run(stack: Stack, caller: Caller, place: Place) -> str:
        async def use(client: ChatrClient) -> str:
            heard = await client.event(name, data(caller, place))
            refusals = [payload(one) for one in heard if about(one, "error")]
            return str(refusals[0]["code"]) if refusals else "ok"

        return await shut_or(stack, caller, use)

    return Operation(run, changes=True, chat=chat, before=before)


def group(kind: str, chat: Kind = "public") -> Operation:
    async def run(stack: Stack, caller: Caller, place: Place) -> str:
        async def use(client: ChatrClient) -> str:
            mark = str(uuid.uuid4())
            ack = await client.group(kind, place.chat_id, mark)
            await place.mate.all_so_far("")
            assert any(one.get("data") == mark for one in place.mate.seen) is (kind == "sendToGroup" and ack["success"])
            return "ok" if ack["success"] else {"Forbidden": "denied"}[ack["error"]["name"]]

        return await shut_or(stack, caller, use)

    return Operation(run, chat=chat)


def http(
    method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, chat: Kind = "public"
) -> Operation:
    async def run(stack: Stack, caller: Caller, place: Place) -> str:
        address = path.format(chat=place.chat_id, mate=place.mate.person.user_id)
        status, answer = await ask(caller, method, f"{stack.url}/api/{address}", body, headers)
        return answer["error"]["code"] if status >= 400 else "ok"

    return Operation(run, chat=chat)


def listing(path: str, field: str = "chats", query: str = "", chat: Kind = "public") -> Operation:
    """Whether the caller's chat, or the mate's message, is on one of the pages of a list."""

    async def run(stack: Stack, caller: Caller, place: Place) -> str:
        after = ""
        while True:
            asked = query.format(chat=place.chat_id, theirs=place.theirs)
            status, page = await ask(caller, "GET", f"{stack.url}/api/{path}?after={after}{asked}")
            if status >= 400:
                return str(page["error"]["code"])
            if place.chat_id in page[field] or any(one["id"] == place.theirs for one in page[field] if "id" in one):
                return "listed"
            if "next" not in page:
                return "not listed"
            after = page["next"]

    return Operation(run, chat=chat)


def rest(method: str, path: str) -> Operation:
    """A call of Web PubSub's REST API with the caller's token."""

    async def run(stack: Stack, caller: Caller, place: Place) -> str:
        connection_id = next((one["connectionId"] for one in place.mate.seen if "connectionId" in one), "x")
        filled = path.format(chat=place.chat_id, mate=place.mate.person.user_id, connection=connection_id)
        address = f"http://localhost:{stack.ports.pubsub}/api/hubs/chat/{filled}"
        status, _ = await ask(caller, method, f"{address}{'&' if '?' in filled else '?'}api-version=2024-12-01", "spam")
        return str(status) if status >= 400 else "ok"

    return Operation(run)


async def webhook(stack: Stack, caller: Caller, place: Place) -> str:
    """An event in the mate's name, signed as well as is possible without the key."""
    async with Service(stack) as service:
        headers, body = service.request("deleteChat", place.mate.person.user_id, place.chat_id, key="x" * 40)
    url = f"{stack.url}/api/eventHandler"
    async with caller.http.post(url, headers={**caller.headers, **headers}, data=body) as response:
        return str((await response.json())["error"]["code"]) if response.status >= 400 else "ok"


async def ask(
    caller: Caller, method: str, url: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    sent = {**caller.headers, **(headers or {})}
    async with caller.http.request(method, url, json=body, headers=sent) as response:
        text = await response.text()
        # An export has a message in each line.
        return response.status, json.loads(text.splitlines()[0]) if text.startswith("{") else {}


def about_message(which: str, **more: Any) -> Data:
    return lambda caller, place: {"chatId": place.chat_id, "id": getattr(place, which), **more}


def new_message(caller: Caller, place: Place) -> dict[str, str]:
    return {"chatId": place.chat_id, "id": str(uuid.uuid4()), "message": "hello"}


def the_chat(caller: Caller, place: Place) -> str:
    return place.chat_id


BLOCK = event("blockUser", lambda c, p: {"userId": p.mate.person.user_id})
IDLE = event("userEnterIdle", lambda c, p: "")
LIKE = {"emoji": "\N{THUMBS UP SIGN}", "on": True}

OPERATIONS: dict[str, Operation] = {
    "`GET getToken`": http("GET", "getToken"),
    "`GET getToken` for somebody else": http("GET", "getToken?userId={mate}"),
    "`GET me`": http("GET", "me"),
    "`GET users`": http("GET", "users"),
    "`GET chats`": listing("chats"),
    "`GET me/chats`": listing("me/chats"),
    "`GET me/blocked`": http("GET", "me/blocked"),
    "`GET chats/{id}/members`": http("GET", "chats/{chat}/members"),
    "`GET chats/{id}/messages`": http("GET", "chats/{chat}/messages"),
    "`GET chats/{id}/export`": http("GET", "chats/{chat}/export"),
    "`GET search`": listing("search", "messages", "&q={theirs}"),
    "`GET search` in the chat": listing("search", "messages", "&q={theirs}&chat={chat}"),
    "`POST guest`": http("POST", "guest", {"userName": "New"}),
    "`DELETE guest`": replace(http("DELETE", "guest"), changes=True),
    "`POST guest` by another site's page": http("POST", "guest", {"userName": "New"}, ANOTHER_SITE),
    "`DELETE guest` by another site's page": http("DELETE", "guest", None, ANOTHER_SITE),
    "`GET openapi.json`": http("GET", "openapi.json"),
    "`GET health`": http("GET", "health"),
    "`POST eventHandler`": Operation(webhook),
    "`OPTIONS eventHandler`": http("OPTIONS", "eventHandler", headers={"WebHook-Request-Origin": "evil.example.net"}),
    "`userConnected`": event("userConnected", lambda c, p: {"userName": "Mate", "userProvider": "aad"}),
    "`createChat`": event("createChat", lambda c, p: {"id": str(uuid.uuid4()), "name": "Mine"}),
    "`createChat` with the chat's id": event("createChat", lambda c, p: {"id": p.chat_id, "name": "Mine now"}),
    "`joinChat`": event("joinChat", the_chat),
    "`leaveChat`": event("leaveChat", lambda c, p: {"chatId": p.chat_id}),
    "`deleteChat`": event("deleteChat", the_chat),
    "`removeMember`": event("removeMember", lambda c, p: {"chatId": p.chat_id, "userId": p.mate.person.user_id}),
    "`createInvite`": event("createInvite", lambda c, p: {"chatId": p.chat_id}),
    "`acceptInvite` of one's own making": event("acceptInvite", lambda c, p: {"token": f"{p.chat_id}.guess"}),
    "`createPrivateChat`": event("createPrivateChat", lambda c, p: {"targetUserId": p.mate.person.user_id}),
    "`createPrivateChat` in another's name": event(
        "createPrivateChat", lambda c, p: {"targetUserId": c.user_id, "initiatorUserId": p.mate.person.user_id}
    ),
    "`blockUser`": BLOCK,
    "`unblockUser`": event("unblockUser", lambda c, p: {"userId": p.mate.person.user_id}, before=BLOCK.run),
    "`userEnterIdle`": IDLE,
    "`userExitIdle`": event("userExitIdle", lambda c, p: "", before=IDLE.run),
    "`saveMessage`": event("saveMessage", new_message),
    "`saveMessage` with another's message id": event("saveMessage", about_message("theirs", message="mine now")),
    "`editMessage` of one's own": event("editMessage", about_message("mine", message="better")),
    "`editMessage` of another's": event("editMessage", about_message("theirs", message="worse")),
    "`deleteMessage` of one's own": event("deleteMessage", about_message("mine")),
    "`deleteMessage` of another's": event("deleteMessage", about_message("theirs")),
    "`react`": event("react", about_message("theirs", **LIKE)),
    "`markRead`": event("markRead", about_message("theirs")),
    "`joinGroup`": group("joinGroup"),
    "`leaveGroup`": group("leaveGroup"),
    "`sendToGroup`": group("sendToGroup"),
    "`joinGroup`, moderated chat": group("joinGroup", chat="moderated"),
    "`leaveGroup`, moderated chat": group("leaveGroup", chat="moderated"),
    "`sendToGroup`, moderated chat": group("sendToGroup", chat="moderated"),
    "`saveMessage`, moderated chat": event("saveMessage", new_message, chat="moderated"),
    "`GET chats`, group": listing("chats", chat="group"),
    "`GET me/chats`, group": listing("me/chats", chat="group"),
    "`GET chats/{id}/members`, group": http("GET", "chats/{chat}/members", chat="group"),
    "`GET chats/{id}/messages`, group": http("GET", "chats/{chat}/messages", chat="group"),
    "`GET search`, group": listing("search", "messages", "&q={theirs}", chat="group"),
    "`joinChat`, group": event("joinChat", the_chat, chat="group"),
    "`leaveChat`, group": event("leaveChat", lambda c, p: {"chatId": p.chat_id}, chat="group"),
    "`deleteChat`, group": event("deleteChat", the_chat, chat="group"),
    "`createInvite`, group": event("createInvite", lambda c, p: {"chatId": p.chat_id}, chat="group"),
    "`acceptInvite`, group": event("acceptInvite", lambda c, p: {"token": p.invite}, chat="group"),
    "`acceptInvite` of one's own making, group": event(
        "acceptInvite", lambda c, p: {"token": f"{p.chat_id}.{'A' * 24}"}, chat="group"
    ),
    "`saveMessage`, group": event("saveMessage", new_message, chat="group"),
    "`joinGroup`, group": group("joinGroup", chat="group"),
    "`leaveGroup`, group": group("leaveGroup", chat="group"),
    "`sendToGroup`, group": group("sendToGroup", chat="group"),
    "REST: send to all": rest("POST", ":send"),
    "REST: send to the chat": rest("POST", "groups/{chat}/:send"),
    "REST: send to a user": rest("POST", "users/{mate}/:send"),
    "REST: join a group": rest("PUT", "users/{mate}/groups/{chat}"),
    "REST: grant a right": rest("PUT", "permissions/sendToGroup/connections/{connection}?targetName={chat}"),
    "REST: close a connection": rest("DELETE", "connections/{connection}"),
    "REST: make a token": rest("POST", ":generateToken?userId={mate}"),
    "REST: list a group": rest("GET", "groups/{chat}/connections"),
}
