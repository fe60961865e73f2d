"""Route templates of HTTP triggers: which path a template matches, and with which parameters.

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


class BadTemplate(Exception):
    """A route template this host cannot serve; the message says which and why."""


@dataclass(frozen=True)
class Template:
    """A compiled template."""

    pattern: re.Pattern[str]

    def match(self, path: str) -> dict[str, str] | None:
        """The route parameters, decoded, when ``path`` (raw, without leading slash) fits; else None."""
        found = self.pattern.fullmatch(path.strip("/"))
        if found is None:
            return None
        return {name: unquote(value) for name, value in found.groupdict().items() if value is not None}


def compile_template(text: str) -> Template:
    """Compiles a template; raises BadTemplate for a segment or constraint this host does not know."""
    expression = ""
    for position, segment in enumerate(text.strip("/").split("/")):
        piece = compile_segment(segment, text)
        slash = "/" if position else ""
        optional = segment.endswith("?}") or segment.startswith("{*")
        expression += f"(?:{slash}{piece})?" if optional else slash + piece
    return Template(re.compile(expression, re.IGNORECASE))


def compile_segment(segment: str, template: str) -> str:
    """A segment as a regular expression."""
    if "{" not in segment:
        return re.escape(segment)
    found = PARAMETER.fullmatch(segment)
    if found is None:
        raise BadTemplate(f"Route {template!r}: this host reads a parameter only as a whole segment, not {segment!r}.")
    name, constraint = found["name"], found["constraint"] or ""
    if found["rest"]:
        return f"(?P<{name}>.*)"
    if constraint not in CONSTRAINTS:
        raise BadTemplate(f"Route {template!r}: the constraint {constraint!r} is not known to this host.")
    return f"(?P<{name}>{CONSTRAINTS[constraint]})"
