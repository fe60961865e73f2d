"""A call of Web PubSub's webhook as a value: CloudEvents 1.0 in HTTP binary mode, with Web PubSub's extensions.

https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events. Must not know who may be believed
(``verification``) or what an event leads to.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from shared.errors import BadRequest
from shared.json_text import NOT_JSON
from shared.limits import is_user_id

USER_TYPE = "azure.webpubsub.user."
SYSTEM_TYPE = "azure.webpubsub.sys."


@dataclass(frozen=True)
class CloudEvent:
    """One event of one connection. ``user_id`` is empty for an anonymous connection; ``state`` is as we last set it."""

    kind: Literal["user", "system"]
    name: str
    id: str
    hub: str
    connection_id: str
    user_id: str
    state: str
    content_type: str
    body: bytes


class ConnectRequest(msgspec.Struct, frozen=True):
    """The body of a ``connect`` event, as far as we look at it."""

    claims: dict[str, list[str]] = {}


def read_event(headers: Mapping[str, str], body: bytes) -> CloudEvent:
    """The event in a request with these (lower-case) headers; raises BadRequest naming the header that is wrong."""
    kind, name = _type(_required(headers, "ce-type"), headers.get("ce-eventname", ""))
    user_id = headers.get("ce-userid", "")
    if user_id and not is_user_id(user_id):
        raise BadRequest("ce-userId is not a user id that this backend gives tokens to.")
    return CloudEvent(
        kind=kind,
        name=name,
        id=headers.get("ce-id", ""),
        hub=_required(headers, "ce-hub"),
        connection_id=_required(headers, "ce-connectionid"),
        user_id=user_id,
        state=headers.get("ce-connectionstate", ""),
        content_type=headers.get("content-type", ""),
        body=body,
    )


def _required(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "").strip()
    if not value:
        raise BadRequest(f"The header {name} is missing; only Web PubSub is expected to call this address.")
    return value


def _type(text: str, event_name: str) -> tuple[Literal["user", "system"], str]:
    if text.startswith(USER_TYPE):
        return "user", event_name or text.removeprefix(USER_TYPE)
    if text.startswith(SYSTEM_TYPE):
        return "system", text.removeprefix(SYSTEM_TYPE)
    raise BadRequest("The header ce-type does not name an event of Web PubSub.")


def read_connect(body: bytes) -> ConnectRequest:
    """What a connecting client's token claims; raises BadRequest."""
    try:
        return msgspec.json.decode(body or b"{}", type=ConnectRequest)
    except NOT_JSON as error:
        raise BadRequest("The body of a connect event must be a JSON object with claims.") from error


def write_state(values: Mapping[str, int]) -> str:
    """A value for the ``ce-connectionState`` header."""
    return base64.b64encode(msgspec.json.encode(values)).decode()


def read_state(header: str) -> dict[str, int]:
    """The values in such a header; empty when it is absent or not ours."""
    try:
        return msgspec.json.decode(base64.b64decode(header), type=dict[str, int])
    except NOT_JSON:
        return {}
