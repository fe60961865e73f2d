"""REST calls with right tokens and anything else: paths, queries, filters, headers and bodies."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.rest.routes import ROUTES
from tests.emulator.clients import PLAIN, rest_token
from tests.emulator.fuzzing.conftest import Target
from tests.emulator.fuzzing.wire import SECONDS, WebSocket

ERRORS = (
    {"code", "message", "target", "details", "inner"},
    {"code", "message", "target", "errors", "type", "title", "status", "detail", "instance", "extensions"},
)
REFUSALS = {400, 401, 404, 405, 408, 409, 415}
# The calls go to a hub of their own, which has one client; the bystander is in another.
HUB = "fuzz"


class Rest:
    """Calls with a token for exactly the URL called."""

    def __init__(self, target: Target) -> None:
        self._target, self._address = target, urlsplit(target.endpoint)

    def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> "Answer":
        """Every refusal must be one that exists, with the service's error body."""
        host = self._address.netloc
        headers = {"Host": host, **headers, **rest_token(f"http://{host}{path}")}
        with closing(http.client.HTTPConnection("127.0.0.1", self._address.port, timeout=SECONDS)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read()
        self._target.unharmed()
        assert response.status in (200, 202, 204) or response.status in REFUSALS, (response.status, text)
        if response.status < 400 or method == "HEAD":
            return Answer(response.status, None)
        value = json.loads(text)
        assert set(value) in ERRORS
        assert value["code"] == response.headers["x-ms-error-code"] and value["message"]
        return Answer(response.status, value)


class Answer:
    def __init__(self, status: int, value: Any) -> None:
        self.status, self.value = status, value


@pytest.fixture(scope="module")
def rest(target: Target) -> Iterator[Rest]:
    # A member of the hub, so that filters have somebody to be true of.
    client = WebSocket(target.endpoint, PLAIN, sub="it's", hub=HUB)
    yield Rest(target)
    client.close()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = TEXT | st.sampled_from(["g", "u", "%2F", "..", ".", ":send", "g" * 1025, "\0", "\ufffe", "sendToGroup"])
PARAMETERS = ["excluded", "filter", "messageTtlSeconds", "reason", "maxpagesize", "top", "continuationToken"]
PARAMETERS += ["targetName", "api-version", "userId", "role", "minutesToExpire", "clientType", "access_token"]
VALUES = TEXT | st.integers().map(str) | st.sampled_from(["2024-12-01", "1", "MC4", "٣", "1e3", "0x1", " 1", "+1"])
QUERIES = st.lists(st.tuples(st.sampled_from(PARAMETERS) | TEXT, VALUES), max_size=4)
CONTENT_TYPES = ["text/plain", "application/json", "application/octet-stream", "text/plain; charset=utf-16"]
CONTENT_TYPES += ["text/plain; charset=idna", "text/plain; charset=rot13", "text/plain; charset=", "application/json;;"]
CONTENT_TYPES += ["application/json; charset=utf-7", "", ";", "text", "text/plain; charset=unicode_escape"]
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(CONTENT_TYPES) | PRINTABLE,
        "X-WebPubSub-Metadata-k": PRINTABLE,
        "X-WebPubSub-Metadata-": PRINTABLE,
        "Accept-Encoding": PRINTABLE,
        "Range": PRINTABLE,
        "If-None-Match": PRINTABLE,
    },
)
GROUPS = st.fixed_dictionaries(
    {}, optional={"groups": st.lists(NAMES, max_size=3) | VALUES, "filter": st.none() | TEXT}
)
BODIES = st.binary(max_size=60) | GROUPS.map(lambda body: json.dumps(body).encode())
BODIES |= st.sampled_from(
    [b"{", b"\xff", b"[" * 50_000, b'{"groups":["\\ud800"]}', b'{"groups":[' + b'"g",' * 999 + b'"g"]}']
)


def url(path: str, names: list[str], query: list[tuple[str, str]]) -> str:
    """A route's path with these names in it."""
    for parameter in ("group", "userId", "connectionId", "permission"):
        path = path.replace("{" + parameter + "}", quote(names.pop(), safe=""))
    return f"/api/hubs/{HUB}/{path}?" + "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query
    )


@settings(max_examples=400)
@given(
    st.sampled_from([(method, path) for method, path, _ in ROUTES]),
    st.lists(NAMES, min_size=4, max_size=4),
    QUERIES,
    HEADERS,
    BODIES,
)
@example(("POST", ":send"), ["g"] * 4, [], {"Content-Type": "text/plain; charset=rot13"}, b"x")
@example(("POST", ":send"), ["g"] * 4, [], {"Content-Type": "text/plain; charset=undefined"}, b"x")
@example(("POST", ":send"), ["g"] * 4, [("messageTtlSeconds", "٣")], {"Content-Type": "text/plain"}, b"x")
@example(("POST", ":addToGroups"), ["g"] * 4, [], {"Content-Type": "application/json"}, b'{"groups":["\\ud800"]}')
@example(("GET", "groups/{group}/connections"), ["g"] * 4, [("continuationToken", "é")], {}, b"")
@example(("DELETE", "connections/{connectionId}"), ["\0"] * 4, [("reason", "\0\n" * 200)], {}, b"")
@example(("POST", ":generateToken"), ["g"] * 4, [("minutesToExpire", "9" * 30)], {}, b"")
def test_any_call_is_carried_out_or_refused_with_a_reason(
    rest: Rest,
    route: tuple[str, str],
    names: list[str],
    query: list[tuple[str, str]],
    headers: dict[str, str],
    body: bytes,
) -> None:
    method, path = route
    rest(method, url(path, list(names), query), headers, None if method == "HEAD" else body)


@settings(max_examples=100)
@given(st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"]), st.lists(NAMES, max_size=6), QUERIES)
@example("POST", [], [])
@example("GET", ["hubs", "", ""], [])
@example("POST", ["hubs", "fuzz", "..", "chat", ":closeConnections"], [])
@example("GET", ["hubs", "x" * 129, "groups", "g", "connections"], [])
def test_any_path_is_an_operation_or_refused_with_a_reason(
    rest: Rest, method: str, segments: list[str], query: list[tuple[str, str]]
) -> None:
    path = "/".join(quote(segment, safe="") for segment in segments)
    rest(method, f"/api/{path}?" + "&".join(f"{quote(name, safe='')}={quote(value)}" for name, value in query), {})


WORDS = ["userId", "connectionId", "groups", "protocol", "'it''s'", "'", "5", "-1", "null", "true", "not", "and", "or"]
WORDS += ["eq", "ne", "gt", "le", "in", "(", ")", ",", "length(", "substring(", "concat(", "indexof(", "\u00a0", "\0"]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join) | TEXT)
@example("(" * 2000)
@example("not " * 2000 + "true")
@example(" or ".join(["userId eq 'a'"] * 300))
@example("length(" * 101 + "userId" + ")" * 101 + " eq 1")
@example("substring('a', -9223372036854775808, 9223372036854775807) eq ''")
@example("9" * 5000 + " eq 1")
@example("userId in (" + "'a'," * 500 + "'a')")
def test_any_filter_chooses_or_is_refused_by_name(rest: Rest, text: str) -> None:
    answer = rest(
        "POST", f"/api/hubs/chat/groups/nobody/:send?filter={quote(text)}", {"Content-Type": "text/plain"}, b""
    )
    assert answer.status == 202 or (answer.status, answer.value["target"]) == (400, "filter")
