"""Operations that add connections and users to groups and remove them. Clients need no role for that."""

from collections.abc import Sequence

import msgspec

from ..connection import Connection
from ..hub import Condition, Hub
from ..service import Service
from .errors import ApiError, bad_request, not_found, unsupported_media_type
from .exchange import NO_CONTENT, OK, Call, GroupsBody, Reply, condition, meets


def add_connection(service: Service, hub: Hub, call: Call) -> Reply:
    """Adds a connection to a group; 404 if it does not exist."""
    group, connection_id = call.group(), call.path["connectionId"]
    connection = hub.connections.get(connection_id)
    if connection is None:
        raise not_found("Error.Connection.NotExisted", "Connection", connection_id)
    return joined(hub, [connection], [group], call)


def remove_connection(service: Service, hub: Hub, call: Call) -> Reply:
    """Removes a connection from a group."""
    group = call.group()
    if connection := hub.connections.get(call.path["connectionId"]):
        hub.leave(connection, group)
    return NO_CONTENT


def remove_connection_from_all(service: Service, hub: Hub, call: Call) -> Reply:
    """Removes a connection from every group."""
    if connection := hub.connections.get(call.path["connectionId"]):
        hub.leave_all(connection)
    return NO_CONTENT


def add_user(service: Service, hub: Hub, call: Call) -> Reply:
    """Adds a user's current connections to a group; 404 if there are none."""
    group, user_id = call.group(), call.path["userId"]
    connections = list(hub.of_user(user_id))
    if not connections:
        raise not_found("Warning.User.NotExisted", "User", user_id)
    return joined(hub, connections, [group], call)


def remove_user(service: Service, hub: Hub, call: Call) -> Reply:
    """Removes a user's connections from a group."""
    group = call.group()
    for connection in list(hub.of_user(call.path["userId"])):
        hub.leave(connection, group)
    return NO_CONTENT


def remove_user_from_all(service: Service, hub: Hub, call: Call) -> Reply:
    """Removes a user's connections from every group."""
    for connection in list(hub.of_user(call.path["userId"])):
        hub.leave_all(connection)
    return NO_CONTENT


def add_to_groups(service: Service, hub: Hub, call: Call) -> Reply:
    """Adds every connection that meets the filter to all the groups."""
    groups, wanted = groups_body(call)
    return joined(hub, [c for c in hub.connections.values() if meets(c, wanted)], groups, call)


def remove_from_groups(service: Service, hub: Hub, call: Call) -> Reply:
    """Removes every connection that meets the filter from all the groups."""
    groups, wanted = groups_body(call)
    for connection in [c for c in hub.connections.values() if meets(c, wanted)]:
        for group in groups:
            hub.leave(connection, group)
    return OK


def joined(hub: Hub, connections: Sequence[Connection], groups: Sequence[str], call: Call) -> Reply:
    """Adds all of the connections or none: raises ApiError if one would be in too many groups."""
    most = call.limits.groups_per_connection
    if most and any(len(connection.groups.union(groups)) > most for connection in connections):
        raise ApiError(409, "Error.Conflict", f"A connection may be in at most {most} groups.", "group")
    for connection in connections:
        for group in groups:
            hub.join(connection, group)
    return OK


def groups_body(call: Call) -> tuple[list[str], Condition | None]:
    """The groups and the filter of a bulk operation; raises ApiError naming the field."""
    if call.media_type() != "application/json":
        raise unsupported_media_type("application/json")
    try:
        body = msgspec.json.decode(call.body, type=GroupsBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_request(f"The body is not valid: {error}", "body") from None
    # The service names the fields of the body as its own code does.
    groups = [call.checked_group(group, "Groups") for group in body.groups or [""]]
    return groups, condition(body.filter, "Filter")
