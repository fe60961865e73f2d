"""Route templates of HTTP triggers: which path a template matches, and which of several comes first.

Owns the template grammar that Functions takes from ASP.NET Core: ``chats/{id}/messages``, ``{id:int}``, ``{id?}``,
``{*rest}``. Takes and returns values; must not know HTTP or azure-functions.
https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#customize-the-http-endpoint
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

CONSTRAINTS = {
    "": "[^/]+",
    "int": r"[+-]?\d+",
    "long": r"[+-]?\d+",
    "alpha": "[A-Za-z]+",
    "bool": "(?i:true|false)",
    "guid": "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
}
PARAMETER = re.compile(r"\{(?P<rest>\*{1,2})?(?P<name>\w+)(?::(?P<constraint>\w+))?(?P<optional>\?)?\}")
# The lower, the sooner: a literal beats a constrained parameter, that a free one, that a catch-all.
LITERAL, CONSTRAINED, FREE, REST = range(4)


class BadTemplate(Exception):
    """A route template this host cannot serve; the message says which and why."""


@dataclass(frozen=True)
class Template:
    """A compiled template; sorts by precedence."""

    pattern: re.Pattern[str]
    rank: tuple[int, ...]

    def match(self, path: str) -> dict[str, str] | None:
        """The route parameters, decoded, when ``path`` (raw, without leading slash) fits; else None."""
        found = self.pattern.fullmatch(path.strip("/"))
        if found is None:
            return None
        return {name: unquote(value) for name, value in found.groupdict().items() if value is not None}


def compile_template(text: str) -> Template:
    """Compiles a template; raises BadTemplate for a segment or constraint this host does not know."""
    expression, rank = "", []
    for position, segment in enumerate(text.strip("/").split("/")):
        piece, weight = compile_segment(segment, text)
        slash = "/" if position else ""
        optional = segment.endswith("?}") or weight == REST
        expression += f"(?:{slash}{piece})?" if optional else slash + piece
        rank.append(weight)
    return Template(re.compile(expression, re.IGNORECASE), tuple(rank))


def compile_segment(segment: str, template: str) -> tuple[str, int]:
    """A segment as a regular expression, and how late it is tried."""
    if "{" not in segment:
        return re.escape(segment), LITERAL
    found = PARAMETER.fullmatch(segment)
    if found is None:
        raise BadTemplate(f"Route {template!r}: this host reads a parameter only as a whole segment, not {segment!r}.")
    name, constraint = found["name"], found["constraint"] or ""
    if found["rest"]:
        return f"(?P<{name}>.*)", REST
    if constraint not in CONSTRAINTS:
        raise BadTemplate(f"Route {template!r}: the constraint {constraint!r} is not known to this host.")
    return f"(?P<{name}>{CONSTRAINTS[constraint]})", CONSTRAINED if constraint else FREE
