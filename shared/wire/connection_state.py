"""What Web PubSub keeps for a connection and brings back with its events: the header ``ce-connectionState``.

Set in the answers to ``connect`` and to every user event, hence storage that costs no request. Must not know what the
values are for.
"""

import base64
from typing import Annotated

from msgspec import Meta, Struct, json

from shared.wire.json_text import NOT_JSON

HEADER = "ce-connectionState"

Moment = Annotated[int, Meta(ge=0, lt=2**62)]


class ConnectionState(Struct, frozen=True):
    """``connected_at`` is when ``connect`` was asked (microseconds), 0 if that is not known.

    ``chats`` stands for those in which it then gave rights and which the user had joined before (``tokens.mark``),
    ``young`` for each of the others. ``bucket`` is the connection's in ``rate_limit``, ``last`` when it was last used:
    the next event may come to an instance whose clock is behind.
    """

    connected_at: Moment = 0
    chats: Moment = 0
    bucket: Moment = 0
    last: Moment = 0
    young: tuple[Moment, ...] = ()


NEW = ConnectionState()


def write(state: ConnectionState) -> str:
    """A value for the header: base64 of JSON, as the service's SDKs have it."""
    return base64.b64encode(json.encode(state)).decode()


def read(header: str) -> ConnectionState:
    """The state in such a header; that of a new connection when it is absent or not ours."""
    try:
        return json.decode(base64.b64decode(header), type=ConnectionState)
    except NOT_JSON:
        return NEW
