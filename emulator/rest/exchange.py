"""A REST call and its reply as values, with the parameters that several operations share.

Raises ``ApiError`` with the service's error codes.
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
    """An operation's result; ``value`` becomes the JSON body."""

    status: int
    value: Any = None


OK = Reply(200)
NO_CONTENT = Reply(204)


@dataclass(frozen=True)
class Call:
    """An authorized call. ``path``: the decoded path parameters; ``base``: the service's base URL for the caller.

    Names in ``query`` are lower case. ``by_entra``: the caller used a Microsoft Entra token, not an access key.
    """

    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""
    by_entra: bool = False
    limits: Limits = PUBLISHED

    def last(self, name: str) -> str | None:
        """A query parameter; the last value counts."""
        values = self.query.get(name.lower())
        return values[-1] if values else None

    def media_type(self) -> str:
        """The body's content type without parameters; empty if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def group(self) -> str:
        """The path's group; raises ApiError."""
        return self.checked_group(self.path["group"], "group")

    def checked_group(self, name: str, field: str) -> str:
        """``name`` itself, from the field ``field``; raises ApiError unless it is a valid group name."""
        most = self.limits.group_characters
        if not is_group(name, most):
            raise InvalidParameter(INVALID_GROUP.format(most=most), field)
        return name

    def excluded(self) -> frozenset[str]:
        """The connection ids that a send or a close skips."""
        return frozenset(self.query.get("excluded", ()))

    def integer(self, name: str, lowest: int, highest: int | None = None) -> int | None:
        """An integer parameter within a range; raises ApiError."""
        text = self.last(name)
        if text is None:
            return None
        # int() accepts more than digits. The length keeps huge numbers out.
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if value < lowest or (highest is not None and value > highest):
            upper = f" to {highest}" if highest is not None else " upwards"
            raise InvalidParameter(f"{name} must be a whole number from {lowest}{upper}.", name)
        return value

    def ttl_seconds(self) -> int:
        """How long a message is kept for clients that are away, 0 for no expiry; raises ApiError."""
        return self.integer("messageTtlSeconds", 0, self.limits.ttl_seconds) or 0

    def reason(self) -> str:
        """The reason that closed clients get."""
        return self.last("reason") or "ClosedByAppServer"

    def condition(self) -> Condition | None:
        """The call's ``filter``."""
        return condition(self.last("filter"), "filter")


def condition(text: str | None, field: str) -> Condition | None:
    """The condition of an OData filter from the field ``field``; None for no filter. Raises ApiError."""
    if text is None or not text.strip():
        return None
    try:
        return filters.parse(text)
    except BadFilter as error:
        # The text quotes the filter, which is part of the URL's query. Queries are not logged.
        raise InvalidParameter(str(error), field, logged="the filter is not valid") from None


class GroupsBody(msgspec.Struct):
    """The body of ``:addToGroups`` and ``:removeFromGroups``."""

    groups: list[str] | None = None
    filter: str | None = None


def meets(connection: Connection, wanted: Condition | None) -> bool:
    """Whether a connection meets a condition; always without one."""
    return wanted is None or wanted(connection)
