"""The state that Web PubSub keeps for a connection and sends with each of its events: ``ce-connectionState``.

It is set in the answers to ``connect`` and to user events, so it is storage that costs no request.
"""

import base64
from typing import Annotated

from msgspec import Meta, Struct, json

from shared.wire.json_text import NOT_JSON

HEADER = "ce-connectionState"

Moment = Annotated[int, Meta(ge=0, lt=2**62)]


class ConnectionState(Struct, frozen=True):
    """``connected_at`` is when ``connect`` was called (microseconds), 0 if unknown.

    ``chats`` is one checksum (``tokens.mark``) of the chats in which ``connect`` gave rights and which the user had
    certainly joined before; ``young`` has a checksum for each of the others. ``bucket`` is the connection's token
    bucket (``rate_limit``). ``last`` is when that was last used, since the next event may reach an instance whose clock
    is behind.
    """

    connected_at: Moment = 0
    chats: Moment = 0
    bucket: Moment = 0
    last: Moment = 0
    young: tuple[Moment, ...] = ()


NEW = ConnectionState()


def write(state: ConnectionState) -> str:
    """The header's value: JSON in base64, as in the service's SDKs."""
    return base64.b64encode(json.encode(state)).decode()


def read(header: str) -> ConnectionState:
    """The state in the header; that of a new connection if the header is absent or not in our format."""
    try:
        return json.decode(base64.b64decode(header), type=ConnectionState)
    except NOT_JSON:
        return NEW
