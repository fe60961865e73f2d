"""A REST call and its reply as values, and the readings of a call that several operations share.

Knows no HTTP server. Raises ``ApiError`` with the service's error codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from .. import filters
from ..connection import Connection
from ..filter_text import BadFilter
from ..hub import Condition
from ..limits import PUBLISHED, Limits
from ..names import is_group
from .errors import INVALID_GROUP, InvalidParameter


@dataclass(frozen=True)
class Reply:
    """What an operation answers; ``value`` becomes the JSON body."""

    status: int
    value: Any = None


OK = Reply(200)
NO_CONTENT = Reply(204)


@dataclass(frozen=True)
class Call:
    """One authorised call. ``path`` holds the decoded path parameters, ``base`` the service's base URL for the caller.

    ``query`` has its names in lower case.
    ``by_entra``: the caller showed a Microsoft Entra token, not one signed with an access key.
    """

    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""
    by_entra: bool = False
    limits: Limits = PUBLISHED

    def last(self, name: str) -> str | None:
        """A query parameter; the last one when repeated."""
        values = self.query.get(name.lower())
        return values[-1] if values else None

    def media_type(self) -> str:
        """The body's content type without its parameters; empty where the caller names none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def group(self) -> str:
        """The path's group; raises ApiError."""
        return self.checked_group(self.path["group"], "group")

    def checked_group(self, name: str, field: str) -> str:
        """``name`` itself, given in ``field``; raises ApiError unless it may name a group."""
        most = self.limits.group_characters
        if not is_group(name, most):
            raise InvalidParameter(INVALID_GROUP.format(most=most), field)
        return name

    def excluded(self) -> frozenset[str]:
        """The connection ids that a send or a close leaves out."""
        return frozenset(self.query.get("excluded", ()))

    def integer(self, name: str, lowest: int, highest: int | None = None) -> int | None:
        """A whole-number parameter within bounds; raises ApiError."""
        text = self.last(name)
        if text is None:
            return None
        # int() takes more than digits, and the length keeps absurd numbers out.
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if value < lowest or (highest is not None and value > highest):
            upper = f" to {highest}" if highest is not None else " upwards"
            raise InvalidParameter(f"{name} must be a whole number from {lowest}{upper}.", name)
        return value

    def ttl_seconds(self) -> int:
        """How long a message waits for those who are away, 0 for as long as they are kept; raises ApiError."""
        return self.integer("messageTtlSeconds", 0, self.limits.ttl_seconds) or 0

    def reason(self) -> str:
        """Why connections are closed, as their clients are told."""
        return self.last("reason") or "ClosedByAppServer"

    def condition(self) -> Condition | None:
        """The call's ``filter``; see ``condition``."""
        return condition(self.last("filter"), "filter")


def condition(text: str | None, field: str) -> Condition | None:
    """What an OData filter, given in ``field``, asks of a connection; None for no filter. Raises ApiError."""
    if text is None or not text.strip():
        return None
    try:
        return filters.parse(text)
    except BadFilter as error:
        # It quotes the filter, and that may stand in the query: only the caller is told.
        raise InvalidParameter(str(error), field, logged="the filter is not valid") from None


class GroupsBody(msgspec.Struct):
    """The body of ``:addToGroups`` and ``:removeFromGroups``."""

    groups: list[str] | None = None
    filter: str | None = None


def meets(connection: Connection, wanted: Condition | None) -> bool:
    """Whether a connection meets a condition, if there is one."""
    return wanted is None or wanted(connection)
