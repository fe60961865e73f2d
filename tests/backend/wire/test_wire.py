"""The functions with real requests over real tables: responses, errors, and what never leaves the backend."""

import json
import logging
import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from shared.adapters.tables.store import TableStore, with_connection_string
from shared.backend import Backend
from shared.clients import process
from shared.model.clock import now
from shared.model.errors import Unavailable, catalogue
from shared.wire.events import FROM_BROWSER
from tests.backend.function_calls import Answer, call, event_headers, principal, routes, send_event
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import new_id, settings

# The same in each run, because pytest-xdist requires the same test names.
A_CHAT, A_MESSAGE = (f"00000000-0000-4000-8000-{number:012}" for number in (1, 2))
CHAT_ROUTES = (
    "getToken",
    "chats",
    "users",
    "me",
    "me/chats",
    f"chats/{A_CHAT}/members",
    f"chats/{A_CHAT}/messages",
    f"chats/{A_CHAT}/export",
    "search",
)


@pytest.fixture
def sender() -> MemorySender:
    return MemorySender()


@pytest.fixture
async def backend(table_store: TableStore, sender: MemorySender) -> AsyncIterator[Backend]:
    served = Backend(settings(), table_store, sender, now)
    process.use(served)
    yield served
    await process.close()


async def guest(name: str) -> tuple[str, dict[str, str]]:
    """A guest's user id and the headers with the cookie."""
    answer = await call("POST", "guest", body={"userName": name})
    assert answer.status == 200
    return answer.json()["userId"], {"cookie": answer.headers["set-cookie"].partition(";")[0]}


async def everyone_online(headers: dict[str, str]) -> dict[str, object]:
    """The users of all pages, since other tests may have left many."""
    page = (await call("GET", "users", headers)).json()
    found = dict(page["users"])
    while "next" in page:
        page = (await call("GET", f"users?after={quote(page['next'])}", headers)).json()
        found |= page["users"]
    return found


def refusal(answer: Answer) -> dict[str, str]:
    """The data of the error event in an answer to an event."""
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    message = answer.json()
    assert set(message) == {"chatEvent", "data"} and message["chatEvent"] == "error"
    data: dict[str, str] = json.loads(message["data"])
    assert {"event", "code", "message"} <= set(data) <= {"event", "code", "message", "id", "retryAfter"}
    assert data["code"] in catalogue() and data["message"]
    return data


async def test_a_chat_from_sign_in_to_history(backend: Backend, sender: MemorySender) -> None:
    ann, as_ann = await guest(" Ann ")
    assert (await call("GET", "me", as_ann)).json() == {"userId": ann, "userName": "Ann", "userProvider": "guest"}
    token = (await call("GET", "getToken", as_ann)).json()
    assert set(token) == {"url", "baseUrl", "token"}
    sender.open("c1", ann)
    online = await send_event("userConnected", {"userName": "x", "userProvider": "y"}, ann)
    seen = {"userId": ann, "userName": "Ann", "userProvider": "guest", "idle": False}
    assert online.json() == {"chatEvent": "userOnline", "data": json.dumps(seen, separators=(",", ":"))}
    chat_id, message_id = new_id(), new_id()
    assert (await send_event("createChat", {"id": chat_id, "name": "Tea"}, ann)).status == 204
    joined = (await send_event("joinChat", chat_id, ann)).json()
    assert (joined["chatEvent"], json.loads(joined["data"])["id"]) == ("chatJoined", chat_id)
    message = {"chatId": chat_id, "id": message_id, "message": "hi"}
    saved = (await send_event("saveMessage", message, ann)).json()
    assert saved["chatEvent"] == "messageSaved"
    listed = (await call("GET", "me/chats", as_ann)).json()["chats"][chat_id]
    members = {ann: {"userId": ann, "userName": "Ann"}}
    assert listed.pop("unread") == listed.pop("unreadMentions") == 0
    assert listed == json.loads(joined["data"])
    assert listed == {"id": chat_id, "name": "Tea", "owner": ann, "kind": "public", "members": members}
    assert (await everyone_online(as_ann))[ann] == seen
    page = (await call("GET", f"chats/{chat_id}/messages?limit=1", as_ann)).json()
    [kept] = page["messages"]
    assert kept.pop("time").endswith("Z") and page["more"] is False
    assert kept == {"id": message_id, "message": "hi", "fromUserId": ann, "fromUserName": "Ann"}


async def test_a_connection_is_told_its_groups_and_roles(backend: Backend) -> None:
    chat_id = new_id()
    await send_event("createChat", {"id": chat_id, "name": "Tea"}, "ann")
    body = {"claims": {"sub": ["ann"], "webpubsub.group": [chat_id]}, "query": {}, "subprotocols": []}
    answer = await send_event("connect", body, "ann", system=True)
    content = answer.json()
    assert chat_id in content["groups"] and f"webpubsub.sendToGroup.{chat_id}" in content["roles"]
    assert answer.headers["ce-connectionstate"]
    stale = {"claims": {"webpubsub.group": [new_id()]}}
    assert (await send_event("connect", stale, "ann", system=True)).code == "NotSignedIn"
    assert (await send_event("connect", {}, "", system=True)).status == 401
    assert (await send_event("connected", {}, "ann", system=True)).status == 204
    assert (await send_event("disconnected", {"reason": "x"}, "ann", system=True)).status == 204


@pytest.mark.parametrize("address", CHAT_ROUTES)
async def test_who_is_not_signed_in_gets_401_before_anything_else(backend: Backend, address: str) -> None:
    query = "?after=%00&limit=no&userId=other"
    for headers in ({}, {"cookie": "chatr_guest=forged"}, {"x-ms-client-principal": "%%%"}):
        answer = await call("GET", address + query, headers)
        assert (answer.status, answer.code) == (401, "NotSignedIn")


async def test_a_token_is_for_oneself_only(backend: Backend) -> None:
    user = new_id()
    assert (await call("GET", f"getToken?userId={user}", principal(user))).status == 200
    answer = await call("GET", "getToken?userId=other", principal(user))
    assert (answer.status, answer.code) == (403, "Forbidden")


BAD_REQUESTS = [
    ("chats?after=a/b", "after"),
    ("me/chats?after=a b", "after"),
    ("users?after=%01", "after"),
    (f"users?after={'x' * 200}", "after"),
    (f"chats/{A_CHAT}/messages?limit=0", "limit"),
    (f"chats/{A_CHAT}/messages?limit=101", "limit"),
    (f"chats/{A_CHAT}/messages?limit=ten", "limit"),
    (f"chats/{A_CHAT}/messages?before=1", "before"),
    (f"chats/{A_CHAT}/messages?after='", "after"),
    (f"chats/{A_CHAT}/messages?before={A_MESSAGE}&after={A_MESSAGE}", "before"),
    ("chats/a%20b/messages", "id"),
    ("chats/a%20b/export", "id"),
    (f"chats/{A_CHAT}/export?after=1", "after"),
    ("search", "q"),
    ("search?q=%20", "q"),
    ("search?q=%01", "q"),
    (f"search?q={'x' * 101}", "q"),
    ("search?q=x&chat=a%20b", "chat"),
    ("search?q=x&after=a%20b", "after"),
]


@pytest.mark.parametrize(("address", "field"), BAD_REQUESTS)
async def test_a_wrong_parameter_is_named(backend: Backend, address: str, field: str) -> None:
    answer = await call("GET", address, principal("pat"))
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert f"`{field}`" in answer.json()["error"]["message"] and "regex" not in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", {}, {"userName": 1}, {"userName": " "}, b"[" * 4096]
)
async def test_a_guest_without_a_proper_name_is_refused(backend: Backend, body: object) -> None:
    answer = await call("POST", "guest", body=body)
    assert (answer.status, answer.code) == (400, "BadRequest")


async def test_two_guests_with_one_name_are_two_users(backend: Backend) -> None:
    assert (await guest("Ann"))[0] != (await guest("Ann"))[0]


@pytest.mark.parametrize("headers", [{}, {"x-forwarded-proto": "https"}])
async def test_signing_out_overwrites_the_cookie_since_a_deletion_may_be_dropped_on_the_way(
    backend: Backend, headers: dict[str, str]
) -> None:
    signed_in = (await call("POST", "guest", headers, {"userName": "Ann"})).headers["set-cookie"]
    answer = await call("DELETE", "guest", headers)
    written = answer.headers["set-cookie"]
    assert answer.status == 204
    # The same name, path and flags; otherwise the browser would keep both.
    assert re.sub("=.*?;|Max-Age=[0-9]+;", ";", written) == re.sub("=.*?;|Max-Age=[0-9]+;", ";", signed_in)
    age = re.search("Max-Age=([0-9]+)", written)
    assert age is not None and int(age[1]) > 3600 and "expires" not in written.lower()
    assert (await call("GET", "me", {**headers, "cookie": written.partition(";")[0]})).status == 401


@pytest.mark.parametrize(
    ("headers", "secure"),
    [
        ({}, False),
        ({"x-forwarded-proto": "https"}, True),
        ({"x-forwarded-proto": "https, http"}, True),
        ({"x-ms-original-url": "https://chat.example.net/api/guest", "x-forwarded-proto": "http"}, True),
        ({"x-ms-original-url": "http://localhost:4280/api/guest", "x-forwarded-proto": "https"}, False),
    ],
)
async def test_the_cookie_is_secure_where_the_browser_came_by_https(
    backend: Backend, headers: dict[str, str], secure: bool
) -> None:
    cookie = (await call("POST", "guest", headers, {"userName": "Ann"})).headers["set-cookie"]
    assert ("Secure" in cookie) is secure
    assert cookie.startswith("__Secure-chatr_guest=" if secure else "chatr_guest=")
    # Characters that the Functions host escapes would come back escaped.
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", cookie.partition(";")[0].partition("=")[2])
    signed_in = {**headers, "cookie": cookie.partition(";")[0]}
    assert (await call("GET", "me", signed_in)).json()["userName"] == "Ann"
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


async def test_where_guests_are_not_allowed_none_get_in(table_store: TableStore, sender: MemorySender) -> None:
    process.use(Backend(settings(), table_store, sender, now))
    _, as_ann = await guest("Ann")
    process.use(Backend(settings(ALLOW_GUESTS="false"), table_store, sender, now))
    assert (await call("GET", "me", as_ann)).status == 401
    assert (await call("POST", "guest", body={"userName": "Ann"})).code == "Forbidden"


def test_no_two_routes_fit_one_address() -> None:
    """Functions tries routes by the functions' names, so one that also matches another's URL could hide it."""
    for method, template in routes():
        address = template.replace("{id}", "chats")
        fits = [
            other for verb, other in routes() if verb == method and re.fullmatch(re.sub(r"{.*?}", ".+", other), address)
        ]
        assert fits == [template]


async def test_every_answer_is_kept_out_of_caches(backend: Backend) -> None:
    for answer in (await call("GET", "me", principal("pat")), await call("GET", "me"), await call("DELETE", "guest")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


CUSTOM = "wss://chat.example.net"
REPLICAS = "me-west.webpubsub.azure.com, localhost, chat.example.net"


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        *(
            (one, one)
            for one in ("localhost", "localhost:8080", "LOCALHOST", "chat.example.net", "Chat.Example.Net:443")
        ),
        (REPLICAS, "localhost"),
        (REPLICAS.replace(" ", ""), "localhost"),
        ("evil.example.net,\tLOCALHOST:8080 ,", "LOCALHOST:8080"),
        ("*, chat.example.net", "chat.example.net"),
        *((one, "") for one in ("", " ", ",", "*", "evil.example.net", "evil.example.net, localhost.example.net")),
        *(
            (one, "")
            for one in (
                "localhost:1",
                "localhost:",
                "me@localhost",
                "http://localhost",
                "localhost/",
                "localhost localhost",
            )
        ),
    ],
)
async def test_the_service_is_allowed_to_send_events_here_by_any_of_its_names_and_nobody_else(
    asked: str, allowed: str
) -> None:
    process.use(Backend(settings(PUBSUB_CLIENT_ENDPOINT=CUSTOM), MemoryStore(), MemorySender(), now))
    answer = await call("OPTIONS", "eventHandler", {"WebHook-Request-Origin": asked})
    assert answer.headers.get("webhook-allowed-origin", "") == allowed
    assert (answer.status, answer.code) == ((204, "") if allowed else (403, "Forbidden"))


async def test_who_names_no_origin_is_not_allowed(backend: Backend) -> None:
    assert (await call("OPTIONS", "eventHandler")).code == "Forbidden"


@pytest.mark.parametrize("host", ["[::1]", "[::1]:8080"])
async def test_a_service_at_an_address_of_ipv6_is_known_with_and_without_its_port(host: str) -> None:
    served = settings(PUBSUB_CONNECTION_STRING="Endpoint=http://[::1];Port=8080;AccessKey=key;Version=1.0;")
    process.use(Backend(served, MemoryStore(), MemorySender(), now))
    answer = await call("OPTIONS", "eventHandler", {"WebHook-Request-Origin": host})
    assert answer.headers["webhook-allowed-origin"] == host


async def test_an_event_that_is_not_signed_is_refused(backend: Backend) -> None:
    good = event_headers("joinChat", "ann", "c1", text=True)
    for change in (
        {"ce-signature": "sha256=0"},
        {"ce-connectionId": "c2"},
        {"ce-signature": ""},
        {"ce-connectionId": ""},
    ):
        answer = await call("POST", "eventHandler", {**good, **change}, b"x")
        assert (answer.status, answer.code) == (401, "NotSignedIn")
    assert (await call("POST", "eventHandler", {}, b"")).status == 401


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ce-hub", "other"),
        ("ce-hub", ""),
        ("ce-type", "com.example"),
        ("ce-userid", "a/b"),
        ("ce-userid", "x" * 129),
        ("ce-eventname", "\udc80"),
    ],
)
async def test_a_header_that_is_none_of_ours_is_named(backend: Backend, header: str, value: str) -> None:
    good = {name.lower(): one for name, one in event_headers("joinChat", "ann", "c1", text=True).items()}
    answer = await call("POST", "eventHandler", {**good, header: value}, b"x")
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert f"`{header}`" in answer.json()["error"]["message"]


EVENTS = [event.name for event in FROM_BROWSER if not event.ignores_data and event.name != "userConnected"]
HOSTILE = [b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"id": 1}', b'"x"', b"[" * 9999, b'{"id": "\\ud800"}', b"1" * 5000]


@pytest.mark.parametrize("header", ["ce-eventName", "ce-id", "ce-hub", "ce-connectionState", "ce-type"])
async def test_bytes_in_a_header_that_are_no_text_are_the_callers_fault(backend: Backend, header: str) -> None:
    # A raw byte that is not UTF-8, as HTTP servers pass it on.
    headers = event_headers("userConnected", "u1", "c1")
    answer = await call("POST", "eventHandler", {**headers, header: headers.get(header, "") + "\udce9"}, b"{}")
    assert (answer.status, answer.code) == (400, "BadRequest")


@pytest.mark.parametrize("event", EVENTS)
async def test_every_event_answers_nonsense_with_an_error_event(backend: Backend, event: str) -> None:
    for body in HOSTILE:
        answer = await call("POST", "eventHandler", event_headers(event, "ann", "c1"), body)
        data = refusal(answer)
        assert (data["event"], data["code"]) in [(event, "BadRequest"), (event, "ChatNotFound")]


async def test_an_id_that_is_none_is_refused_in_words(backend: Backend) -> None:
    data = refusal(await send_event("saveMessage", {"chatId": new_id(), "id": "7", "message": "hi"}, "ann"))
    assert data["message"] == "saveMessage: `id`: expected a UUID."
    assert "expected letters, digits, `_` and `-`" in refusal(await send_event("joinChat", "a b", "ann"))["message"]


@pytest.mark.parametrize(("event", "text", "wanted"), [("saveMessage", False, "JSON"), ("joinChat", True, "UTF-8")])
async def test_data_that_cannot_be_read_is_told_how_it_is_written(
    backend: Backend, event: str, text: bool, wanted: str
) -> None:
    data = refusal(await call("POST", "eventHandler", event_headers(event, "ann", "c1", False, text), b"\xff"))
    assert data["code"] == "BadRequest" and wanted in str(data["message"])


async def test_an_error_does_not_repeat_what_was_sent(backend: Backend) -> None:
    chat = {"id": new_id(), "name": "Tea", "kind": "a 'secret' - at `$.name`\n" * 999}
    data = refusal(await send_event("createChat", chat, "ann"))
    assert data["message"] == "createChat: `kind`: not one of the values listed in docs/protocol.md."


async def test_an_event_that_does_not_exist_is_named_as_such(backend: Backend) -> None:
    data = refusal(await send_event("makeTea", {"id": "x"}, "ann"))
    assert (data["event"], data["code"], data["id"]) == ("makeTea", "UnknownEvent", "x")


async def test_an_anonymous_connection_may_do_nothing(backend: Backend) -> None:
    assert refusal(await send_event("joinChat", new_id(), ""))["code"] == "NotSignedIn"


async def test_an_error_names_the_message_or_the_chat_it_is_about(backend: Backend) -> None:
    chat_id, message_id = new_id(), new_id()
    message = {"chatId": chat_id, "id": message_id, "message": "hi"}
    assert refusal(await send_event("saveMessage", message, "ann"))["id"] == message_id
    assert refusal(await send_event("joinChat", chat_id, "ann"))["id"] == chat_id
    assert refusal(await send_event("removeMember", {"chatId": chat_id, "userId": "x"}, "ann"))["id"] == chat_id
    assert "id" not in refusal(await send_event("createPrivateChat", {"targetUserId": "x"}, "ann"))


@pytest.mark.parametrize("no_id", [5, "", "x" * 500])
async def test_an_error_is_about_nothing_when_what_was_sent_is_no_id(backend: Backend, no_id: object) -> None:
    assert "id" not in refusal(await send_event("removeMember", {"chatId": no_id, "userId": "x"}, "ann"))


def broken(_: str) -> None:
    raise Unavailable


async def test_storage_that_is_down_is_never_not_found(sender: MemorySender) -> None:
    process.use(Backend(settings(), MemoryStore(broken), sender, now))
    for method, template in routes():
        if template in ("eventHandler", "health", "me", "openapi.json") or (method, template) == ("DELETE", "guest"):
            continue
        address = template.replace("{id}", new_id()) + "?q=x"
        answer = await call(method, address, principal("pat"), {"userName": "Ann"})
        assert (method, template, answer.status, answer.code) == (method, template, 503, "Unavailable")
    for event in FROM_BROWSER:
        data: dict[str, object] = {"chatId": new_id(), "id": new_id(), "message": "x", "name": "x"}
        data |= {"userId": "x", "targetUserId": "x", "emoji": "👍", "on": True, "token": f"{new_id()}.{'s' * 24}"}
        answer = await send_event(event.name, new_id() if event.text_field else data, "ann")
        assert (event.name, answer.status, answer.code) == (event.name, 503, "Unavailable")
    await process.close()


async def test_a_bug_is_a_500_with_a_logged_traceback(sender: MemorySender, caplog: pytest.LogCaptureFixture) -> None:
    def bug(_: str) -> None:
        raise ZeroDivisionError

    process.use(Backend(settings(), MemoryStore(bug), sender, now))
    answer = await call("GET", "chats", {**principal("pat"), "x-ms-request-id": "abc-123"})
    assert (answer.status, answer.code, answer.headers["x-request-id"]) == (500, "Internal", "abc-123")
    assert "ZeroDivisionError" in caplog.text and "abc-123" in caplog.text
    await process.close()


async def test_an_unreachable_storage_is_503_with_the_cause_in_the_log(
    sender: MemorySender, caplog: pytest.LogCaptureFixture
) -> None:
    account = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:1/a;"
    store = with_connection_string(account)
    process.use(Backend(settings(), store, sender, now))
    answer = await call("GET", "chats", principal("pat"))
    assert (answer.status, answer.code) == (503, "Unavailable")
    assert "Storage is not responding" in caplog.text
    await store.close()
    await process.close()


async def test_no_secret_token_or_text_is_logged(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ann, as_ann = await guest("Nameless")
    token = (await call("GET", "getToken?code=url-secret", as_ann)).json()["token"]
    chat_id, text = new_id(), "a very private sentence"
    await send_event("createChat", {"id": chat_id, "name": "Secret garden"}, ann)
    for _ in range(2):
        await send_event("saveMessage", {"chatId": chat_id, "id": new_id(), "message": text}, ann)
    await send_event("saveMessage", {"chatId": new_id(), "id": new_id(), "message": text}, ann)
    await send_event("saveMessage", {"chatId": chat_id, "id": "x", "message": text}, ann)
    process.use(Backend(settings(), MemoryStore(broken), backend.sender, now))
    await send_event("saveMessage", {"chatId": chat_id, "id": new_id(), "message": text}, ann)
    await call("POST", "eventHandler?code=url-secret", {}, text.encode())
    config = settings()
    secrets = [config.pubsub_access_key, *config.guest_signing_keys, as_ann["cookie"].partition("=")[2], token]
    for secret in [*secrets, text, "Secret garden", "Nameless", "url-secret"]:
        assert secret not in caplog.text
