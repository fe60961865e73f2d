"""Decodes Web PubSub's webhook calls: CloudEvents 1.0 in HTTP binary mode, with Web PubSub's extensions.

https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events. ``trust/verification`` authenticates them.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from shared.model.clock import SECOND
from shared.model.errors import BadRequest
from shared.model.limits import EVENT_TYPE, OwnUserId, has_control, is_user_id
from shared.wire import connection_state
from shared.wire.connection_state import ConnectionState
from shared.wire.json_text import NOT_JSON

USER_TYPE = "azure.webpubsub.user."
SYSTEM_TYPE = "azure.webpubsub.sys."
EventType = Annotated[str, msgspec.Meta(pattern=EVENT_TYPE)]


def _header(field: str) -> str:
    """The header (in lower case) that a field is read from."""
    return "content-type" if field == "content_type" else f"ce-{field.replace('_', '')}"


@dataclass(frozen=True)
class CloudEvent:
    """One event of one connection. ``user_id`` is empty for an anonymous connection."""

    kind: Literal["user", "system"]
    name: str
    id: str
    hub: str
    connection_id: str
    user_id: str
    state: ConnectionState
    content_type: str
    body: bytes


class EventHeaders(msgspec.Struct, frozen=True, rename=_header):
    """The headers that we read; ``ce-userId`` is absent for an anonymous connection."""

    type: EventType
    hub: Annotated[str, msgspec.Meta(min_length=1)]
    connection_id: Annotated[str, msgspec.Meta(min_length=1)]
    event_name: str = ""
    id: str = ""
    user_id: OwnUserId = ""
    connection_state: str = ""
    content_type: str = ""

    def __post_init__(self) -> None:
        for field in self.__struct_fields__:
            if has_control(getattr(self, field)):
                raise ValueError(f"`{_header(field)}` must be text without control characters")
        if self.user_id and not is_user_id(self.user_id):
            raise ValueError("`ce-userid` must be a user id that this backend issues tokens for")


class ConnectRequest(msgspec.Struct, frozen=True):
    """The part of a ``connect`` event's body that we read."""

    claims: dict[str, list[str]] = {}

    @property
    def issued(self) -> int:
        """When the token was issued (``iat``), in microseconds; 0 if that claim is missing or not a number."""
        text = next(iter(self.claims.get("iat", ())), "")
        return int(text) * SECOND if text.isascii() and text.isdigit() and len(text) < 12 else 0


def read_event(headers: EventHeaders, body: bytes) -> CloudEvent:
    """The event in a request with these headers."""
    user = headers.type.startswith(USER_TYPE)
    named = headers.type.removeprefix(USER_TYPE).removeprefix(SYSTEM_TYPE)
    return CloudEvent(
        kind="user" if user else "system",
        name=(headers.event_name or named) if user else named,
        id=headers.id,
        hub=headers.hub,
        connection_id=headers.connection_id,
        user_id=headers.user_id,
        state=connection_state.read(headers.connection_state),
        content_type=headers.content_type,
        body=body,
    )


def read_connect(body: bytes) -> ConnectRequest:
    """The claims of a connecting client's token; raises BadRequest."""
    try:
        return msgspec.json.decode(body or b"{}", type=ConnectRequest)
    except NOT_JSON as error:
        raise BadRequest("The body of a connect event must be a JSON object with `claims`.") from error
