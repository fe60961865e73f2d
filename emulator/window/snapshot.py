"""Snapshots of hubs, connections and groups for the window, and the changes between two of them.

They are limited: of many items they have the newest, and the total.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec

from ..configuration import EventHandler
from ..connection import Connection
from ..hub import Hub
from ..redaction import redacted

CONNECTIONS_SHOWN = 500
GROUPS_SHOWN = 300
MEMBERS_SHOWN = 20
GROUPS_OF_A_CONNECTION_SHOWN = 20
NAME_MAX_CHARACTERS = 200

Row = TypeVar("Row")


class HandlerRow(msgspec.Struct, frozen=True):
    """An event handler of a hub; the URL without its query, which may be a secret."""

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
    """A connection. ``since``: seconds since 1970; ``here``: false if it lost its socket and may recover."""

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


class Snapshot(msgspec.Struct):
    """What was asked for; the totals also count what is not shown."""

    hubs: list[HubRow] = []
    connections: dict[str, ConnectionRow] = {}
    groups: dict[tuple[str, str], GroupRow] = {}
    connections_in_all: int = 0
    groups_in_all: int = 0


def take_snapshot(hubs: Sequence[Hub], handlers: Mapping[str, Sequence[EventHandler]], hub: str, find: str) -> Snapshot:
    """A snapshot of one hub, or of all for an empty name, with what has ``find`` in a name or an id.

    A connection that is found brings its groups along, and a group its members.
    """
    find = find.lower()
    looked_at = [one for one in hubs if not hub or one.name == hub.lower()]
    connections = [c for one in looked_at for c in reversed(one.connections.values()) if matches(c, find)]
    theirs = {(c.hub, name) for c in connections if is_named(c, find) for name in c.groups} if find else set()
    groups = [
        (one.name, name, members)
        for one in looked_at
        for name, members in reversed(list(one.groups.items()))
        if find in name.lower() or (one.name, name) in theirs
    ]
    return Snapshot(
        hub_rows(hubs, handlers),
        {c.id: connection_row(c, find) for c in connections[:CONNECTIONS_SHOWN]},
        {(of, name): group_row(of, name, members, find) for of, name, members in groups[:GROUPS_SHOWN]},
        len(connections),
        len(groups),
    )


def changes(before: Snapshot, after: Snapshot) -> dict[str, Any]:
    """The changes from ``before`` to ``after``; empty if there are none."""
    told: dict[str, Any] = {}
    if before.hubs != after.hubs:
        told["hubs"] = after.hubs
    if before.connections != after.connections or before.connections_in_all != after.connections_in_all:
        told["connections"] = {
            "set": changed_rows(before.connections, after.connections),
            "gone": list(before.connections.keys() - after.connections.keys()),
            "total": after.connections_in_all,
        }
    if before.groups != after.groups or before.groups_in_all != after.groups_in_all:
        told["groups"] = {
            "set": changed_rows(before.groups, after.groups),
            "gone": list(before.groups.keys() - after.groups.keys()),
            "total": after.groups_in_all,
        }
    return told


def changed_rows(before: Mapping[Any, Row], after: Mapping[Any, Row]) -> list[Row]:
    """The rows that are new or changed."""
    return [row for key, row in after.items() if before.get(key) != row]


def matches(connection: Connection, find: str) -> bool:
    """Whether a connection has ``find`` (in lower case) in its user, its id or one of its groups."""
    return is_named(connection, find) or any(find in group.lower() for group in connection.groups)


def is_named(connection: Connection, find: str) -> bool:
    """Whether a connection has ``find`` (in lower case) in its user or its id."""
    return find in connection.id.lower() or find in (connection.user_id or "").lower()


def found_first(items: Collection[Row], most: int, is_found: Callable[[Row], bool]) -> tuple[list[Row], list[Row]]:
    """At most ``most`` items: those that were found, and others."""
    found = list(islice(filter(is_found, items), most))
    return found, list(islice((item for item in items if not is_found(item)), most - len(found)))


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
    return HandlerRow(redacted(handler.url_template), sorted(handler.system_events), list(handler.events))


def connection_row(connection: Connection, find: str = "") -> ConnectionRow:
    """A connection as it is now; groups that have ``find`` in their names come first."""
    shown = found_first(connection.groups, GROUPS_OF_A_CONNECTION_SHOWN, lambda name: find in name.lower())
    groups = [shortened(name) for names in shown for name in sorted(names)]
    return ConnectionRow(
        connection.id,
        connection.hub,
        None if connection.user_id is None else shortened(connection.user_id),
        connection.session.subprotocol,
        groups,
        len(connection.groups) - len(groups),
        connection.opened_at,
        connection.session.reliable,
        connection.outlet is not None,
    )


def group_row(hub: str, name: str, members: Mapping[str, Connection], find: str = "") -> GroupRow:
    """A group as it is now; members that are named ``find`` come first."""
    found, others = found_first(members.values(), MEMBERS_SHOWN, lambda member: is_named(member, find))
    rows = [Member(one.id, None if one.user_id is None else shortened(one.user_id)) for one in (*found, *others)]
    return GroupRow(hub, name, len(members), rows)


def shortened(name: str) -> str:
    """A name cut to the length that the page shows."""
    return name if len(name) <= NAME_MAX_CHARACTERS else f"{name[:NAME_MAX_CHARACTERS]}…"
