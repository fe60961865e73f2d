"""Operations that look for connections and that close them: by id, by user, by group, or all."""

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

# The content of a continuation token: where the page starts.
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
        # Of the service's answer only the length was recorded. This text has it; it is not that of ``not_found``.
        raise ApiError(404, "Warning.Group.NotExisted", f"Group `{call.group()}` not found", "Group")
    return OK


def user_exists(service: Service, hub: Hub, call: Call) -> Reply:
    """200 for a user with a connection, else 404."""
    user_id = call.path["userId"]
    if not hub.of_user(user_id):
        raise not_found("Warning.User.NotExisted", "User", user_id)
    return OK


def close_connection(service: Service, hub: Hub, call: Call) -> Reply:
    """Closes one connection; idempotent."""
    connection = hub.connections.get(call.path["connectionId"])
    return close_each(service, [connection] if connection is not None else [], call)


def close_all(service: Service, hub: Hub, call: Call) -> Reply:
    """Closes the hub's connections except the excluded ones."""
    return close_each(service, hub.connections.values(), call)


def close_group(service: Service, hub: Hub, call: Call) -> Reply:
    """Closes a group's connections except the excluded ones."""
    return close_each(service, hub.members(call.group()), call)


def close_user(service: Service, hub: Hub, call: Call) -> Reply:
    """Closes a user's connections except the excluded ones."""
    return close_each(service, hub.of_user(call.path["userId"]), call)


def close_each(service: Service, connections: Iterable[Connection], call: Call) -> Reply:
    """Closes connections with the caller's reason, except the excluded ones."""
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
    # The parameters in the service's order. ``top`` is how many are still wanted.
    query = f"maxpagesize={size}&continuationToken={continuation(reached)}&api-version={call.last('api-version') or ''}"
    link = f"{call.base}{path}?{'' if left is None else f'top={left}&'}{query}"
    return Reply(200, {"value": page, "nextLink": link})


def continuation(offset: int) -> str:
    """A continuation token. It is URL-safe, because the Python SDK escapes the link's query again."""
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def position(token: str | None) -> int:
    """Where a page starts; raises ApiError for an invalid continuation token."""
    if not token:
        return 0
    try:
        page = PAGE_START.fullmatch(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        page = None
    if page is None:
        raise InvalidParameter("continuationToken is not valid.", "continuationToken")
    return int(page[0])
