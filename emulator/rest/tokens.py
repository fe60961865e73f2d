"""``:generateToken``: client tokens for backends that have a Microsoft Entra identity and no access key."""

import time

from .. import auth
from ..hub import Hub
from ..names import is_user_id
from ..service import Service
from .errors import JSON_TYPE, ApiError, InvalidParameter
from .exchange import Call, Reply

# The path where clients of a type connect, which is the audience of their tokens. Types as of 2024-12-01.
PATHS = {"default": "/client", "mqtt": "/clients/mqtt", "socketio": "/clients/socketio"}
# 2024-01-01 introduced ``clientType``, and 2024-12-01 the value ``SocketIO``.
WITHOUT_CLIENT_TYPE = ("2021-10-01", "2022-11-01", "2023-07-01")
WITHOUT_SOCKET_IO = "2024-01-01"


def generate(service: Service, hub: Hub, call: Call) -> Reply:
    """A client token; 401 for callers with an access key, who can sign client tokens themselves."""
    if not call.by_entra:
        raise ApiError(
            401, "Error.Unauthorized", "Unauthorized: :generateToken takes a Microsoft Entra token, not an access key."
        )
    try:
        return Reply(200, {"token": token(service, call)})
    except InvalidParameter as problem:
        # As recorded for this operation only.
        problem.content_type = JSON_TYPE
        raise


def token(service: Service, call: Call) -> str:
    """The client token that the call asks for; raises InvalidParameter."""
    user_id, groups = call.last("userId") or "", call.query.get("group", [])
    if not is_user_id(user_id):
        raise InvalidParameter("userId must not hold control characters.", "userId")
    for group in groups:
        call.checked_group(group, "group")
    minutes = call.integer("minutesToExpire", 1)
    return auth.client_token(
        f"{call.base}{client_path(call)}/hubs/{call.path['hub']}",
        service.settings.access_keys[0],
        time.time(),
        60 * (call.limits.token_minutes if minutes is None else minutes),
        user_id=user_id,
        roles=call.query.get("role", []),
        groups=groups,
    )


def client_path(call: Call) -> str:
    """The path where clients of the call's ``clientType`` connect; raises ApiError."""
    version = call.last("api-version")
    if version in WITHOUT_CLIENT_TYPE:
        return PATHS["default"]
    wanted = (call.last("clientType") or "default").lower()
    if wanted not in PATHS or (version == WITHOUT_SOCKET_IO and wanted == "socketio"):
        raise InvalidParameter(
            f"The value '{call.last('clientType')}' is not valid.", "clientType", "no such clientType"
        )
    return PATHS[wanted]
