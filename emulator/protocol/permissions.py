"""Which groups a connection may join, leave and publish to: rules from roles and REST grants."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ..limits import PUBLISHED, Limits

Permission: TypeAlias = Literal["joinLeaveGroup", "sendToGroup"]

# The limit of Microsoft's emulator; the service's is not published.
MAX_PATTERN_CHARACTERS = 1024
MAX_PATTERN_STARS = 5  # as documented


class BadRole(Exception):
    """A role has an invalid pattern, or there are too many of them."""


class TooManyRules(BadRole):
    """A connection would have more group names for one permission than allowed."""


@dataclass
class Rules:
    """The groups that a permission covers. A revoked group stays refused until it is granted again."""

    limits: Limits
    everything: bool = False
    groups: set[str] = field(default_factory=set)
    patterns: list[re.Pattern[str]] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)

    def allows(self, group: str) -> bool:
        """Whether ``group`` is covered."""
        if group in self.groups:
            return True
        if group in self.revoked:
            return False
        return self.everything or any(pattern.fullmatch(group) for pattern in self.patterns)

    def grant(self, group: str) -> None:
        """Grants one group; raises TooManyRules."""
        if group not in self.groups and len(self.groups) >= self.limits.literals_per_permission:
            raise TooManyRules(
                f"a connection may hold at most {self.limits.literals_per_permission} groups per permission"
            )
        self.revoked.discard(group)
        self.groups.add(group)

    def revoke(self, group: str) -> None:
        """Revokes one group, even if a role covers all groups; raises TooManyRules."""
        self.groups.discard(group)
        if not self.allows(group):
            return
        if len(self.revoked) >= self.limits.literals_per_permission:
            raise TooManyRules(
                f"a connection may be refused at most {self.limits.literals_per_permission} groups per permission"
            )
        self.revoked.add(group)

    def add_pattern(self, text: str) -> None:
        """Adds a pattern; raises BadRole."""
        if len(self.patterns) >= self.limits.patterns_per_permission:
            raise BadRole(
                f"a connection may hold at most {self.limits.patterns_per_permission} patterns per permission"
            )
        self.patterns.append(compile_pattern(text))


class Permissions:
    """Both permissions of one connection."""

    def __init__(self, roles: Iterable[str] = (), limits: Limits = PUBLISHED) -> None:
        """Reads the roles of a token and ignores unknown ones. Raises BadRole."""
        self._rules: dict[Permission, Rules] = {"joinLeaveGroup": Rules(limits), "sendToGroup": Rules(limits)}
        for role in roles:
            self._add_role(role)

    def __getitem__(self, permission: Permission) -> Rules:
        return self._rules[permission]

    def _add_role(self, role: str) -> None:
        for permission, rules in self._rules.items():
            name = f"webpubsub.{permission}"
            if role == name:
                rules.everything = True
            elif role.startswith(f"{name}."):
                rules.grant(role[len(name) + 1 :])
            elif role.startswith(f"{name}s."):
                rules.add_pattern(role[len(name) + 2 :])


# Longest first, so that ``**`` is not read as two ``*``.
_PATTERN_PART = re.compile(r"\\([\\*?])|(\*\*)|(\*)|(\?)|(.)", re.DOTALL)


def compile_pattern(text: str) -> re.Pattern[str]:
    """``?``: a character except ``.``; ``*``: any run without it; ``**``: any run; ``\\`` escapes. Raises BadRole."""
    if not 0 < len(text) <= MAX_PATTERN_CHARACTERS:
        raise BadRole(f"a group pattern must be 1 to {MAX_PATTERN_CHARACTERS} characters long")
    # The text between stars: a list per double star, split at single stars.
    sections, stars = [[""]], 0
    for escaped, double, single, one, other in _PATTERN_PART.findall(text):
        stars += 2 * bool(double) + bool(single)
        if double:
            sections.append([""])
        elif single:
            sections[-1].append("")
        else:
            sections[-1][-1] += r"[^.]" if one else re.escape(escaped or other)
    if stars > MAX_PATTERN_STARS:
        raise BadRole(f"a group pattern may hold at most {MAX_PATTERN_STARS} stars")
    return re.compile(_expression(sections), re.DOTALL)


def _expression(sections: list[list[str]]) -> str:
    """A regular expression that matches each part at its leftmost place only; the next star makes up for it.

    Backtracking could block the event loop for hours. Only the last part, which must reach the end, is searched for.
    """
    *before, last = [_section(parts, is_last=number == len(sections)) for number, parts in enumerate(sections, 1)]
    if not before:
        return last
    return before[0] + "".join(f"(?>.*?{section})" for section in before[1:]) + f".*?{last}"


def _section(parts: list[str], *, is_last: bool) -> str:
    first, *others = parts
    expressions = [f"(?>[^.]*?{part})" for part in others]
    if is_last and others:
        expressions[-1] = f"[^.]*{others[-1]}"
    return first + "".join(expressions)
