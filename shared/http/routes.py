"""All HTTP routes except health and the webhook. Each calls a rule and builds the response.

A route is declared below its function.
"""

from typing import Any

import azure.functions as func

from shared.flow.admission import EXPORT, LIST, SEARCH, SIGN_IN
from shared.flow.concurrency import each
from shared.http import answers
from shared.http.calls import Call, SignedIn
from shared.http.origin import came_by_https
from shared.model.clock import iso
from shared.model.errors import BadRequest, ChatNotFound, Forbidden, MessageNotFound, NotAMember, TooManyConnections
from shared.model.records import Message, Profile
from shared.rules import profiles
from shared.rules.chats import blocking, directory, member_list, own_list
from shared.rules.connection import tokens
from shared.rules.history import export, messages, search
from shared.rules.presence import online_list
from shared.trust import guests, revocation
from shared.wire.chat_events import WireMember
from shared.wire.route import JSON_LINES, Route
from shared.wire.shapes import (
    BlockedPage,
    ChatPage,
    ChatPath,
    ChatsQuery,
    ExportQuery,
    FoundMessage,
    FoundPage,
    HistoryMessage,
    Me,
    MemberPage,
    MessagePage,
    MessagesQuery,
    OwnChatPage,
    SearchQuery,
    Token,
    TokenQuery,
    UserPage,
    UsersQuery,
)

# How many list items cost one token. Each takes a storage request, on top of the rows that it reads.
SHOWN_A_TOKEN = 5
# The same for the caller's own chats, which take two requests each because of the unread counts.
OWN_SHOWN_A_TOKEN = 2


async def get_token(call: SignedIn, query: TokenQuery) -> func.HttpResponse:
    """A URL and token for the caller's WebSocket. A ``?userId=`` of somebody else is refused."""
    if query.user_id not in ("", call.user.user_id):
        raise Forbidden("You can only get a token for yourself; leave `userId` out, or send your own user id.")
    access = await tokens.client_access(call.backend, call.user)
    return answers.json(Token(access.url, access.base_url, access.token), await _renewed(call))


async def _renewed(call: SignedIn) -> dict[str, str]:
    """The header that renews a guest's cookie, once a day. The profile is rewritten too, so the two expire together."""
    keys, secure, now = call.backend.settings.guest_signing_keys, came_by_https(call.request), call.backend.clock()
    cookie = call.request.headers.get("cookie", "")
    if not guests.is_guest(call.user.user_id) or not guests.is_to_renew(cookie, keys, secure, now):
        return {}
    await call.backend.store.users.put(call.user)
    return {"Set-Cookie": guests.write_cookie(call.user, keys, now, secure)}


GET_TOKEN = Route(
    "GET",
    "getToken",
    "signed in",
    get_token,
    query=TokenQuery,
    answers=(Token,),
    errors=(Forbidden, TooManyConnections),
)


async def get_chats(call: SignedIn, query: ChatsQuery) -> func.HttpResponse:
    """Public chats, page by page."""
    page = await directory.page(call.backend, query.after)
    call.costs(len(page.items) // SHOWN_A_TOKEN)
    return answers.json(ChatPage({chat.id: chat for chat in page.items}, page.next))


GET_CHATS = Route(
    "GET", "chats", "signed in", get_chats, query=ChatsQuery, price=LIST, answers=(ChatPage,), errors=(BadRequest,)
)


async def get_my_chats(call: SignedIn, query: ChatsQuery) -> func.HttpResponse:
    """The chats that the caller is in, page by page."""
    page = await own_list.page(call.backend, call.user.user_id, query.after)
    call.costs(len(page.items) // OWN_SHOWN_A_TOKEN)
    return answers.json(OwnChatPage({chat.id: chat for chat in page.items}, page.next))


GET_MY_CHATS = Route(
    "GET",
    "me/chats",
    "signed in",
    get_my_chats,
    query=ChatsQuery,
    price=LIST,
    answers=(OwnChatPage,),
    errors=(BadRequest,),
)


async def get_users(call: SignedIn, query: UsersQuery) -> func.HttpResponse:
    """Users who are online, page by page."""
    page = await online_list.page(call.backend, call.user.user_id, query.after)
    call.costs(len(page.items) // SHOWN_A_TOKEN)
    return answers.json(UserPage({user.user_id: user for user in page.items}, page.next))


GET_USERS = Route(
    "GET", "users", "signed in", get_users, query=UsersQuery, price=LIST, answers=(UserPage,), errors=(BadRequest,)
)


async def get_blocked(call: SignedIn, query: UsersQuery) -> func.HttpResponse:
    """The users that the caller has blocked, page by page."""
    page = await blocking.page(call.backend, call.user.user_id, query.after)
    return answers.json(BlockedPage({one.blocked: WireMember(one.blocked, one.name) for one in page.items}, page.next))


GET_BLOCKED = Route(
    "GET",
    "me/blocked",
    "signed in",
    get_blocked,
    query=UsersQuery,
    answers=(BlockedPage,),
    errors=(BadRequest,),
)


async def get_members(call: SignedIn, path: ChatPath, query: UsersQuery) -> func.HttpResponse:
    """All members of a chat, page by page. Anybody can read those of a public chat, otherwise only members can."""
    page = await member_list.page(call.backend, call.user.user_id, path.id, query.after)
    return answers.json(MemberPage({one.user_id: WireMember(one.user_id, one.name) for one in page.items}, page.next))


GET_MEMBERS = Route(
    "GET",
    "chats/{id}/members",
    "members",
    get_members,
    segments=ChatPath,
    query=UsersQuery,
    answers=(MemberPage,),
    errors=(BadRequest, ChatNotFound),
)


async def get_messages(call: SignedIn, path: ChatPath, query: MessagesQuery) -> func.HttpResponse:
    """A page of a chat's history, for its members."""
    page = await messages.page(
        call.backend, call.user.user_id, path.id, before=query.before, after=query.after, limit=query.limit
    )
    return answers.json(MessagePage([HistoryMessage(**_fields(message)) for message in page.items], bool(page.next)))


GET_MESSAGES = Route(
    "GET",
    "chats/{id}/messages",
    "members",
    get_messages,
    segments=ChatPath,
    query=MessagesQuery,
    answers=(MessagePage,),
    errors=(BadRequest, ChatNotFound, NotAMember, MessageNotFound),
)


async def get_search(call: SignedIn, query: SearchQuery) -> func.HttpResponse:
    """Messages that contain all words, in all of the caller's chats or in one of them."""
    if query.chat:
        page = await search.in_chat(call.backend, call.user.user_id, query.chat, query.q, query.after)
    else:
        page = await search.in_own_chats(call.backend, call.user.user_id, query.q, query.after)
    found = [FoundMessage(chat_id=hit.chat_id, **_fields(hit.message)) for hit in page.items]
    return answers.json(FoundPage(found, page.next))


GET_SEARCH = Route(
    "GET",
    "search",
    "signed in",
    get_search,
    query=SearchQuery,
    price=SEARCH,
    answers=(FoundPage,),
    errors=(BadRequest, ChatNotFound, NotAMember, MessageNotFound),
)


async def get_export(call: SignedIn, path: ChatPath, query: ExportQuery) -> func.HttpResponse:
    """Exports a chat for its members: one message per line, oldest first, page by page."""
    chat, page = await export.page(call.backend, call.user.user_id, path.id, query.after)
    headers = {"Content-Disposition": f'attachment; filename="{export.file_name(chat)}.jsonl"'}
    if page.next:
        headers["Link"] = f'</api/chats/{path.id}/export?after={page.next}>; rel="next"'
    return answers.lines([HistoryMessage(**_fields(message)) for message in page.items], headers)


GET_EXPORT = Route(
    "GET",
    "chats/{id}/export",
    "members",
    get_export,
    segments=ChatPath,
    query=ExportQuery,
    price=EXPORT,
    answers=(HistoryMessage,),
    says=JSON_LINES,
    errors=(BadRequest, ChatNotFound, NotAMember, MessageNotFound),
)


async def get_me(call: SignedIn) -> func.HttpResponse:
    """The caller as the backend sees them."""
    return answers.json(_me(call.user))


GET_ME = Route("GET", "me", "signed in", get_me, answers=(Me,))


async def post_guest(call: Call, body: guests.GuestName) -> func.HttpResponse:
    """Signs in as a guest, with a new user id every time."""
    settings = call.backend.settings
    if not settings.allow_guests:
        raise Forbidden("Guests are not allowed; sign in with an identity provider.")
    call.backend.admission.new_guest(call.address, call.backend.clock())
    guest = guests.new_guest(body.user_name)
    await profiles.remember(call.backend, guest)
    now, secure = call.backend.clock(), came_by_https(call.request)
    cookie = guests.write_cookie(guest, settings.guest_signing_keys, now, secure)
    return answers.json(_me(guest), {"Set-Cookie": cookie})


POST_GUEST = Route(
    "POST",
    "guest",
    "anyone",
    post_guest,
    body=guests.GuestName,
    price=SIGN_IN,
    answers=(Me,),
    errors=(BadRequest, Forbidden),
)


async def delete_guest(call: Call) -> func.HttpResponse:
    """Signs a guest out for good, and every copy of the cookie with them. It does nothing for others."""
    secure, keys = came_by_https(call.request), call.backend.settings.guest_signing_keys
    # If another site has added a guest of its own, ours is among them.
    given = guests.named(call.request.headers.get("cookie", ""), keys, secure)
    await each(given, lambda user_id: revocation.revoke(call.backend, user_id))
    return answers.empty({"Set-Cookie": guests.clear_cookie(secure)})


DELETE_GUEST = Route("DELETE", "guest", "anyone", delete_guest, errors=(Forbidden,))


def _me(user: Profile) -> Me:
    return Me(user.user_id, user.name, user.provider)


def _fields(message: Message) -> dict[str, Any]:
    """A message as the fields of a ``HistoryMessage``."""
    return {
        "id": message.id,
        "message": message.text,
        "from_user_id": message.author,
        "from_user_name": message.author_name,
        "time": iso(message.time),
        "reply_to": message.reply_to,
        "mentions": message.mentions,
        "edited_at": iso(message.edited) if message.edited else "",
        "reactions": message.reactions,
    }
