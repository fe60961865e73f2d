"""The webhook's requests and answers as values: CloudEvents 1.0 in HTTP binary mode, with the service's own headers."""

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from .. import auth
from ..connection import Connection
from ..names import Metadata
from ..protocol.fields import json_data
from ..protocol.messages import Content, DataType, Malformed

CONTENT_TYPES: dict[DataType, str] = {
    "text": "text/plain",
    "json": "application/json",
    "binary": "application/octet-stream",
    "protobuf": "application/x-protobuf",
}
STATE_HEADER = "ce-connectionState"


class BadAnswer(Exception):
    """The handler's answer is invalid; the text says why, without quoting it."""


class WebhookRequest(msgspec.Struct, frozen=True):
    """One POST to an event handler."""

    url: str
    headers: dict[str, str]
    body: bytes


class Answer(msgspec.Struct, frozen=True):
    """A handler's response; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Mapping[str, str] = {}

    @property
    def accepted(self) -> bool:
        """Whether the handler accepted the event."""
        return 200 <= self.status < 300


class Event(msgspec.Struct, frozen=True):
    """An event of a connection: a system event (``sys``) or one that its client sent (``user``)."""

    kind: Literal["sys", "user"]
    name: str
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    metadata: Metadata = {}


class ConnectRequest(msgspec.Struct, frozen=True):
    """What the ``connect`` handler is told: the token's claims and the client's request."""

    claims: Mapping[str, Any]
    query: Mapping[str, list[str]]
    headers: Mapping[str, list[str]]
    subprotocols: Sequence[str]


class ConnectAnswer(msgspec.Struct):
    """What a ``connect`` handler may override; None keeps what the token says."""

    userId: str | None = None
    groups: list[str] | None = None
    roles: list[str] | None = None
    subprotocol: str | None = None


def handler_url(template: str, hub: str, event: str) -> str:
    """The template's URL for an event; names are percent-escaped."""
    return template.replace("{hub}", quote(hub, safe="")).replace("{event}", quote(event, safe=""))


def connect_body(asked: ConnectRequest) -> bytes:
    """The body of a ``connect`` event. The token itself is left out, as Microsoft's emulator does."""
    return msgspec.json.encode(
        {
            "claims": utf8_safe({name: claim_texts(value) for name, value in asked.claims.items()}),
            "query": utf8_safe({name: values for name, values in asked.query.items() if name != "access_token"}),
            "headers": utf8_safe({name: v for name, v in asked.headers.items() if name.lower() != "authorization"}),
            "subprotocols": list(asked.subprotocols),
            "clientCertificates": [],
        }
    )


def utf8_safe(values: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The same with ``?`` in place of what UTF-8 cannot encode, such as raw bytes in a header."""

    def clean(text: str) -> str:
        return text.encode(errors="replace").decode()

    return {clean(name): [clean(text) for text in texts] for name, texts in values.items()}


def claim_texts(value: object) -> list[str]:
    """A claim as the array of strings that handlers get."""
    values = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else json.dumps(item) for item in values]


def webhook_request(
    connection: Connection, event: Event, template: str, keys: Iterable[str], now: float
) -> WebhookRequest:
    """The request with an event for the handler at a URL template; ``now``: seconds since 1970.

    Counts the connection's events: together with the connection id, ``ce-id`` is unique; 0 is the ``connect`` event.
    """
    headers = {
        "Content-Type": event.content_type,
        "ce-specversion": "1.0",
        "ce-awpsversion": "1.0",
        "ce-type": f"azure.webpubsub.{event.kind}.{event.name}",
        "ce-source": f"/hubs/{connection.hub}/client/{connection.id}",
        "ce-id": str(connection.events_sent),
        "ce-time": datetime.datetime.fromtimestamp(now, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ce-signature": auth.signature(connection.id, keys),
        "ce-connectionId": connection.id,
        "ce-hub": connection.hub,
        "ce-eventName": event.name,
    }
    connection.events_sent += 1
    subprotocol = connection.session.subprotocol
    if subprotocol is not None and (event.name != "connect" or event.kind == "user"):
        headers["ce-subprotocol"] = subprotocol
    headers |= stored_headers(connection)
    headers |= {f"x-webpubsub-metadata-{key}": value for key, value in event.metadata.items()}
    return WebhookRequest(handler_url(template, connection.hub, event.name), headers, event.body)


def stored_headers(connection: Connection) -> dict[str, str]:
    """The headers that not every connection has: its user, and the state and cookies from earlier answers."""
    headers: dict[str, str] = {}
    if connection.user_id:
        headers["ce-userId"] = connection.user_id
    if connection.state:
        headers[STATE_HEADER] = connection.state
    if connection.cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in connection.cookies.items())
    return headers


def connect_answer(answer: Answer) -> ConnectAnswer:
    """What an accepted ``connect`` overrides; raises BadAnswer naming the field."""
    if not answer.body.strip():
        return ConnectAnswer()
    try:
        return msgspec.json.decode(answer.body, type=ConnectAnswer | None) or ConnectAnswer()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer(f"the answer to connect is not valid: {error}") from None


def reply_content(answer: Answer) -> Content | None:
    """The reply to the sender in the answer to a user event, if any; raises BadAnswer."""
    if not answer.body:
        return None
    media_type = answer.headers.get("content-type", "application/octet-stream").split(";")[0].strip().lower()
    match media_type:
        case "text/plain":
            return Content("text", _utf8(answer.body))
        case "application/json":
            return Content("json", _json(answer.body))
        case "application/octet-stream":
            return Content("binary", answer.body)
    raise BadAnswer(f"the answer's content type {media_type!r} is not text/plain, application/json or octet-stream")


def _utf8(body: bytes) -> bytes:
    try:
        body.decode()
    except UnicodeDecodeError:
        raise BadAnswer("the answer is not UTF-8") from None
    return body


def _json(body: bytes) -> bytes:
    try:
        return json_data(body).strip()
    except Malformed:
        raise BadAnswer("the answer is not valid JSON") from None
