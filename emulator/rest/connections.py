"""Who is there, and ending connections: by id, by user, by group, or all."""

import base64
import binascii
import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import quote

from ..connection import Connection
from ..hub import Hub
from ..service import Service
from .errors import ApiError, InvalidParameter, not_found
from .exchange import NO_CONTENT, OK, Call, Reply

# What a continuation token holds: where the page starts.
PAGE_START = re.compile(rb"\d{1,9}")


def connection_exists(service: Service, hub: Hub, call: Call) -> Reply:
    """200, or 404 for an unknown connection."""
    connection_id = call.path["connectionId"]
    if connection_id not in hub.connections:
        raise not_found("Warning.Connection.NotExisted", "Connection", connection_id)
    return OK


def group_exists(service: Service, hub: Hub, call: Call) -> Reply:
    """200 for a group with a member, else 404."""
    if not hub.members(call.group()):
        # Only how long the service's answer is was recorded: so long, and four characters less than the others.
        raise ApiError(404, "Warning.Group.NotExisted", f"Group `{call.group()}` not found", "Group")
    return OK


def user_exists(service: Service, hub: Hub, call: Call) -> Reply:
    """200 for a user with a connection, else 404."""
    user_id = call.path["userId"]
    if not hub.of_user(user_id):
        raise not_found("Warning.User.NotExisted", "User", user_id)
    return OK


def close_connection(service: Service, hub: Hub, call: Call) -> Reply:
    """Ends one connection; an unknown one is no fault."""
    connection = hub.connections.get(call.path["connectionId"])
    return close_each(service, [connection] if connection is not None else [], call)


def close_all(service: Service, hub: Hub, call: Call) -> Reply:
    """Ends every connection of the hub but the excluded."""
    return close_each(service, hub.connections.values(), call)


def close_group(service: Service, hub: Hub, call: Call) -> Reply:
    """Ends a group's connections but the excluded."""
    return close_each(service, hub.members(call.group()), call)


def close_user(service: Service, hub: Hub, call: Call) -> Reply:
    """Ends a user's connections but the excluded."""
    return close_each(service, hub.of_user(call.path["userId"]), call)


def close_each(service: Service, connections: Iterable[Connection], call: Call) -> Reply:
    """Ends connections with the caller's reason."""
    excluded = call.excluded()
    service.close_all([c for c in connections if c.id not in excluded], call.reason())
    return NO_CONTENT


def list_group(service: Service, hub: Hub, call: Call) -> Reply:
    """A page of a group's connections, in the order they joined."""
    group = call.group()
    most = call.limits.page_size
    size = call.integer("maxpagesize", 1, most) or most
    top = call.integer("top", 1)
    offset = position(call.last("continuationToken"))
    members = hub.members(group)
    page = [
        {"connectionId": c.id, "userId": c.user_id}
        for c in islice(members, offset, offset + min(size, size if top is None else top))
    ]
    reached, left = offset + len(page), None if top is None else top - len(page)
    if reached >= len(members) or left == 0:
        return Reply(200, {"value": page})
    path = f"/api/hubs/{quote(call.path['hub'], safe='')}/groups/{quote(group, safe='')}/connections"
    # In the service's order: how many are left in all, then the rest.
    query = f"maxpagesize={size}&continuationToken={continuation(reached)}&api-version={call.last('api-version') or ''}"
    link = f"{call.base}{path}?{'' if left is None else f'top={left}&'}{query}"
    return Reply(200, {"value": page, "nextLink": link})


def continuation(offset: int) -> str:
    """A page's token in URL-safe characters: the Python SDK quotes the link's query again."""
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def position(token: str | None) -> int:
    """Where a page starts; raises ApiError for a token that is not ours."""
    if not token:
        return 0
    try:
        page = PAGE_START.fullmatch(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        page = None
    if page is None:
        raise InvalidParameter("continuationToken is not one of this service.", "continuationToken")
    return int(page[0])
