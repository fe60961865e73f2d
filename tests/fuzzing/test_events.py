"""Events of all kinds, generated from their description, through the webhook of a running backend: none causes a fault.

An event that matches the description is never a BadRequest. One that does not gets an ``error`` event naming the field.
"""

import hashlib
import hmac
import http.client
import itertools
import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.descriptions import asyncapi
from shared.http.webhook import MESSAGE_BYTES
from shared.model.errors import catalogue
from shared.wire.events import FROM_BROWSER, FromBrowser
from tests.backend.function_calls import event_headers
from tests.backend.schema_values import ANY_JSON, allowed, nearly
from tests.fuzzing.conftest import Server
from tests.running import PATIENCE

# Longer than any call may take, so a time-out means a hang.
SECONDS = 30 * PATIENCE
DOCUMENT = json.loads(json.dumps(asyncapi.document()))
ERROR = DOCUMENT["components"]["messages"]["error"]["payload"]["properties"]["data"]
# Rules on texts that a schema cannot express.
UNSAID = re.compile("a visible character|must be a single emoji|must not contain invisible|must not have many")
CONTENT_TYPES = st.sampled_from(
    ["application/json", "application/json; charset=utf-8", "text/plain", "application/octet-stream", "x/y", "json", ""]
)
# Each event has its own user, because all together exceed a user's rate limit.
NUMBERS = itertools.count()
HEADER_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)


@dataclass(frozen=True)
class Answer:
    """The webhook's response."""

    status: int
    body: bytes

    def error(self) -> dict[str, str] | None:
        """The data of the ``error`` event for the sender, if it is one."""
        heard = json.loads(self.body) if self.status == 200 else {}
        if heard.get("chatEvent") != "error":
            return None
        Draft202012Validator({**ERROR, "components": DOCUMENT["components"]}).validate(heard)
        data = json.loads(heard["data"])
        assert data["code"] in catalogue() and data["message"].strip()
        return dict(data)


@dataclass(frozen=True)
class Hook:
    """The webhook, over a keep-alive connection."""

    connection: http.client.HTTPConnection
    access_key: str

    def post(self, headers: dict[str, str], body: bytes) -> Answer:
        """Posts an event with a valid signature; fails on a fault of the backend."""
        signed = hmac.new(self.access_key.encode(), headers["ce-connectionId"].encode("latin-1"), hashlib.sha256)
        self.connection.request(
            "POST", "/api/eventHandler", body, {**headers, "ce-signature": f"sha256={signed.hexdigest()}"}
        )
        response = self.connection.getresponse()
        answer = Answer(response.status, response.read())
        assert answer.status in (200, 204, 400, 401), (headers, body, answer)
        return answer


@pytest.fixture(scope="module")
def hook(server: Server) -> Iterator[Hook]:
    address = urlsplit(server.url)
    with closing(http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=SECONDS)) as connection:
        yield Hook(connection, server.access_key)


def within(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def data_schema(event: type[FromBrowser]) -> dict[str, Any]:
    return dict(DOCUMENT["components"]["messages"][event.name]["payload"]["properties"]["data"])


def sent(event: type[FromBrowser], data: object) -> tuple[dict[str, str], bytes]:
    """Headers and body as Web PubSub sends them for a frame with this data."""
    text = data if isinstance(data, str) and event.text_field else None
    body = (json.dumps(data) if text is None else text).encode()
    # The service's limit for a client's message.
    assume(len(body) <= MESSAGE_BYTES)
    return event_headers(event.name, f"ann{next(NUMBERS)}", "c1", text=text is not None), body


@pytest.mark.parametrize("event", FROM_BROWSER, ids=lambda event: event.name)
@within(10)
@given(st.data())
def test_what_fits_the_description_is_understood(hook: Hook, event: type[FromBrowser], data: st.DataObject) -> None:
    answer = hook.post(*sent(event, data.draw(allowed(data_schema(event), DOCUMENT))))
    error = answer.error()
    assert answer.status in (200, 204)
    assert error is None or error["code"] != "BadRequest" or UNSAID.search(error["message"])


@pytest.mark.parametrize("event", FROM_BROWSER, ids=lambda event: event.name)
@within(25)
@given(st.data())
def test_what_nearly_fits_is_refused_by_the_name_of_the_field(
    hook: Hook, event: type[FromBrowser], data: st.DataObject
) -> None:
    content = data.draw(nearly(data_schema(event), DOCUMENT))
    valid = Draft202012Validator({**data_schema(event), "components": DOCUMENT["components"]}).is_valid(content)
    error = hook.post(*sent(event, content)).error()
    if valid:
        return
    assert error is not None and error["event"] == event.name and error["code"] == "BadRequest", (content, error)
    assert re.search(r"`\w+(\[\.\.\.\])?`|the data must be|expected `object`", error["message"]), error


@within(100)
@given(st.sampled_from([event.name for event in FROM_BROWSER]), CONTENT_TYPES | HEADER_TEXT, st.binary(max_size=300))
def test_any_bytes_of_any_type_are_answered(hook: Hook, name: str, content_type: str, body: bytes) -> None:
    hook.post({**event_headers(name, "ann", "c1"), "Content-Type": content_type}, body)


@within(50)
@given(st.text(max_size=40) | HEADER_TEXT, ANY_JSON)
def test_an_event_of_any_name_is_answered(hook: Hook, name: str, data: object) -> None:
    quiet = {"ce-type": "azure.webpubsub.user.x", "ce-eventName": name.encode("latin-1", "replace").decode("latin-1")}
    hook.post({**event_headers("x", f"ann{next(NUMBERS)}", "c1"), **one_line(quiet)}, json.dumps(data).encode())


@within(150)
@given(
    st.sampled_from(["connect", "connected", "disconnected", "saveMessage", "joinChat"]),
    st.booleans(),
    st.dictionaries(st.sampled_from(sorted(event_headers("x", "u", "c"))), HEADER_TEXT, max_size=4),
    ANY_JSON,
)
def test_any_headers_are_answered(hook: Hook, name: str, system: bool, headers: dict[str, str], data: object) -> None:
    hook.post(
        {**event_headers(name, f"ann{next(NUMBERS)}", "c1", system=system), **one_line(headers)},
        json.dumps(data).encode(),
    )


def one_line(headers: dict[str, str]) -> dict[str, str]:
    """Without line breaks, which no header can contain."""
    return {name: re.sub(r"[\r\n]", " ", value) for name, value in headers.items()}
