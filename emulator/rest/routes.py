"""The routes of the data plane, and how paths are matched."""

from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import unquote

from ..hub import Hub
from ..service import Service
from . import connections, membership, permissions, sending, tokens
from .exchange import Call, Reply

Operation: TypeAlias = Callable[[Service, Hub, Call], Reply]

ROUTES: tuple[tuple[str, str, Operation], ...] = (
    ("POST", ":generateToken", tokens.generate),
    ("POST", ":send", sending.to_all),
    ("POST", "groups/{group}/:send", sending.to_group),
    ("POST", "users/{userId}/:send", sending.to_user),
    ("POST", "connections/{connectionId}/:send", sending.to_connection),
    ("HEAD", "connections/{connectionId}", connections.connection_exists),
    ("DELETE", "connections/{connectionId}", connections.close_connection),
    ("POST", ":closeConnections", connections.close_all),
    ("POST", "groups/{group}/:closeConnections", connections.close_group),
    ("POST", "users/{userId}/:closeConnections", connections.close_user),
    ("HEAD", "groups/{group}", connections.group_exists),
    ("HEAD", "users/{userId}", connections.user_exists),
    ("GET", "groups/{group}/connections", connections.list_group),
    ("PUT", "groups/{group}/connections/{connectionId}", membership.add_connection),
    ("DELETE", "groups/{group}/connections/{connectionId}", membership.remove_connection),
    ("DELETE", "connections/{connectionId}/groups", membership.remove_connection_from_all),
    ("PUT", "users/{userId}/groups/{group}", membership.add_user),
    ("DELETE", "users/{userId}/groups/{group}", membership.remove_user),
    ("DELETE", "users/{userId}/groups", membership.remove_user_from_all),
    ("POST", ":addToGroups", membership.add_to_groups),
    ("POST", ":removeFromGroups", membership.remove_from_groups),
    ("PUT", "permissions/{permission}/connections/{connectionId}", permissions.grant),
    ("DELETE", "permissions/{permission}/connections/{connectionId}", permissions.revoke),
    ("HEAD", "permissions/{permission}/connections/{connectionId}", permissions.check),
)

_SPLIT = tuple((method, tuple(path.split("/")), operation) for method, path, operation in ROUTES)


def match(method: str, segments: list[str]) -> tuple[Operation, dict[str, str]] | list[str]:
    """The operation and its path parameters, or else the methods that the path allows: none for an unknown path."""
    allowed: list[str] = []
    for route_method, pattern, operation in _SPLIT:
        parameters = _parameters(pattern, segments)
        if parameters is None:
            continue
        if route_method == method:
            return operation, parameters
        allowed.append(route_method)
    return allowed


def _parameters(pattern: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    parameters: dict[str, str] = {}
    for expected, segment in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            if not segment:
                return None
            parameters[expected[1:-1]] = decoded(segment)
        elif unquote(segment).lower() != expected.lower():
            return None
    return parameters


def decoded(segment: str) -> str:
    """The value of a path segment. An encoded slash stays encoded, as in Microsoft's emulator."""
    return "%2F".join(unquote(part) for part in segment.replace("%2f", "%2F").split("%2F"))
