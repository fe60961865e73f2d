"""What the window shows of hubs, connections and groups at one moment, and what changed between two moments.

Values only: reads the hubs, touches nothing. Bounded: of many it takes the newest, and says how many there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec

from emulator.configuration import EventHandler
from emulator.connection import Connection
from emulator.hub import Hub
from emulator.upstream.delivery import display

CONNECTIONS_SHOWN = 500
GROUPS_SHOWN = 300
MEMBERS_SHOWN = 20
GROUPS_OF_A_CONNECTION_SHOWN = 20
NAME_MAX_CHARACTERS = 200

Row = TypeVar("Row")


class HandlerRow(msgspec.Struct, frozen=True):
    """An event handler of a hub; the URL without its query, which may hold a secret."""

    url: str
    system_events: list[str]
    events: list[str]


class HubRow(msgspec.Struct, frozen=True):
    """A hub that has connections or handlers."""

    name: str
    connections: int
    groups: int
    handlers: list[HandlerRow]


class ConnectionRow(msgspec.Struct, frozen=True):
    """A connection. ``since`` is seconds since 1970; ``here`` is false for one that lost its socket and may recover."""

    id: str
    hub: str
    user: str | None
    protocol: str | None
    groups: list[str]
    more_groups: int
    since: float
    recoverable: bool
    here: bool


class Member(msgspec.Struct, frozen=True):
    """A connection in a group."""

    id: str
    user: str | None


class GroupRow(msgspec.Struct, frozen=True):
    """A group and the first of its members."""

    hub: str
    name: str
    count: int
    members: list[Member]


class Picture(msgspec.Struct):
    """Everything that is there now and was asked for; the totals count what is not shown, too."""

    hubs: list[HubRow] = []
    connections: dict[str, ConnectionRow] = {}
    groups: dict[tuple[str, str], GroupRow] = {}
    connections_in_all: int = 0
    groups_in_all: int = 0


def taken(hubs: Sequence[Hub], handlers: Mapping[str, Sequence[EventHandler]], hub: str, find: str) -> Picture:
    """The picture of one hub, or of all for an empty name, with what has ``find`` in a name, an id or a group."""
    find = find.lower()
    looked_at = [one for one in hubs if not hub or one.name == hub.lower()]
    connections = [c for one in looked_at for c in reversed(one.connections.values()) if matches(c, find)]
    groups = [
        (one.name, name, members)
        for one in looked_at
        for name, members in reversed(list(one.groups.items()))
        if find in name.lower()
    ]
    return Picture(
        hub_rows(hubs, handlers),
        {c.id: connection_row(c) for c in connections[:CONNECTIONS_SHOWN]},
        {(of, name): group_row(of, name, members) for of, name, members in groups[:GROUPS_SHOWN]},
        len(connections),
        len(groups),
    )


def changes(before: Picture, after: Picture) -> dict[str, Any]:
    """What somebody who saw ``before`` must be told to see ``after``; empty where nothing changed."""
    told: dict[str, Any] = {}
    if before.hubs != after.hubs:
        told["hubs"] = after.hubs
    if before.connections != after.connections or before.connections_in_all != after.connections_in_all:
        told["connections"] = {
            "set": different(before.connections, after.connections),
            "gone": list(before.connections.keys() - after.connections.keys()),
            "total": after.connections_in_all,
        }
    if before.groups != after.groups or before.groups_in_all != after.groups_in_all:
        told["groups"] = {
            "set": different(before.groups, after.groups),
            "gone": list(before.groups.keys() - after.groups.keys()),
            "total": after.groups_in_all,
        }
    return told


def different(before: Mapping[Any, Row], after: Mapping[Any, Row]) -> list[Row]:
    """The rows that are new or not what they were."""
    return [row for key, row in after.items() if before.get(key) != row]


def matches(connection: Connection, find: str) -> bool:
    """Whether a connection has ``find``, in lower case, in its user, its id or one of its groups."""
    if not find or find in connection.id.lower() or find in (connection.user_id or "").lower():
        return True
    return any(find in group.lower() for group in connection.groups)


def hub_rows(hubs: Iterable[Hub], handlers: Mapping[str, Sequence[EventHandler]]) -> list[HubRow]:
    """Hubs by name."""
    there = {hub.name: hub for hub in hubs}
    rows = []
    for name in sorted(there.keys() | handlers.keys()):
        hub = there.get(name)
        of_hub = [handler_row(handler) for handler in handlers.get(name, ())]
        rows.append(HubRow(name, len(hub.connections) if hub else 0, len(hub.groups) if hub else 0, of_hub))
    return rows


def handler_row(handler: EventHandler) -> HandlerRow:
    """An event handler."""
    return HandlerRow(display(handler.url_template), sorted(handler.system_events), list(handler.events))


def connection_row(connection: Connection) -> ConnectionRow:
    """A connection as it is now."""
    groups = sorted(map(cut, islice(connection.groups, GROUPS_OF_A_CONNECTION_SHOWN)))
    return ConnectionRow(
        connection.id,
        connection.hub,
        None if connection.user_id is None else cut(connection.user_id),
        connection.session.subprotocol,
        groups,
        len(connection.groups) - len(groups),
        connection.opened_at,
        connection.session.reliable,
        connection.outlet is not None,
    )


def group_row(hub: str, name: str, members: Mapping[str, Connection]) -> GroupRow:
    """A group as it is now."""
    first = islice(members.values(), MEMBERS_SHOWN)
    rows = [Member(member.id, None if member.user_id is None else cut(member.user_id)) for member in first]
    return GroupRow(hub, name, len(members), rows)


def cut(name: str) -> str:
    """A name that is not longer than a page wants to show."""
    return name if len(name) <= NAME_MAX_CHARACTERS else f"{name[:NAME_MAX_CHARACTERS]}…"
