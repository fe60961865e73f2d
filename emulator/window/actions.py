"""The window's actions: send a message, close a connection, make a client URL.

Each takes a request's JSON and returns the answer's. The first two call operations of the REST data plane. They raise
``ApiError`` naming the field.
"""

import time
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar
from urllib.parse import quote

import msgspec

from .. import auth
from ..admission import Admission, BadAdmission, checked_admission
from ..hub import Target, TargetKind
from ..names import is_hub
from ..rest import connections, sending
from ..rest.errors import bad_request
from ..rest.exchange import Call
from ..rest.routes import Operation
from ..service import Service
from ..upstream.cloudevents import CONTENT_TYPES

LIFETIME_MAX_MINUTES = 7 * 24 * 60
# The operation, and its path parameter for the name.
SENDS: dict[TargetKind, tuple[Operation, str]] = {
    "all": (sending.to_all, ""),
    "group": (sending.to_group, "group"),
    "user": (sending.to_user, "userId"),
    "connection": (sending.to_connection, "connectionId"),
}

Body = TypeVar("Body")


class SendRequest(msgspec.Struct):
    """A message; ``name``: the group, user or connection."""

    hub: str
    to: TargetKind
    type: Literal["text", "json"]
    content: str
    name: str = ""


class EndRequest(msgspec.Struct):
    """The connection to close."""

    hub: str
    connection: str


class ClientUrlRequest(msgspec.Struct):
    """What the client URL grants."""

    hub: str
    minutes: int
    user: str = ""
    roles: list[str] = []
    groups: list[str] = []


def send_message(service: Service, body: bytes, base: str) -> dict[str, Any]:
    """Sends a message; returns how many clients it reached."""
    wanted = read(body, SendRequest)
    operation, parameter = SENDS[wanted.to]
    if parameter and not wanted.name:
        raise bad_request(f"Say which {wanted.to} it is for.", "name")
    hub = service.hub(hub_name(wanted.hub))
    call = Call({parameter: wanted.name}, {}, {"content-type": CONTENT_TYPES[wanted.type]}, wanted.content.encode())
    target: Target = (wanted.to, wanted.name)
    reached = len(hub.addressed(target))
    operation(service, hub, call)
    text = f"window: {len(call.body)} bytes sent to {wanted.to} {wanted.name} of hub {hub.name}"
    service.log.write("window", text, hub=hub.name)
    return {"reached": reached}


def end_connection(service: Service, body: bytes, base: str) -> dict[str, Any]:
    """Closes a connection; idempotent."""
    wanted = read(body, EndRequest)
    hub = service.hub(hub_name(wanted.hub))
    connections.close_connection(service, hub, Call({"connectionId": wanted.connection}, {}))
    return {}


def client_url(service: Service, body: bytes, base: str) -> dict[str, Any]:
    """A URL to connect with; ``base``: the stand-in's base URL for clients."""
    wanted = read(body, ClientUrlRequest)
    hub = hub_name(wanted.hub)
    if not 1 <= wanted.minutes <= LIFETIME_MAX_MINUTES:
        raise bad_request(f"A token lives for 1 to {LIFETIME_MAX_MINUTES} minutes.", "minutes")
    try:
        checked_admission(
            Admission(wanted.user or None, tuple(wanted.groups), tuple(wanted.roles), None), service.settings.limits
        )
    except BadAdmission as error:
        raise bad_request(f"A client cannot connect like that: {error}.") from None
    path = f"/client/hubs/{quote(hub)}"
    now = time.time()
    token = auth.client_token(
        f"{base}{path}",
        service.settings.access_keys[0],
        now,
        wanted.minutes * 60,
        user_id=wanted.user,
        roles=wanted.roles,
        groups=wanted.groups,
    )
    return {"url": f"ws{base.removeprefix('http')}{path}?access_token={token}", "expires": now + wanted.minutes * 60}


def read(body: bytes, kind: type[Body]) -> Body:
    """The page's request; raises ApiError."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_request(f"The body is not valid: {error}") from None


def hub_name(name: str) -> str:
    """A hub's name; raises ApiError."""
    if not is_hub(name):
        raise bad_request("A hub's name is a letter, then up to 127 letters, digits or _`,.[].", "hub")
    return name


Action: TypeAlias = Callable[[Service, bytes, str], dict[str, Any]]
ACTIONS: dict[str, Action] = {"send": send_message, "close": end_connection, "client-url": client_url}
