"""Route templates of HTTP triggers: matches paths and extracts parameters.

The grammar is that of ASP.NET Core, as in Functions: ``chats/{id}/messages``, ``{id:int}``, ``{id?}``, ``{*rest}``.
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
    """A route template that this host does not support; the message says which one and why."""


@dataclass(frozen=True)
class Template:
    """A compiled template."""

    pattern: re.Pattern[str]

    def match(self, path: str) -> dict[str, str] | None:
        """The decoded route parameters if ``path`` (raw, without leading slash) matches; else None."""
        found = self.pattern.fullmatch(path.strip("/"))
        if found is None:
            return None
        return {name: unquote(value) for name, value in found.groupdict().items() if value is not None}


def compile_template(text: str) -> Template:
    """Compiles a template; raises BadTemplate for a segment or constraint that this host does not support."""
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
        raise BadTemplate(f"Route {template!r}: for this host a parameter must be a whole segment, unlike {segment!r}.")
    name, constraint = found["name"], found["constraint"] or ""
    if found["rest"]:
        return f"(?P<{name}>.*)"
    if constraint not in CONSTRAINTS:
        raise BadTemplate(f"Route {template!r}: this host does not support the constraint {constraint!r}.")
    return f"(?P<{name}>{CONSTRAINTS[constraint]})"
