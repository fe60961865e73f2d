"""A page of another site can't change anything, although the browser sends the cookie; and the optional front door."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import azure.functions as func
import pytest

from shared.backend import Backend
from shared.clients import process
from shared.flow.admission import PLAIN
from shared.http.api import ROUTES
from shared.http.origin import FRONT_DOOR, sent_by_another_site
from shared.model.clock import now
from tests.backend.function_calls import call, event_headers, principal
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import settings

SECRET = "front-door-secret-0123456789"
LINKED = {"x-ms-original-url": "https://chat.example/api/guest", "host": "backend.azurewebsites.net"}
NAME = {"userName": "Ann"}
HANDSHAKE = {"WebHook-Request-Origin": settings().pubsub_endpoint.partition("//")[2]}
BEHIND_A_DOOR = pytest.mark.parametrize("backend", [{"FRONT_DOOR_SECRET": SECRET}], indirect=True, ids=["door"])


@pytest.fixture
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
    """Calls with the settings of the tests and those that the test gives."""
    served = Backend(settings(**getattr(request, "param", {})), MemoryStore(), MemorySender(), now)
    process.use(served)
    yield served
    await process.close()


def request(headers: dict[str, str], url: str = "http://localhost:7071/api/guest") -> func.HttpRequest:
    return func.HttpRequest("POST", url, headers=headers, body=b"{}")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        # Where a browser says from where, it need not be found out: a proxy may hide the site's own name.
        {"sec-fetch-site": "same-origin", "origin": "https://chat.example"},
        {"origin": "http://localhost:7071"},
        {"origin": "HTTP://LOCALHOST:7071"},
        {**LINKED, "origin": "https://chat.example"},
        {"x-ms-original-url": "https://chat.example:443/api/guest", "origin": "https://chat.example"},
        {"x-forwarded-host": "a.example, chat.example:8443", "origin": "https://chat.example:8443"},
    ],
    ids=str,
)
def test_the_site_itself_and_programs_are_no_other_site(headers: dict[str, str]) -> None:
    assert not sent_by_another_site(request(headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://localhost:7071"},
        {"sec-fetch-site": "something new"},
        {"origin": "https://other.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://localhost"},
        {"origin": "null"},
        {"origin": "http://["},
        {**LINKED, "origin": "https://other.example"},
        {**LINKED, "origin": "https://chat.example.other.example"},
        {**LINKED, "origin": "https://chat.example:444"},
    ],
    ids=str,
)
def test_what_a_browser_says_comes_from_elsewhere_does(headers: dict[str, str]) -> None:
    assert sent_by_another_site(request(headers))


def test_every_route_that_changes_something_for_a_browser_asks() -> None:
    changing = {(route.method, route.path) for route in ROUTES if route.changes}
    assert {("POST", "guest"), ("DELETE", "guest")} <= changing
    silent = [route for route in ROUTES if route.method not in ("GET", "OPTIONS") and not route.changes]
    assert [(route.path, route.who) for route in silent] == [("eventHandler", "Web PubSub")]


@pytest.mark.parametrize(("method", "path"), [("POST", "guest"), ("DELETE", "guest")])
async def test_a_form_of_another_site_neither_signs_in_nor_out(backend: Backend, method: str, path: str) -> None:
    for said in ({"sec-fetch-site": "cross-site"}, {"origin": "https://other.example"}):
        answer = await call(method, path, {"content-type": "text/plain", **said}, NAME)
        assert (answer.status, answer.code) == (403, "Forbidden")
        assert "set-cookie" not in answer.headers
        # Before anything of it is read.
        assert (await call(method, path, said, b"{")).status == 403


async def test_reading_is_for_links_of_other_sites_too(backend: Backend) -> None:
    assert (await call("GET", "me", {**principal("u1"), "sec-fetch-site": "cross-site"})).status == 200


@BEHIND_A_DOOR
@pytest.mark.parametrize("brought", [{}, {FRONT_DOOR: ""}, {FRONT_DOOR: SECRET[:-1]}, {FRONT_DOOR: "é"}])
async def test_where_there_is_a_front_door_nobody_comes_past_it(backend: Backend, brought: dict[str, str]) -> None:
    for headers in (brought, {**principal("u1"), **brought}):
        for method, path in (("GET", "me"), ("GET", "openapi.json"), ("POST", "guest"), ("GET", "getToken")):
            answer = await call(method, path, headers, NAME if method == "POST" else b"")
            assert (answer.status, answer.code) == (403, "Forbidden")


@BEHIND_A_DOOR
async def test_who_comes_through_it_is_who_they_are(backend: Backend) -> None:
    shown = {FRONT_DOOR: SECRET}
    assert (await call("GET", "me", {**principal("u1"), **shown})).json()["userId"] == "u1"
    assert (await call("GET", "me", shown)).status == 401
    assert (await call("POST", "guest", shown, NAME)).status == 200


async def all_answers() -> dict[str, int]:
    """The status of each route for a caller who is signed in, or is Web PubSub."""
    answers = {}
    for route in ROUTES:
        event = event_headers("userEnterIdle", "u1", "c1")
        headers = {**event, **HANDSHAKE} if route.path == "eventHandler" else principal("u1")
        answer = await call(route.method, route.path.replace("{id}", "c1"), headers, NAME if route.body else b"")
        answers[f"{route.method} {route.path}"] = answer.status
    return answers


@BEHIND_A_DOOR
async def test_all_but_web_pubsub_and_who_asks_for_health_need_the_door(backend: Backend) -> None:
    answers = await all_answers()
    open_ways = {"GET health": 200, "POST eventHandler": 204, "OPTIONS eventHandler": 204}
    assert {way: answers.pop(way) for way in open_ways} == open_ways
    assert len(answers) == len(ROUTES) - 3 and set(answers.values()) == {403}


async def test_the_handshake_is_answered_however_many_calls_are_running(backend: Backend) -> None:
    async with AsyncExitStack() as running:
        for number in range(PLAIN.of_all):
            await running.enter_async_context(backend.admission.place(f"u{number}", PLAIN, backend.clock()))
        assert (await call("GET", "openapi.json")).status == 429
        answers = [await call("OPTIONS", "eventHandler", HANDSHAKE) for _ in range(PLAIN.of_one + 1)]
    assert {answer.status for answer in answers} == {204}
