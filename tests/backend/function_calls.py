"""Calls the functions of ``function_app.py`` with real requests, like the Functions host but without a server."""

import base64
import functools
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import azure.functions as func
from azure.functions.decorators.http import HttpTrigger

import function_app
from tests.backend.stage import settings

ORIGIN = "http://localhost:7071"


@dataclass(frozen=True)
class Answer:
    """The response of a function; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an error; empty for success."""
        if self.status < 400:
            return ""
        error = self.json()["error"]
        assert error["code"] and error["message"] and set(error) == {"code", "message"}
        return str(error["code"])


@functools.cache
def routes() -> dict[tuple[str, str], Any]:
    """The functions of the app by method and route template."""
    found = {}
    for function in function_app.app.get_functions():
        trigger = function.get_trigger()
        assert isinstance(trigger, HttpTrigger) and trigger.methods and trigger.route
        for method in trigger.methods:
            found[method.value, trigger.route] = function.get_user_function()
    return found


async def call(
    method: str, address: str, headers: Mapping[str, str] | None = None, body: bytes | object = b""
) -> Answer:
    """Calls ``/api/<address>``, which includes the query. A body that is not bytes is sent as JSON."""
    path, query = urlsplit(address).path, urlsplit(address).query
    for (known, template), function in routes().items():
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        if known == method and (match := re.fullmatch(pattern, path)):
            request = func.HttpRequest(
                method,
                f"{ORIGIN}/api/{address}",
                headers=headers,
                params=dict(parse_qsl(query, keep_blank_values=True)),
                route_params=match.groupdict(),
                body=body if isinstance(body, bytes) else json.dumps(body).encode(),
            )
            response = await function(request)
            answered = {name.lower(): value for name, value in response.headers.items()}
            answered.setdefault("content-type", response.mimetype)
            return Answer(response.status_code, answered, response.get_body())
    raise AssertionError(f"there is no {method} {path}")


def principal(user_id: str, name: str = "Pat", provider: str = "github") -> dict[str, str]:
    """The header with which Static Web Apps identifies the caller."""
    content = {
        "userId": user_id,
        "userDetails": name,
        "identityProvider": provider,
        "userRoles": ["anonymous", "authenticated"],
    }
    return {"x-ms-client-principal": base64.b64encode(json.dumps(content).encode()).decode()}


def event_headers(
    name: str,
    user_id: str,
    connection_id: str,
    system: bool = False,
    text: bool = False,
    key: str = "",
    number: str = "",
    state: str = "",
) -> dict[str, str]:
    """The headers of an event from Web PubSub, signed with ``key``, by default that of the tests' settings.

    ``number`` is the event's ``ce-id``, by default a new one.
    """
    key = key or settings().pubsub_access_key
    signature = hmac.new(key.encode(), connection_id.encode(), hashlib.sha256).hexdigest()
    return {
        "Content-Type": "text/plain; charset=utf-8" if text else "application/json; charset=utf-8",
        "WebHook-Request-Origin": "localhost",
        "ce-specversion": "1.0",
        "ce-awpsversion": "1.0",
        "ce-type": f"azure.webpubsub.{'sys' if system else 'user'}.{name}",
        "ce-source": f"/hubs/chat/client/{connection_id}",
        "ce-id": number or uuid.uuid4().hex,
        "ce-time": "2026-01-01T00:00:00Z",
        "ce-signature": f"sha256=0000,sha256={signature}",
        "ce-userId": user_id,
        "ce-connectionId": connection_id,
        "ce-hub": "Chat",
        "ce-eventName": name,
        **({"ce-connectionState": state} if state else {}),
    }


async def send_event(
    name: str,
    data: object,
    user_id: str,
    connection_id: str = "c1",
    system: bool = False,
    number: str = "",
    state: str = "",
) -> Answer:
    """Delivers an event like Web PubSub; a string is sent as text, anything else as JSON."""
    headers = event_headers(name, user_id, connection_id, system, isinstance(data, str), number=number, state=state)
    body = data.encode() if isinstance(data, str) else json.dumps(data).encode()
    return await call("POST", "eventHandler", headers, body)
