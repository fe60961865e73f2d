"""Section 6: the REST data plane: status codes, error bodies and headers, operation by operation."""

import base64
import io
import math
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from tests.emulator.clients import Client, connected, rest_token
from tests.emulator.conftest import StandIn
from tests.emulator.rest import TEXT, Rest


@pytest.fixture
async def rest(endpoint: str) -> AsyncIterator[Rest]:
    async with aiohttp.ClientSession() as session:
        yield Rest(endpoint, session)


async def test_health_needs_no_token(rest: Rest) -> None:
    assert (await rest.raw("HEAD", f"{rest.endpoint}/api/health", {})).status == 200


@pytest.mark.parametrize("path", [":send", "groups/g/:send", "users/nobody/:send", "connections/nobody/:send"])
async def test_a_send_is_202_even_when_nobody_is_there(rest: Rest, path: str) -> None:
    assert (await rest("POST", path, **TEXT)).status == 202


async def test_broadcast_user_and_connection_sends_come_from_the_server(rest: Rest) -> None:
    async with connected(rest.endpoint, sub="u 1") as client:
        for path in (":send", "users/u%201/:send", f"connections/{client.id}/:send"):
            await rest("POST", path, **TEXT)
            assert await client.receive() == {"type": "message", "from": "server", "dataType": "text", "data": "hi"}


async def test_a_group_send_comes_from_the_group_without_a_sender(rest: Rest) -> None:
    async with connected(rest.endpoint) as client:
        await client.join("g/ä")
        await rest("POST", f"groups/{quote('g/ä', safe='')}/:send", **TEXT)
        await client.join("g%2Fä")
        await rest("POST", f"groups/{quote('g/ä', safe='')}/:send", **TEXT)
        # An encoded slash in a path stays encoded, so the first send reached another group.
        assert await client.receive() == {
            "type": "message",
            "from": "group",
            "group": "g%2Fä",
            "dataType": "text",
            "data": "hi",
        }


@pytest.mark.parametrize(
    ("content_type", "body", "data_type", "data"),
    [
        ("text/plain; charset=utf-8", "hé".encode(), "text", "hé"),
        ("text/plain; charset=iso-8859-1", "hé".encode("latin-1"), "text", "hé"),
        ("application/json", b' {"a": [1]} ', "json", {"a": [1]}),
        ("application/json; charset=utf-8", b'"x"', "json", "x"),
        ("text/plain; format=flowed; charset=iso-8859-1", "hé".encode("latin-1"), "text", "hé"),
        ("Application/JSON ;charset=UTF-8", b"1", "json", 1),
        ("application/json", b"[1e999, -2]", "json", [math.inf, -2]),
        ("application/octet-stream", b"\x00\xff", "binary", "AP8="),
    ],
)
async def test_the_content_type_decides_the_data_type(
    rest: Rest, content_type: str, body: bytes, data_type: str, data: Any
) -> None:
    async with connected(rest.endpoint) as client:
        assert (await rest("POST", ":send", {"Content-Type": content_type}, data=body)).status == 202
        frame = await client.receive()
        assert (frame["dataType"], frame["data"]) == (data_type, data)


async def test_another_content_type_is_415(rest: Rest) -> None:
    assert (await rest("POST", ":send", {"Content-Type": "application/xml"}, data=b"<a/>")).status == 415


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[" * 100_000),
        ("text/plain", b"\xff"),
        ("text/plain; charset=nonsense", b"a"),
        ("text/plain; charset=Punycode", b"bcher-kva"),
        ("text/plain; charset=unicode-escape", b"a"),
        ("application/octet-stream", b"x" * (1024 * 1024 + 1)),
    ],
    ids=["no JSON", "deep JSON", "no UTF-8", "unknown charset", "no charset but a codec", "another", "over 1 MiB"],
)
async def test_an_unusable_body_is_400(rest: Rest, content_type: str, body: bytes) -> None:
    answer = await rest("POST", ":send", {"Content-Type": content_type}, data=io.BytesIO(body))
    assert answer.status == 400
    assert answer.value["code"] == answer.headers["x-ms-error-code"] == "Error.BadRequest"


async def test_a_body_that_is_not_encoded_as_it_says_is_400(rest: Rest) -> None:
    headers = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    answer = await rest("POST", ":send", headers, data=io.BytesIO(b"no gzip"))
    assert (answer.status, answer.value["code"]) == (400, "Error.BadRequest")


async def test_excluded_connections_are_left_out(rest: Rest) -> None:
    async with connected(rest.endpoint) as one, connected(rest.endpoint) as other:
        await one.join("g")
        await other.join("g")
        for path in (":send", "groups/g/:send"):
            await rest("POST", f"{path}?excluded={one.id}&excluded=nobody", **TEXT)
            assert (await other.receive())["data"] == "hi"
            await one.silent()


@pytest.mark.parametrize("ttl", ["-1", "301", "x"])
async def test_a_message_life_time_out_of_bounds_is_400(rest: Rest, ttl: str) -> None:
    assert (await rest("POST", f":send?messageTtlSeconds={ttl}", **TEXT)).status == 400


async def test_metadata_headers_become_metadata(rest: Rest) -> None:
    async with connected(rest.endpoint) as client:
        headers = {"Content-Type": "text/plain", "X-WebPubSub-Metadata-Trace": "abc"}
        await rest("POST", ":send", headers, data=b"hi")
        assert (await client.receive())["metadata"] == {"trace": "abc"}


@pytest.mark.parametrize(("name", "value"), [("", "x"), ("trace", "x" * 1025), ("trace", "é")])
async def test_metadata_that_cannot_be_is_400_and_reaches_nobody(rest: Rest, name: str, value: str) -> None:
    async with connected(rest.endpoint) as client:
        headers = {"Content-Type": "text/plain", f"X-WebPubSub-Metadata-{name}": value}
        answer = await rest("POST", ":send", headers, data=b"hi")
        assert (answer.status, answer.value["target"]) == (400, "metadata")
        await client.silent()


async def test_existence_of_connection_group_and_user(rest: Rest) -> None:
    async with connected(rest.endpoint, sub="u1") as client:
        await client.join("g")
        for path in (f"connections/{client.id}", "groups/g", "users/u1"):
            assert (await rest("HEAD", path)).status == 200
    assert (await rest("HEAD", "connections/nobody")).status == 404
    group, user = await rest("HEAD", "groups/none"), await rest("HEAD", "users/nobody")
    assert (group.status, group.headers["x-ms-error-code"]) == (404, "Warning.Group.NotExisted")
    assert (user.status, user.headers["x-ms-error-code"]) == (404, "Warning.User.NotExisted")


async def test_closing_a_connection_is_1000_with_the_reason(rest: Rest) -> None:
    async with connected(rest.endpoint) as client:
        assert (await rest("DELETE", f"connections/{client.id}?reason=go%20home")).status == 204
        assert await client.closed() == (1000, "go home")
    assert (await rest("DELETE", "connections/nobody")).status == 204


@pytest.mark.parametrize("path", [":closeConnections", "groups/g/:closeConnections", "users/u1/:closeConnections"])
async def test_closing_many_spares_the_excluded(rest: Rest, path: str) -> None:
    async with connected(rest.endpoint, sub="u1") as one, connected(rest.endpoint, sub="u1") as other:
        await one.join("g")
        await other.join("g")
        assert (await rest("POST", f"{path}?excluded={one.id}&reason=bye")).status == 204
        assert await other.closed() == (1000, "bye")
        await one.silent()


async def test_a_connection_is_put_into_a_group_and_taken_out(rest: Rest) -> None:
    async with connected(rest.endpoint, role=[]) as client:
        path = f"groups/g/connections/{client.id}"
        assert (await rest("PUT", path)).status == 200
        await rest("POST", "groups/g/:send", **TEXT)
        assert (await client.receive())["data"] == "hi"
        assert (await rest("DELETE", path)).status == 204
        await rest("POST", "groups/g/:send", **TEXT)
        await client.silent()


async def test_adding_an_absent_connection_is_404_with_the_error_body(rest: Rest) -> None:
    answer = await rest("PUT", "groups/g/connections/x")
    assert answer.status == 404
    assert answer.headers["x-ms-error-code"] == "Error.Connection.NotExisted"
    assert answer.value == {
        "code": "Error.Connection.NotExisted",
        "message": "Connection `x` is not found.",
        "target": "Connection",
        "details": None,
        "inner": None,
    }


async def test_adding_an_absent_user_is_404(rest: Rest) -> None:
    answer = await rest("PUT", "users/nobody/groups/g")
    assert (answer.status, answer.headers["x-ms-error-code"]) == (404, "Warning.User.NotExisted")
    assert (answer.value["code"], answer.value["target"]) == ("Warning.User.NotExisted", "User")
    assert answer.value["message"] == "User `nobody` is not found."


@pytest.mark.parametrize(
    "path",
    ["groups/g/connections/x", "connections/x/groups", "users/x/groups/g", "users/x/groups"],
)
async def test_removing_what_is_absent_is_204(rest: Rest, path: str) -> None:
    assert (await rest("DELETE", path)).status == 204


async def test_a_users_current_connections_join_and_leave(rest: Rest) -> None:
    async with connected(rest.endpoint, sub="u1") as one, connected(rest.endpoint, sub="u1") as other:
        assert (await rest("PUT", "users/u1/groups/g")).status == 200
        assert len(await members(rest, "g")) == 2
        async with connected(rest.endpoint, sub="u1"):
            assert len(await members(rest, "g")) == 2
        assert (await rest("DELETE", "users/u1/groups/g")).status == 204
        assert await members(rest, "g") == []
        await one.join("a")
        await other.join("b")
        assert (await rest("DELETE", "users/u1/groups")).status == 204
        assert (await rest("HEAD", "groups/a")).status == 404


async def test_leaving_every_group(rest: Rest) -> None:
    async with connected(rest.endpoint) as client:
        await client.join("a")
        await client.ask(type="joinGroup", group="b", ackId=1)
        assert (await rest("DELETE", f"connections/{client.id}/groups")).status == 204
        assert (await rest("HEAD", "groups/a")).status == (await rest("HEAD", "groups/b")).status == 404


async def members(rest: Rest, group: str) -> list[dict[str, Any]]:
    return list((await rest("GET", f"groups/{group}/connections")).value["value"])


async def test_a_groups_connections_are_listed_in_pages(rest: Rest, emulator: StandIn) -> None:
    async with connected(rest.endpoint, sub="u1") as a, connected(rest.endpoint) as b, connected(rest.endpoint) as c:
        clients: list[Client] = [a, b, c]
        for client in clients:
            await client.join("g h")
        first = (await rest("GET", "groups/g%20h/connections?maxpagesize=2")).value
        assert [entry["connectionId"] for entry in first["value"]] == [a.id, b.id]
        assert [entry["userId"] for entry in first["value"]] == ["u1", None]
        link = first["nextLink"]
        assert "api-version=2024-12-01" in link
        second = (await rest.raw("GET", link, rest_token(link))).value
        assert [entry["connectionId"] for entry in second["value"]] == [c.id]
        assert "nextLink" not in second
        assert len((await rest("GET", "groups/g%20h/connections?top=1")).value["value"]) == 1
    assert (await rest("GET", "groups/none/connections")).value == {"value": []}


def token_of(text: bytes) -> str:
    return f"continuationToken={base64.urlsafe_b64encode(text).decode().rstrip('=')}"


@pytest.mark.parametrize(
    "query",
    ["maxpagesize=0", "maxpagesize=201", "top=0", "continuationToken=%7B", "continuationToken=%C3%A9", "top=x"]
    + [token_of(text) for text in (b"-5", b"0.3", b"9" * 30, b" 1_0", b"five")],
)
async def test_bad_paging_is_400(rest: Rest, query: str) -> None:
    assert (await rest("GET", f"groups/g/connections?{query}")).status == 400


async def test_permissions_are_granted_checked_and_revoked(rest: Rest) -> None:
    async with connected(rest.endpoint, role=[]) as client:
        path = f"permissions/sendToGroup/connections/{client.id}?targetName=g"
        assert (await rest("HEAD", path)).status == 404
        assert (await rest("PUT", path)).status == 200
        assert (await rest("HEAD", path)).status == 200
        assert (await client.ask(type="sendToGroup", group="g", data=1, ackId=1))["success"]
        assert (await rest("DELETE", path)).status == 204
        assert not (await client.ask(type="sendToGroup", group="g", data=1, ackId=2))["success"]


async def test_a_revoked_group_is_refused_even_with_an_all_groups_role(rest: Rest) -> None:
    async with connected(rest.endpoint, role=["webpubsub.sendToGroup"]) as client:
        path = f"permissions/sendToGroup/connections/{client.id}?targetName=g"
        assert (await rest("DELETE", path)).status == 204
        assert not (await client.ask(type="sendToGroup", group="g", data=1, ackId=1))["success"]
        assert (await client.ask(type="sendToGroup", group="h", data=1, ackId=2))["success"]
        assert (await rest("PUT", path)).status == 200
        assert (await client.ask(type="sendToGroup", group="g", data=1, ackId=3))["success"]


async def test_revoking_does_not_end_membership(rest: Rest) -> None:
    async with connected(rest.endpoint) as client:
        await client.join("g")
        await rest("DELETE", f"permissions/joinLeaveGroup/connections/{client.id}?targetName=g")
        await rest("POST", "groups/g/:send", **TEXT)
        assert (await client.receive())["data"] == "hi"


async def test_permission_calls_that_cannot_be(rest: Rest) -> None:
    async with connected(rest.endpoint) as client:
        assert (await rest("PUT", "permissions/sendToGroup/connections/x?targetName=g")).status == 404
        assert (await rest("DELETE", "permissions/sendToGroup/connections/x?targetName=g")).status == 204
        assert (await rest("PUT", f"permissions/fly/connections/{client.id}?targetName=g")).status == 400
        assert (await rest("PUT", f"permissions/sendToGroup/connections/{client.id}")).status == 400


async def test_over_a_thousand_grants_are_409(rest: Rest, emulator: StandIn) -> None:
    async with connected(rest.endpoint, role=[f"webpubsub.sendToGroup.{n}" for n in range(1000)]) as client:
        answer = await rest("PUT", f"permissions/sendToGroup/connections/{client.id}?targetName=g")
        assert answer.status == 409


async def test_every_connection_is_added_to_and_removed_from_groups_at_once(rest: Rest) -> None:
    async with connected(rest.endpoint), connected(rest.endpoint):
        assert (await rest("POST", ":addToGroups", json={"groups": ["a", "b"]})).status == 200
        assert len(await members(rest, "a")) == len(await members(rest, "b")) == 2
        assert (await rest("POST", ":removeFromGroups", json={"groups": ["a"], "filter": ""})).status == 200
        assert (len(await members(rest, "a")), len(await members(rest, "b"))) == (0, 2)
        for bad, target in (
            ({}, "Groups"),
            ({"groups": "a"}, "body"),
            ({"groups": []}, "Groups"),
            ({"groups": [" "]}, "Groups"),
        ):
            answer = await rest("POST", ":addToGroups", json=bad)
            assert (answer.status, answer.value["target"]) == (400, target)


async def test_a_filter_chooses_the_receivers(rest: Rest) -> None:
    async with connected(rest.endpoint, sub="u1") as one, connected(rest.endpoint, sub="u2") as other:
        await one.join("g")
        await other.join("g")
        for path in (":send", "groups/g/:send", "users/u2/:send"):
            await rest("POST", f"{path}?filter=userId%20eq%20'u2'", **TEXT)
            assert (await other.receive())["data"] == "hi"
            await one.silent()
        assert (await rest("POST", ":addToGroups", json={"groups": ["h"], "filter": "userId eq 'u1'"})).status == 200
        assert [member["userId"] for member in await members(rest, "h")] == ["u1"]
        wanted = {"groups": ["g"], "filter": "userId eq 'u1'"}
        assert (await rest("POST", ":removeFromGroups", json=wanted)).status == 200
        assert [member["userId"] for member in await members(rest, "g")] == ["u2"]


@pytest.mark.parametrize("path", [":send", "groups/g/:send", "users/u/:send"])
async def test_a_bad_filter_is_400_with_a_reason(rest: Rest, path: str) -> None:
    answer = await rest("POST", f"{path}?filter=userId", **TEXT)
    assert (answer.status, answer.value["code"], answer.value["target"]) == (400, "Error.BadRequest", "filter")
    assert (await rest("POST", ":addToGroups", json={"groups": ["h"], "filter": "("})).status == 400


async def test_no_or_a_wrong_token_is_401(rest: Rest) -> None:
    url = f"{rest.endpoint}/api/hubs/chat/users/u1?api-version=2024-12-01"
    other = url.replace("u1", "u2")
    wrong: list[dict[str, str]] = [
        {},
        {"Authorization": "Basic x"},
        {"Authorization": "Bearer x"},
        rest_token(other),
        rest_token(url, key="another key of thirty-two bytes!!"),
        rest_token(url, exp=int(time.time()) - 400),
        rest_token("https://webpubsub.azure.com"),
    ]
    for headers in wrong:
        assert (await rest.raw("HEAD", url, headers)).status == 401
    answer = await rest.raw("GET", url, {})
    assert answer.value["code"] == "Error.Unauthorized"


async def test_a_tokens_audience_may_lack_the_query_and_differ_in_escaping(rest: Rest) -> None:
    url = f"{rest.endpoint}/api/hubs/chat/users/it's/:send?filter=&api-version=2024-12-01"
    for audience in (url, url.partition("?")[0], url.replace("'", "%27"), url.upper()):
        assert (await rest.raw("POST", url, rest_token(audience), data=b"")).status == 202


async def test_unknown_paths_methods_versions_and_hubs(rest: Rest) -> None:
    assert (await rest("GET", "nothing/here")).status == 404
    assert (await rest("GET", ":send")).status == 405
    url = f"{rest.endpoint}/api/hubs/chat/users/u1?api-version=1999-01-01"
    assert (await rest.raw("HEAD", url, rest_token(url))).status == 400
    url = f"{rest.endpoint}/api/hubs/1chat/users/u1"
    assert (await rest.raw("HEAD", url, rest_token(url))).status == 400


async def test_answers_name_the_supported_versions(rest: Rest) -> None:
    assert "2024-12-01" in (await rest("POST", ":send", **TEXT)).headers["api-supported-versions"]
