"""The HTTP routes but the webhook: each reads a request, calls a rule and writes the answer. Must not know storage."""

from typing import Annotated
from urllib.parse import urlsplit

import azure.functions as func
import msgspec

from shared import chats, guests, messages, presence, profiles, tokens
from shared.clock import iso
from shared.errors import BadRequest, Forbidden
from shared.http import answers
from shared.http.calls import Call, SignedIn
from shared.http.parameters import body, parameter, segment
from shared.limits import ChatId, MessageId, UserId, is_user_id
from shared.messages import MAX_PAGE_MESSAGES, PAGE_MESSAGES
from shared.records import Message, Profile

Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE_MESSAGES)]


async def get_token(call: SignedIn) -> func.HttpResponse:
    """An address and token for the caller's WebSocket; another's ``?userId=`` is refused."""
    if call.request.params.get("userId", call.user.user_id) != call.user.user_id:
        raise Forbidden("A token is given for your own user id only.")
    access = await tokens.client_access(call.backend, call.user)
    return answers.json({"url": access.url, "baseUrl": access.base_url, "token": access.token})


async def get_chats(call: SignedIn) -> func.HttpResponse:
    """Public chats, a page at a time."""
    page = await chats.public_page(call.backend, parameter(call.request, "after", ChatId, ""))
    return answers.json(_listing("chats", {chat.id: chat for chat in page.items}, page.next))


async def get_my_chats(call: SignedIn) -> func.HttpResponse:
    """The caller's chats, public and private, a page at a time."""
    page = await chats.of_user(call.backend, call.user.user_id, parameter(call.request, "after", ChatId, ""))
    return answers.json(_listing("chats", {chat.id: chat for chat in page.items}, page.next))


async def get_users(call: SignedIn) -> func.HttpResponse:
    """Who is online, a page at a time."""
    after = parameter(call.request, "after", UserId, "")
    if after and not is_user_id(after):
        raise BadRequest("`after` must be a user id.")
    page = await presence.online_page(call.backend, call.user.user_id, after)
    return answers.json(_listing("users", {user.user_id: user for user in page.items}, page.next))


async def get_messages(call: SignedIn) -> func.HttpResponse:
    """A page of a chat's history, for its members."""
    request = call.request
    page = await messages.page(
        call.backend,
        call.user.user_id,
        segment(request, "id", ChatId),
        before=parameter(request, "before", MessageId, ""),
        after=parameter(request, "after", MessageId, ""),
        limit=parameter(request, "limit", Limit, PAGE_MESSAGES),
    )
    return answers.json({"messages": [_message(message) for message in page.items], "more": bool(page.next)})


async def post_guest(call: Call) -> func.HttpResponse:
    """Signs in as a guest, with a new id every time."""
    settings = call.backend.settings
    if sent_by_another_site(call.request):
        raise Forbidden("Sign in from the site itself; another may not replace the guest that a browser is.")
    if not settings.allow_guests:
        raise Forbidden("Guests are not allowed here; sign in with a provider.")
    guest = guests.new_guest(body(call.request, guests.GuestName).user_name)
    await profiles.remember(call.backend, guest)
    now, secure = call.backend.clock(), came_by_https(call.request)
    cookie = guests.write_cookie(guest, settings.guest_signing_key, now, secure)
    return answers.json(_profile(guest), {"Set-Cookie": cookie})


async def delete_guest(call: Call) -> func.HttpResponse:
    """Signs a guest out; harmless for anyone else."""
    return answers.empty({"Set-Cookie": guests.clear_cookie(came_by_https(call.request))})


async def get_me(call: SignedIn) -> func.HttpResponse:
    """The caller as the backend sees them."""
    return answers.json(_profile(call.user))


def sent_by_another_site(request: func.HttpRequest) -> bool:
    """Whether a browser says so: a form elsewhere can post here, and the answer's cookie would take a guest's place.

    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def came_by_https(request: func.HttpRequest) -> bool:
    """Whether the browser's own request was https, whatever the proxies in between spoke."""
    seen = request.headers.get("x-ms-original-url") or ""
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    scheme = seen.partition(":")[0] or forwarded or urlsplit(request.url).scheme
    return scheme.lower() == "https"


def _listing(name: str, items: object, following: str) -> dict[str, object]:
    return {name: items, "next": following} if following else {name: items}


def _profile(user: Profile) -> dict[str, str]:
    return {"userId": user.user_id, "userName": user.name, "userProvider": user.provider}


def _message(message: Message) -> dict[str, str]:
    shown = {
        "id": message.id,
        "message": message.text,
        "fromUserId": message.author,
        "fromUserName": message.author_name,
        "time": iso(message.time),
    }
    return {**shown, "replyTo": message.reply_to} if message.reply_to else shown
