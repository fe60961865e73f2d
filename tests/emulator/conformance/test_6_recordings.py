"""Section 6.6: calls that were recorded against the live service, made here again.

Facts of the recordings that the official SDKs' own tests replay (repository Azure/azure-sdk-assets): the call, and the
status, body and headers of its answer that are the service's own. Names are as they were recorded, so that lengths can
be compared. docs/conformance.md says what differs all the same.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from emulator.configuration import Settings
from emulator.entra import Trust
from tests.emulator.clients import connected, rest_token
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.rest import Rest


@pytest.fixture
async def rest(endpoint: str) -> AsyncIterator[Rest]:
    async with aiohttp.ClientSession() as session:
        yield Rest(endpoint, session)


class Recorded(NamedTuple):
    """One recorded call. ``length`` is the answer's Content-Length, None where it had none."""

    source: str
    method: str
    path: str
    status: int
    code: str | None = None
    length: int | None = None
    value: Any = None
    kind: str | None = None
    # Errors of parameters come without the list of versions.
    versions: bool = True
    sent: Any = None


JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
PYTHON = "Python 1.3.0, 2026-04-07 and 2026-05-06"
JAVASCRIPT = "JavaScript 1.1.3, 2024-06-26 and 2024-10-29"
JAVASCRIPT_1_2 = "JavaScript 1.2.1, 2026-04-22"
JAVA = "Java 1.3.0-beta.1, 2024-07-05"
NOT_FILTER = (
    "Invalid syntax for 'invalid filter': Syntax error at position 14 in 'invalid filter'. (Parameter 'filter')"
)
NOT_GROUP = "Invalid group name. Valid group name should be in between 1 and 1024 characters long."


def problem(message: str, target: str) -> dict[str, Any]:
    """The body of an answer about a parameter."""
    return {
        "code": "Error.BadRequest",
        "message": message,
        "target": target,
        "errors": {target: [message]},
        "type": None,
        "title": "One or more validation errors occurred.",
        "status": 400,
        "detail": None,
        "instance": None,
        "extensions": {},
    }


def error(code: str, what: str, name: str) -> dict[str, Any]:
    """The body of an answer about something that is not there."""
    message = f"{what} `{name}` is not found."
    return {"code": code, "message": message, "target": what, "details": None, "inner": None}


def bad(source: str, path: str, message: str, target: str, length: int, sent: Any = None) -> Recorded:
    code, value = "Error.BadRequest", problem(message, target)
    return Recorded(source, "POST", path, 400, code, length, value, PROBLEM, versions=False, sent=sent)


BULK = {"groups": ["group1", "group2"]}
ABSENT, INFO = "Error.Connection.NotExisted", "Info.Connection.NotExisted"
FAKE = "fake-connection-id"
RECORDED = [
    bad(JAVASCRIPT, ":send?filter=invalid%20filter", NOT_FILTER, "filter", 416),
    bad(JAVASCRIPT, "users/brian/:send?filter=invalid%20filter", NOT_FILTER, "filter", 416),
    bad(JAVASCRIPT, "groups/group/:send?filter=invalid%20filter", NOT_FILTER, "filter", 416),
    bad(JAVASCRIPT, ":addToGroups", NOT_FILTER, "Filter", 416, {**BULK, "filter": "invalid filter"}),
    bad(JAVASCRIPT, ":removeFromGroups", NOT_FILTER, "Filter", 416, {**BULK, "filter": "invalid filter"}),
    bad(JAVA, ":addToGroups", NOT_GROUP, "Groups", 374, {"filter": "userId eq 'user 1'"}),
    Recorded(
        PYTHON,
        "PUT",
        f"groups/group1/connections/{FAKE}",
        404,
        ABSENT,
        146,
        error(ABSENT, "Connection", FAKE),
        JSON,
    ),
    Recorded(
        PYTHON,
        "PUT",
        "users/fake-user/groups/group1",
        404,
        "Warning.User.NotExisted",
        121,
        error("Warning.User.NotExisted", "User", "fake-user"),
        JSON,
    ),
    Recorded(
        PYTHON,
        "PUT",
        f"permissions/sendToGroup/connections/{FAKE}?targetName=group1",
        404,
        INFO,
        145,
        error(INFO, "Connection", FAKE),
        JSON,
    ),
    Recorded(
        JAVASCRIPT,
        "DELETE",
        "permissions/joinLeaveGroup/connections/xxxx",
        400,
        "Error.BadRequest",
        172,
        {
            "code": "Error.BadRequest",
            "message": NOT_GROUP,
            "target": "Request",
            "details": None,
            "inner": None,
        },
        JSON,
    ),
    Recorded(
        JAVASCRIPT,
        "PUT",
        "permissions/joinLeaveGroup/connections/xxx?targetName=x",
        404,
        INFO,
        130,
        error(INFO, "Connection", "xxx"),
        JSON,
    ),
    Recorded(
        PYTHON,
        "HEAD",
        f"permissions/sendToGroup/connections/{FAKE}?targetName=group1",
        404,
        INFO,
        145,
        kind=JSON,
    ),
    Recorded(
        PYTHON,
        "HEAD",
        "connections/hgl4Apa-MDWsdYdGSBB_JAmtbNwgK02",
        404,
        "Warning.Connection.NotExisted",
        161,
        kind=JSON,
    ),
    Recorded(JAVASCRIPT_1_2, "HEAD", "connections/xxx", 404, "Warning.Connection.NotExisted", 133, kind=JSON),
    Recorded(PYTHON, "HEAD", "users/live-user-not-exist", 404, "Warning.User.NotExisted", 131, kind=JSON),
    Recorded(JAVASCRIPT, "HEAD", "users/foo", 404, "Warning.User.NotExisted", 115, kind=JSON),
    Recorded(PYTHON, "HEAD", "groups/live-group-not-exist", 404, "Warning.Group.NotExisted", 131, kind=JSON),
    Recorded(PYTHON, "HEAD", "groups/fake-group", 404, "Warning.Group.NotExisted", 121, kind=JSON),
    Recorded(PYTHON, "DELETE", f"permissions/sendToGroup/connections/{FAKE}?targetName=group1", 204),
    Recorded(PYTHON, "DELETE", "users/fake-user/groups/group1", 204),
    Recorded(PYTHON, "DELETE", "users/fake-user/groups", 204),
    Recorded(JAVASCRIPT, "DELETE", "connections/xxx/groups", 204),
    Recorded(JAVASCRIPT, "DELETE", "groups/group/connections/xxxx", 204),
    Recorded(PYTHON, "DELETE", f"connections/{FAKE}?reason=test", 204),
    Recorded(PYTHON, "POST", "groups/group-live-1/:closeConnections?reason=live-coverage", 204),
    Recorded(PYTHON, "POST", "users/live-user-1/:closeConnections?reason=live-coverage", 204),
    Recorded(PYTHON, "POST", ":closeConnections?reason=live-coverage", 204),
    Recorded(PYTHON, "POST", ":send?excluded=fake-conn-id", 202, length=0, sent={"kind": "json"}),
    Recorded(PYTHON, "POST", f"connections/{FAKE}/:send", 202, length=0, sent={"hello": "world"}),
    Recorded(PYTHON, "POST", ":addToGroups", 200, length=0, sent={**BULK, "filter": "userId eq 'live-user-1'"}),
    Recorded(PYTHON, "POST", ":removeFromGroups", 200, length=0, sent={**BULK, "filter": "userId eq 'live-user-1'"}),
    Recorded(PYTHON, "GET", "groups/group1/connections?top=10", 200, None, 12, {"value": []}, JSON),
]


def named(one: Recorded) -> str:
    return f"{one.source}: {one.method} {one.path}"


@pytest.mark.parametrize("recorded", RECORDED, ids=named)
async def test_a_recorded_call_is_answered_as_it_was(rest: Rest, recorded: Recorded) -> None:
    url = f"{rest.endpoint}/api/hubs/apicoverage/{recorded.path}"
    url += f"{'&' if '?' in url else '?'}api-version=2024-12-01"
    called = {} if recorded.sent is None else {"json": recorded.sent}
    async with rest.session.request(recorded.method, url, headers=rest_token(url), **called) as answer:
        body = await answer.read()
        headers = answer.headers
    assert (answer.status, headers.get("x-ms-error-code")) == (recorded.status, recorded.code)
    length = None if recorded.length is None else str(recorded.length)
    assert (headers.get("Content-Length"), headers.get("Content-Type")) == (length, recorded.kind)
    assert ("api-supported-versions" in headers) == recorded.versions
    assert (json.loads(body) if body else None) == recorded.value


@pytest.mark.parametrize("listed", ["top=5&maxpagesize=2", "maxpagesize=2"])
async def test_a_recorded_link_to_the_next_page_has_its_parts_in_that_order(rest: Rest, listed: str) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(6):
            await (await stack.enter_async_context(connected(rest.endpoint))).join("group1")
        page = (await rest("GET", f"groups/group1/connections?{listed}")).value
        left = []
        while link := page.get("nextLink"):
            assert link.startswith(f"{rest.endpoint}/api/hubs/chat/groups/group1/connections?")
            left.append([part.partition("=") for part in urlsplit(link).query.split("&")])
            page = (await rest.raw("GET", link, rest_token(link))).value
    names = ["maxpagesize", "continuationToken", "api-version"]
    if "top" in listed:
        assert [parts[0][2] for parts in left] == ["3", "1"]
        names.insert(0, "top")
    assert [[name for name, _, _ in parts] for parts in left] == [names, names]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD"])
@pytest.mark.parametrize("target", ["", "?targetName=", "?targetName=%20", f"?targetName={'g' * 1025}"])
async def test_every_permission_call_without_a_group_is_refused_as_the_recorded_one(
    rest: Rest, method: str, target: str
) -> None:
    answer = await rest(method, f"permissions/sendToGroup/connections/xxx{target}")
    assert (answer.status, answer.headers["x-ms-error-code"]) == (400, "Error.BadRequest")
    if method != "HEAD":
        assert (answer.value["message"], answer.value["target"]) == (NOT_GROUP, "Request")


@pytest.mark.parametrize("version", ["2024-01-01", "2024-12-01"])
async def test_a_client_type_that_cannot_be_is_refused_as_recorded(start: Start, version: str) -> None:
    """JavaScript 1.1.3, 2024-11-02: the problem comes as plain JSON, and 2024-01-01 knew no Socket.IO."""
    emulator = await start(Settings(entra=Trust(unvalidated=True), limits=QUICK))
    wrong = "socketio" if version == "2024-01-01" else "sse"
    url = f"{emulator.endpoint}/api/hubs/simplechat/:generateToken?api-version={version}&clientType={wrong}"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, headers=rest_token("https://webpubsub.azure.com")) as answer,
    ):
        assert (answer.status, answer.headers["Content-Type"]) == (400, JSON)
        assert "api-supported-versions" not in answer.headers
        assert await answer.json() == problem(f"The value '{wrong}' is not valid.", "clientType")
        assert wrong != "socketio" or answer.content_length == 280


@pytest.mark.parametrize("path", ["groups/%20/:send", f"groups/{'g' * 1025}/:send"])
async def test_a_group_in_a_path_is_a_parameter_like_those_recorded(rest: Rest, path: str) -> None:
    answer = await rest("POST", path, data=b"")
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.value == problem(NOT_GROUP, "group")


async def test_the_python_sdk_reads_what_was_recorded(emulator: StandIn) -> None:
    connection_string = emulator.server.connection_string
    async with WebPubSubServiceClient.from_connection_string(connection_string, hub="apicoverage") as service:
        with pytest.raises(ResourceNotFoundError) as refused:
            await service.add_user_to_group("group1", "fake-user")
        assert refused.value.error is not None
        assert refused.value.error.code == "Warning.User.NotExisted"
        assert refused.value.error.message == "User `fake-user` is not found."
        assert not await service.user_exists("fake-user")
        assert not await service.has_permission("sendToGroup", "fake-connection-id", target_name="group1")
