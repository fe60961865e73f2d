"""Granting, revoking and checking what one connection may do with one group."""

from emulator.hub import Hub
from emulator.protocol.permissions import Permission, TooManyRules
from emulator.rest.exchange import Call, Refusal, Reply, bad_request, connection_not_found
from emulator.service import Service

PERMISSIONS: dict[str, Permission] = {"joinleavegroup": "joinLeaveGroup", "sendtogroup": "sendToGroup"}


def grant(service: Service, hub: Hub, call: Call) -> Reply:
    """Allows; 404 when the connection is not there, 409 when it holds too many rules."""
    permission, group = subject(call)
    connection_id = call.path["connectionId"]
    connection = hub.connections.get(connection_id)
    if connection is None:
        raise connection_not_found(connection_id)
    try:
        connection.session.permissions[permission].grant(group)
    except TooManyRules as error:
        raise Refusal(409, "Error.Conflict", str(error), "targetName") from None
    return Reply(200)


def revoke(service: Service, hub: Hub, call: Call) -> Reply:
    """Forbids, also against an all-groups role; memberships stay."""
    permission, group = subject(call)
    if connection := hub.connections.get(call.path["connectionId"]):
        try:
            connection.session.permissions[permission].revoke(group)
        except TooManyRules as error:
            raise Refusal(409, "Error.Conflict", str(error), "targetName") from None
    return Reply(204)


def check(service: Service, hub: Hub, call: Call) -> Reply:
    """200 when allowed, 404 when not."""
    permission, group = subject(call)
    connection = hub.connections.get(call.path["connectionId"])
    allowed = connection is not None and connection.session.permissions[permission].allows(group)
    return Reply(200) if allowed else Reply(404, error_code="Warning.Permission.NotExisted")


def subject(call: Call) -> tuple[Permission, str]:
    """What the call is about; raises Refusal."""
    permission = PERMISSIONS.get(call.path["permission"].lower())
    if permission is None:
        raise bad_request("The permission must be joinLeaveGroup or sendToGroup.", "permission")
    group = call.last("targetName")
    if group is None:
        raise bad_request("targetName must name the group.", "targetName")
    return permission, call.checked_group(group, "targetName")
