"""Operations that grant, revoke and check a connection's permission for a group."""

from ..hub import Hub
from ..names import is_group
from ..protocol.permissions import Permission, TooManyRules
from ..service import Service
from .errors import INVALID_GROUP, ApiError, InvalidParameter, bad_request, not_found
from .exchange import NO_CONTENT, OK, Call, Reply

ABSENT = "Info.Connection.NotExisted"
PERMISSIONS: dict[str, Permission] = {"joinleavegroup": "joinLeaveGroup", "sendtogroup": "sendToGroup"}


def grant(service: Service, hub: Hub, call: Call) -> Reply:
    """Grants a permission; 404 if the connection does not exist, 409 if it has too many grants."""
    permission, group = subject(call)
    connection_id = call.path["connectionId"]
    connection = hub.connections.get(connection_id)
    if connection is None:
        raise not_found(ABSENT, "Connection", connection_id)
    try:
        connection.session.permissions[permission].grant(group)
    except TooManyRules as error:
        raise ApiError(409, "Error.Conflict", str(error), "targetName") from None
    return OK


def revoke(service: Service, hub: Hub, call: Call) -> Reply:
    """Revokes a permission, even if a role covers all groups. Memberships stay."""
    permission, group = subject(call)
    if connection := hub.connections.get(call.path["connectionId"]):
        try:
            connection.session.permissions[permission].revoke(group)
        except TooManyRules as error:
            raise ApiError(409, "Error.Conflict", str(error), "targetName") from None
    return NO_CONTENT


def check(service: Service, hub: Hub, call: Call) -> Reply:
    """200 if the connection has the permission, else 404."""
    permission, group = subject(call)
    connection_id = call.path["connectionId"]
    connection = hub.connections.get(connection_id)
    if connection is None:
        raise not_found(ABSENT, "Connection", connection_id)
    if not connection.session.permissions[permission].allows(group):
        raise not_found("Warning.Permission.NotExisted", "Permission", permission)
    return OK


def subject(call: Call) -> tuple[Permission, str]:
    """The call's permission and group; raises ApiError."""
    permission = PERMISSIONS.get(call.path["permission"].lower())
    if permission is None:
        raise InvalidParameter("The permission must be joinLeaveGroup or sendToGroup.", "permission")
    group, most = call.last("targetName"), call.limits.group_characters
    if group is None or not is_group(group, most):
        # As recorded. targetName is required, but older SDKs leave it out.
        raise bad_request(INVALID_GROUP.format(most=most), "Request")
    return permission, group
