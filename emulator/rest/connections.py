"""Who is there, and ending connections: by id, by user, by group, or all."""

import base64
import binascii
import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import quote

from emulator.connection import Connection
from emulator.hub import Hub
from emulator.rest.exchange import Call, Reply, bad_request
from emulator.service import Service

# What a continuation token holds: where the page starts, and how many are left in all.
PAGE = re.compile(rb"(\d{1,9})\.(\d{0,9})")
NO_CONTENT = Reply(204)


def connection_exists(service: Service, hub: Hub, call: Call) -> Reply:
    """200, or 404 for an unknown connection."""
    found = call.path["connectionId"] in hub.connections
    return Reply(200) if found else Reply(404, error_code="Warning.Connection.NotExisted")


def group_exists(service: Service, hub: Hub, call: Call) -> Reply:
    """200 for a group with a member, else 404."""
    return Reply(200) if hub.members(call.group()) else Reply(404, error_code="Warning.Group.NotExisted")


def user_exists(service: Service, hub: Hub, call: Call) -> Reply:
    """200 for a user with a connection, else 404."""
    found = hub.of_user(call.path["userId"])
    return Reply(200) if found else Reply(404, error_code="Warning.User.NotExisted")


def close_connection(service: Service, hub: Hub, call: Call) -> Reply:
    """Ends one connection; an unknown one is no fault."""
    connection = hub.connections.get(call.path["connectionId"])
    return close(service, [connection] if connection is not None else [], call)


def close_all(service: Service, hub: Hub, call: Call) -> Reply:
    """Ends every connection of the hub but the excluded."""
    return close(service, hub.connections.values(), call)


def close_group(service: Service, hub: Hub, call: Call) -> Reply:
    """Ends a group's connections but the excluded."""
    return close(service, hub.members(call.group()), call)


def close_user(service: Service, hub: Hub, call: Call) -> Reply:
    """Ends a user's connections but the excluded."""
    return close(service, hub.of_user(call.path["userId"]), call)


def close(service: Service, connections: Iterable[Connection], call: Call) -> Reply:
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
    offset, left = position(call.last("continuationToken"), top)
    take = size if left is None else min(size, left)
    members = hub.members(group)
    page = [{"connectionId": c.id, "userId": c.user_id} for c in islice(members, offset, offset + take)]
    reached = offset + len(page)
    remaining = None if left is None else left - len(page)
    if reached >= len(members) or remaining == 0:
        return Reply(200, {"value": page})
    token = continuation(reached, remaining)
    path = f"/api/hubs/{quote(call.path['hub'], safe='')}/groups/{quote(group, safe='')}/connections"
    link = (
        f"{call.base}{path}?maxpagesize={size}&continuationToken={token}&api-version={call.last('api-version') or ''}"
    )
    return Reply(200, {"value": page, "nextLink": link})


def continuation(offset: int, remaining: int | None) -> str:
    """A page's token in URL-safe characters: the Python SDK quotes the link's query again."""
    text = f"{offset}.{'' if remaining is None else remaining}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position(token: str | None, top: int | None) -> tuple[int, int | None]:
    """Where a page starts and how many are left in all; raises Refusal for a token that is not ours."""
    if not token:
        return 0, top
    try:
        page = PAGE.fullmatch(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        page = None
    if page is None:
        raise bad_request("continuationToken is not one of this service.", "continuationToken")
    return int(page[1]), int(page[2]) if page[2] else None
