"""Section 6: what holds for every operation over REST: methods, tokens, versions, names, errors, paging."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest

from emulator.configuration import DEFAULT_ACCESS_KEY, Settings
from emulator.rest.endpoint import API_VERSIONS
from emulator.rest.routes import ROUTES
from tests.emulator.clients import connected, rest_token
from tests.emulator.conftest import QUICK, Start
from tests.emulator.rest import TEXT, Answer, Rest

SECOND_KEY = "a second key of thirty-two bytes"
# What each operation answers when nothing and nobody is there, and every parameter is in order.
EMPTY = {
    ("POST", ":send"): 202,
    ("POST", "groups/{group}/:send"): 202,
    ("POST", "users/{userId}/:send"): 202,
    ("POST", "connections/{connectionId}/:send"): 202,
    ("HEAD", "connections/{connectionId}"): 404,
    ("DELETE", "connections/{connectionId}"): 204,
    ("POST", ":closeConnections"): 204,
    ("POST", "groups/{group}/:closeConnections"): 204,
    ("POST", "users/{userId}/:closeConnections"): 204,
    ("HEAD", "groups/{group}"): 404,
    ("HEAD", "users/{userId}"): 404,
    ("GET", "groups/{group}/connections"): 200,
    ("PUT", "groups/{group}/connections/{connectionId}"): 404,
    ("DELETE", "groups/{group}/connections/{connectionId}"): 204,
    ("DELETE", "connections/{connectionId}/groups"): 204,
    ("PUT", "users/{userId}/groups/{group}"): 404,
    ("DELETE", "users/{userId}/groups/{group}"): 204,
    ("DELETE", "users/{userId}/groups"): 204,
    ("POST", ":addToGroups"): 200,
    ("POST", ":removeFromGroups"): 200,
    ("PUT", "permissions/{permission}/connections/{connectionId}"): 404,
    ("DELETE", "permissions/{permission}/connections/{connectionId}"): 204,
    ("HEAD", "permissions/{permission}/connections/{connectionId}"): 404,
    # It takes no access key, see test_6_generate_token.py.
    ("POST", ":generateToken"): 401,
}
OPERATIONS = pytest.mark.parametrize(("method", "path"), EMPTY, ids=[" ".join(operation) for operation in EMPTY])


@pytest.fixture
async def rest(start: Start) -> AsyncIterator[Rest]:
    emulator = await start(Settings(access_keys=(DEFAULT_ACCESS_KEY, SECOND_KEY), limits=QUICK))
    async with aiohttp.ClientSession() as session:
        yield Rest(emulator.endpoint, session)


def example(path: str) -> str:
    """A path whose parameters name what is not there."""
    return path.format(group="g", userId="u", connectionId="c", permission="sendToGroup")


def request_of(path: str) -> dict[str, Any]:
    """What the operation needs besides its path."""
    if path.endswith("Groups"):
        return {"json": {"groups": ["g"]}}
    return dict(TEXT) if path.endswith(":send") else {}


def test_every_operation_is_here() -> None:
    assert set(EMPTY) == {(method, path) for method, path, _ in ROUTES}


@OPERATIONS
async def test_each_operation_has_its_status_where_nothing_is_there(rest: Rest, method: str, path: str) -> None:
    answer = await rest(method, f"{example(path)}?targetName=g", **request_of(path))
    assert answer.status == EMPTY[method, path]
    assert ("x-ms-error-code" in answer.headers) == (answer.status >= 400)
    assert answer.headers["api-supported-versions"] == ", ".join(API_VERSIONS)


@OPERATIONS
async def test_each_operation_takes_a_token_of_either_key_and_no_other(rest: Rest, method: str, path: str) -> None:
    url = f"{rest.endpoint}/api/hubs/chat/{example(path)}?targetName=g"
    for key in (DEFAULT_ACCESS_KEY, SECOND_KEY):
        called = request_of(path)
        headers = {**rest_token(url, key), **called.pop("headers", {})}
        assert (await rest.raw(method, url, headers, **called)).status == EMPTY[method, path]
    for headers in ({}, rest_token(url, "x" * 40)):
        refused = await rest.raw(method, url, headers)
        assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert refused.headers["x-ms-error-code"] == "Error.Unauthorized"


@OPERATIONS
async def test_a_path_called_by_another_method_is_405_and_says_which_it_allows(
    rest: Rest, method: str, path: str
) -> None:
    answer = await rest("PATCH", example(path))
    assert answer.status == 405
    assert answer.headers["Allow"].split(", ") == sorted(m for m, p in EMPTY if p == path)
    assert answer.value["code"] == answer.headers["x-ms-error-code"]


@pytest.mark.parametrize("claims", [{"exp": None}, {"aud": None}, {"exp": -400}, {"nbf": 400}])
async def test_a_token_needs_audience_and_expiry(rest: Rest, claims: dict[str, Any]) -> None:
    url = f"{rest.endpoint}/api/hubs/chat/:send"
    # Seconds from now; now, and not when the tests were collected.
    claims = {name: offset and int(time.time()) + offset for name, offset in claims.items()}
    assert (await rest.raw("POST", url, {**rest_token(url, **claims)}, data=b"")).status == 401


@pytest.mark.parametrize("version", [*API_VERSIONS, ""])
async def test_each_published_version_and_none_is_served(rest: Rest, version: str) -> None:
    url = f"{rest.endpoint}/api/hubs/chat/:send?api-version={version}"
    assert (await rest.raw("POST", url, rest_token(url), data=b"")).status == 202


@pytest.mark.parametrize("version", ["2021-05-01-preview", "latest", "2024-12-02"])
async def test_an_unknown_version_is_400_and_names_the_known(rest: Rest, version: str) -> None:
    url = f"{rest.endpoint}/api/hubs/chat/groups/g/connections?api-version={version}"
    answer = await rest.raw("GET", url, rest_token(url))
    assert (answer.status, answer.value["code"], answer.value["target"]) == (
        400,
        "UnsupportedApiVersion",
        "api-version",
    )
    assert "2024-12-01" in answer.value["message"]


async def test_an_errors_body_has_its_five_fields_at_top_level(rest: Rest) -> None:
    answer = await rest("POST", ":send", {"Content-Type": "application/json"}, data=b"{")
    assert set(answer.value) == {"code", "message", "target", "details", "inner"}
    assert (answer.value["details"], answer.value["inner"]) == (None, None)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["x-ms-error-code"] == answer.value["code"]


@pytest.mark.parametrize(
    ("written", "name"),
    [("a%20b", "a b"), ("a+b", "a+b"), ("%C3%A9", "é"), ("a%3Ab", "a:b"), ("a%2fb", "a%2Fb"), ("a%252Fb", "a%2Fb")],
)
async def test_names_in_a_path_are_decoded_once_but_for_the_slash(rest: Rest, written: str, name: str) -> None:
    async with connected(rest.endpoint, sub=name) as client:
        await client.join(name)
        assert (await rest("HEAD", f"groups/{written}")).status == 200
        assert (await rest("HEAD", f"users/{written}")).status == 200
        assert (await rest("POST", f"groups/{written}/:send", **TEXT)).status == 202
        assert (await client.receive())["group"] == name


@pytest.mark.parametrize("group", ["%20", "g" * 1025])
@pytest.mark.parametrize(
    ("method", "path"), [("HEAD", "groups/{}"), ("POST", "groups/{}/:send"), ("PUT", "users/u/groups/{}")]
)
async def test_a_group_that_cannot_be_is_400(rest: Rest, method: str, path: str, group: str) -> None:
    assert (await rest(method, path.format(group), **TEXT)).status == 400


async def test_parameters_are_named_in_any_case(rest: Rest) -> None:
    async with connected(rest.endpoint) as one, connected(rest.endpoint) as other:
        await one.join("g")
        await other.join("g")
        assert len((await rest("GET", "groups/g/connections?maxPageSize=1")).value["value"]) == 1
        await rest("POST", f":send?Excluded={one.id}", **TEXT)
        assert (await other.receive())["data"] == "hi"
        await one.silent()


async def test_without_a_content_type_a_body_is_binary(rest: Rest) -> None:
    async with connected(rest.endpoint) as client:
        assert (await rest("POST", ":send", data=b"\x00", skip_auto_headers=["Content-Type"])).status == 202
        assert (await client.receive())["dataType"] == "binary"


@pytest.mark.parametrize("path", [":addToGroups", ":removeFromGroups"])
@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream", "application/x-protobuf"])
async def test_groups_come_in_json_alone(rest: Rest, path: str, content_type: str) -> None:
    answer = await rest("POST", path, {"Content-Type": content_type}, data=b'{"groups":["g"]}')
    assert (answer.status, answer.value["target"]) == (415, "Content-Type")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"groups":[5]}', b'{"groups":["g"],"filter":5}', b"[" * 100_000])
async def test_groups_that_cannot_be_read_are_400(rest: Rest, body: bytes) -> None:
    answer = await rest("POST", ":addToGroups", {"Content-Type": "application/json"}, data=body)
    assert (answer.status, answer.value["code"]) == (400, "Error.BadRequest")


async def test_the_last_of_repeated_metadata_headers_counts(rest: Rest) -> None:
    async with connected(rest.endpoint) as client:
        url = f"{rest.endpoint}/api/hubs/chat/:send"
        headers = [("X-WebPubSub-Metadata-A", "1"), ("x-webpubsub-metadata-a", "2"), *rest_token(url).items()]
        async with rest.session.post(url, headers=headers, data=b"") as response:
            assert response.status == 202
        assert (await client.receive())["metadata"] == {"a": "2"}


async def test_closed_clients_are_told_the_services_reason_where_none_is_given(rest: Rest) -> None:
    async with connected(rest.endpoint) as client:
        assert (await rest("POST", ":closeConnections")).status == 204
        assert await client.closed() == (1000, "ClosedByAppServer")


async def all_pages(rest: Rest, query: str) -> list[list[str]]:
    """The ids of each page, following the links."""
    answer: Answer = await rest("GET", f"groups/g/connections?{query}")
    pages = [answer.value]
    while link := pages[-1].get("nextLink"):
        assert link.startswith(rest.endpoint)
        pages.append((await rest.raw("GET", link, rest_token(link))).value)
    return [[entry["connectionId"] for entry in page["value"]] for page in pages]


async def test_page_size_and_top_bound_pages_and_all(rest: Rest) -> None:
    async with connected(rest.endpoint) as a, connected(rest.endpoint) as b, connected(rest.endpoint) as c:
        for client in (a, b, c):
            await client.join("g")
        assert await all_pages(rest, "") == [[a.id, b.id, c.id]]
        assert await all_pages(rest, "maxpagesize=200&top=2147483") == [[a.id, b.id, c.id]]
        assert await all_pages(rest, "maxpagesize=1") == [[a.id], [b.id], [c.id]]
        assert await all_pages(rest, "maxpagesize=2&top=3") == [[a.id, b.id], [c.id]]
        assert await all_pages(rest, "maxpagesize=1&top=2") == [[a.id], [b.id]]
        assert await all_pages(rest, "top=1") == [[a.id]]


async def test_a_page_behind_members_that_left_is_empty(rest: Rest) -> None:
    async with connected(rest.endpoint) as stays:
        await stays.join("g")
        async with connected(rest.endpoint) as goes:
            await goes.join("g")
            link = (await rest("GET", "groups/g/connections?maxpagesize=1")).value["nextLink"]
            await rest("DELETE", f"groups/g/connections/{goes.id}")
        assert (await rest.raw("GET", link, rest_token(link))).value == {"value": []}


async def test_a_body_that_does_not_come_in_time_is_408(start: Start) -> None:
    emulator = await start(Settings(limits=msgspec.structs.replace(QUICK, body_seconds=0.05)))
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.server.port)
    token = rest_token(f"{emulator.endpoint}/api/hubs/chat/:send")["Authorization"]
    head = f"Host: localhost:{emulator.server.port}\r\nAuthorization: {token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(f"POST /api/hubs/chat/:send HTTP/1.1\r\n{head}".encode())
    assert (await asyncio.wait_for(reader.readuntil(b"Error.RequestTimeout"), 5)).startswith(b"HTTP/1.1 408 ")
    writer.transport.abort()


async def test_a_caller_that_waits_to_be_told_to_send_its_body_is_told_when_it_may(start: Start) -> None:
    emulator = await start(Settings(limits=QUICK))
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.server.port)
    host = f"Host: localhost:{emulator.server.port}\r\nContent-Type: text/plain\r\nExpect: 100-continue\r\n"
    token = rest_token(f"{emulator.endpoint}/api/hubs/chat/:send")["Authorization"]
    for _ in range(2):
        head = f"{host}Authorization: {token}\r\nContent-Length: 2\r\n\r\n"
        writer.write(f"POST /api/hubs/chat/:send HTTP/1.1\r\n{head}".encode())
        assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5) == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hi")
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 202 ")
    for refused, status in (("", b"401 "), (f"Authorization: {token}\r\n", b"400 ")):
        writer.write(f"POST /api/hubs/chat/:send HTTP/1.1\r\n{host}{refused}Content-Length: 2000000\r\n\r\n".encode())
        assert (await asyncio.wait_for(reader.readuntil(b"}"), 5)).startswith(b"HTTP/1.1 " + status)
        writer.transport.abort()
        reader, writer = await asyncio.open_connection("127.0.0.1", emulator.server.port)
    writer.transport.abort()


async def test_a_caller_that_goes_before_its_body_has_come_is_one_line_in_the_log(start: Start) -> None:
    emulator = await start(Settings(limits=QUICK))
    _, writer = await asyncio.open_connection("127.0.0.1", emulator.server.port)
    token = rest_token(f"{emulator.endpoint}/api/hubs/chat/:send")["Authorization"]
    head = f"Host: localhost:{emulator.server.port}\r\nAuthorization: {token}\r\nContent-Length: 5\r\n\r\n"
    writer.write(f"POST /api/hubs/chat/:send HTTP/1.1\r\n{head}hi".encode())
    await writer.drain()
    writer.close()
    await emulator.log.holds("The connection was lost before the whole body arrived")
    assert "Error handling request" not in emulator.log.getvalue()
