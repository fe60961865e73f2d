"""Calls that are too large or too many are refused before they are parsed, on all routes."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator

import azure.functions as func
import pytest

from shared.adapters.tables.store import TableStore
from shared.backend import Backend
from shared.clients import process
from shared.flow import rows_read
from shared.flow.admission import SEARCH, Admission
from shared.flow.limiter import SPREAD_SECONDS
from shared.http import api, parameters
from shared.http.origin import address_of
from shared.http.webhook import MESSAGE_BYTES
from shared.model.clock import now
from shared.model.records import Chat, Connection, Profile
from shared.trust.guests import COOKIES, write_cookie
from shared.wire.route import Route
from tests.backend.function_calls import Answer, call, event_headers, principal
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import new_id, settings


class OpenableStore(MemoryStore):
    """Blocks all calls until it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()

    async def turn(self) -> None:
        await self.open.wait()


@pytest.fixture
def store() -> OpenableStore:
    made = OpenableStore()
    made.open.set()
    return made


def backend(store: MemoryStore, **limits: int) -> Backend:
    return Backend(settings(), store, MemorySender(), now, admission=Admission(**limits))


@pytest.fixture(autouse=True)
async def serving(store: OpenableStore) -> AsyncIterator[None]:
    process.use(backend(store))
    yield
    await process.close()


@pytest.fixture
def nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a call that parses its input."""

    def fail(*_: object) -> None:
        raise AssertionError("the call was read")

    with monkeypatch.context() as patched:
        patched.setattr(parameters, "_converted", fail)
        patched.setattr(parameters, "_body", fail)
        yield


def headers_for(route: Route) -> dict[str, str]:
    return event_headers("joinChat", "ann", "c1", text=True) if route.who == "Web PubSub" else principal("ann")


def title(route: Route) -> str:
    return f"{route.method} {route.path}"


async def ask(route: Route, query: str = "", body: bytes = b"") -> Answer:
    return await call(route.method, route.path.replace("{id}", new_id()) + query, headers_for(route), body)


@pytest.mark.usefixtures("nothing_is_read")
@pytest.mark.parametrize("route", api.ROUTES, ids=title)
async def test_no_route_reads_a_body_that_is_larger_than_it_declares(route: Route) -> None:
    answer = await ask(route, body=b"x" * (route.body_bytes + 1))
    assert (answer.status, answer.code) == (413, "TooLarge")
    assert f"the limit is {route.body_bytes} bytes" in answer.json()["error"]["message"]


@pytest.mark.usefixtures("nothing_is_read")
@pytest.mark.parametrize("route", api.ROUTES, ids=title)
async def test_no_route_reads_a_query_that_is_longer_than_any(route: Route) -> None:
    answer = await ask(route, query="?q=" + "x" * parameters.QUERY_CHARACTERS)
    assert (answer.status, answer.code) == (413, "TooLarge")


async def test_input_of_the_maximum_size_is_read() -> None:
    longest = json.dumps({"userName": "\U0001f600" * 50}).encode()
    assert (await call("POST", "guest", body=longest)).status == 200
    padded = longest.ljust(4_096)
    assert (await call("POST", "guest", body=padded)).status == 200
    # The same query as long as a page can make it: every character a pair of surrogates, escaped.
    assert (await call("GET", "search?q=" + "%F0%9F%98%80" * 100, principal("ann"))).status == 200
    event = event_headers("joinChat", "ann", "c1", text=True)
    assert (await call("POST", "eventHandler", event, b"x" * MESSAGE_BYTES)).status == 200


async def test_a_caller_who_is_not_signed_in_is_told_so_before_the_size_of_the_body_is_checked() -> None:
    assert (await call("GET", "me", body=b"x" * 10_000)).status == 401
    assert (await call("POST", "eventHandler", body=b"x" * 2_000_000)).status == 401


async def test_an_oversized_principal_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base64, "b64decode", lambda *_, **__: pytest.fail("decoded"))
    assert (await call("GET", "me", {"x-ms-client-principal": "x" * 20_000})).status == 401


async def test_only_the_first_of_very_many_cookies_are_verified() -> None:
    key = settings().guest_signing_keys[0]
    mine = write_cookie(Profile("guest_1", "Ann", "guest"), [key], now(), secure=False).partition(";")[0]
    for others, status in ((COOKIES - 1, 200), (COOKIES, 401)):
        cookies = "; ".join(["chatr_guest=no"] * others + [mine])
        assert (await call("GET", "me", {"cookie": cookies})).status == status
    # So is one that is longer than ours can be.
    assert (await call("GET", "me", {"cookie": mine + "x" * 3_000})).status == 401


async def test_a_caller_beyond_the_rate_limit_is_told_when_to_retry_and_others_are_not_affected(
    store: OpenableStore,
) -> None:
    process.use(backend(store, calls_per_minute=60))
    answers = [await call("GET", "me", principal("ann")) for _ in range(16)]
    assert [one.status for one in answers] == [200] * 15 + [429]
    assert (answers[-1].code, answers[-1].headers["retry-after"]) == ("TooManyRequests", "1")
    assert (await call("GET", "me", principal("bob"))).status == 200


async def test_a_list_costs_tokens_for_its_items(store: OpenableStore) -> None:
    for number in range(50):
        await store.chats.create(Chat(f"chat-{number}", "Tea", "ann", "public"), ())
        await store.chats.list_publicly(f"chat-{number}")
    process.use(backend(store, calls_per_minute=60))
    answers = [await call("GET", "chats", principal("ann")) for _ in range(3)]
    # 15 tokens: the first takes 12, the second what is left and more.
    assert [one.status for one in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 5


async def test_the_concurrent_searches_of_one_user_are_limited(store: OpenableStore) -> None:
    store.open.clear()
    running = [asyncio.create_task(call("GET", "search?q=x", principal("ann"))) for _ in range(SEARCH.of_one)]
    await asyncio.sleep(0)
    refused = await call("GET", "search?q=x", principal("ann"))
    assert refused.status == 429 and 1 <= int(refused.headers["retry-after"]) <= SPREAD_SECONDS
    others = [
        asyncio.create_task(call("GET", "search?q=x", principal(f"user{number}")))
        for number in range(SEARCH.of_all - SEARCH.of_one)
    ]
    await asyncio.sleep(0)
    assert (await call("GET", "search?q=x", principal("bob"))).status == 429
    # Whoever does something else is not held up.
    assert (await call("GET", "me", principal("ann"))).status == 200
    store.open.set()
    assert {(await one).status for one in (*running, *others)} == {200}
    assert (await call("GET", "search?q=x", principal("ann"))).status == 200


async def test_guests_of_one_network_share_a_limit_and_others_can_sign_in(store: OpenableStore) -> None:
    process.use(backend(store, guests_per_minute=2))

    async def sign_in(address: str) -> Answer:
        return await call("POST", "guest", {"x-forwarded-for": f"{address}:1234, 10.0.0.1:80"}, {"userName": "Ann"})

    assert [(await sign_in("192.0.2.1")).status for _ in range(3)] == [200, 200, 429]
    refused = await sign_in("192.0.2.1")
    assert (refused.code, refused.headers["retry-after"]) == ("TooManyRequests", "30")
    assert "set-cookie" not in refused.headers
    assert (await sign_in("192.0.2.2")).status == 200
    assert len(store.users.rows) == 3


BEHIND, ALONE = True, False


@pytest.mark.parametrize(
    ("header", "behind", "address"),
    [
        ("192.0.2.1:4711, 10.0.0.1:80", BEHIND, "192.0.2.1"),
        # Whatever the caller has made up stands before what the front ends have seen.
        ("198.51.100.9, 192.0.2.1:4711, 10.0.0.1:80", BEHIND, "192.0.2.1"),
        ("x, y, z, 192.0.2.1:4711, 10.0.0.1:80", BEHIND, "192.0.2.1"),
        ("198.51.100.9, 192.0.2.1:4711", ALONE, "192.0.2.1"),
        ("192.0.2.1:4711", ALONE, "192.0.2.1"),
        ("192.0.2.1:4711", BEHIND, "192.0.2.1"),
        ("192.0.2.1", ALONE, "192.0.2.1"),
        ("[2001:db8:1:2:3:4:5:6]:4711", ALONE, "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", ALONE, "2001:db8:1:2::/64"),
        ("[::ffff:192.0.2.1]:4711", ALONE, "192.0.2.1"),
        ("", ALONE, ""),
        ("unknown", ALONE, ""),
        ("192.0.2.1.5:80", ALONE, ""),
        ("[", ALONE, ""),
        ("," * 30_000, BEHIND, ""),
    ],
)
def test_the_address_is_the_one_that_our_own_front_end_has_seen(header: str, behind: bool, address: str) -> None:
    request = func.HttpRequest("POST", "http://localhost/api/guest", headers={"x-forwarded-for": header}, body=b"")
    assert address_of(request, behind) == address


async def test_a_school_class_can_sign_in_all_at_once(store: OpenableStore) -> None:
    store.open.clear()
    network = {"x-forwarded-for": "192.0.2.1:4711"}
    calls = [asyncio.ensure_future(call("POST", "guest", network, {"userName": f"Pupil {n}"})) for n in range(30)]
    await asyncio.wait(calls, timeout=0.05)
    store.open.set()
    assert {answer.status for answer in await asyncio.gather(*calls)} == {200}


READS = [route for route in api.ROUTES if route.who in ("signed in", "members") and route.path != "me"]


@pytest.mark.parametrize("route", READS, ids=title)
async def test_on_all_routes_a_caller_pays_for_many_rows_read(route: Route, store: OpenableStore) -> None:
    assert route.price is not None
    rows = 300 * route.price.rows_a_token
    store.before_call = lambda _: rows_read.add(rows)
    process.use(backend(store, calls_per_minute=1_200))
    await ask(route, "?q=x" if route.path == "search" else "")
    store.before_call = lambda _: None
    assert (await call("GET", "me", principal("ann"))).status == 429
    assert (await call("GET", "me", principal("bob"))).status == 200


async def test_rows_count_for_the_call_that_reads_them_despite_concurrent_calls() -> None:
    async def reads(rows: int) -> int:
        with rows_read.counted() as count:
            await asyncio.gather(*(one(rows) for _ in range(3)))
            return count.rows

    async def one(rows: int) -> None:
        await asyncio.sleep(0)
        rows_read.add(rows)

    assert [*await asyncio.gather(reads(1), reads(10), reads(100))] == [3, 30, 300]
    rows_read.add(5)


async def test_the_store_counts_the_rows_that_it_returns(table_store: TableStore) -> None:
    user = new_id()
    for number in range(5):
        await table_store.presence.put_connection(user, Connection(f"c{number}", idle=False))
    with rows_read.counted() as count:
        await table_store.presence.connections(user)
        await table_store.presence.online(user)
    assert count.rows == 5
