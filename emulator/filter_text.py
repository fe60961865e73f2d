"""The text of an OData filter in pieces, and how it is said what is wrong with it. Must not know what filters mean."""

import re
from dataclasses import dataclass


class BadFilter(Exception):
    """The filter is no valid expression; the text says which part of it, and why, in the service's words."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"Invalid syntax for '{part}': {why} (Parameter 'filter')")


@dataclass(frozen=True)
class Lexeme:
    """A piece of the text, and where it starts and ends in it."""

    kind: str
    text: str
    start: int
    end: int


_LEXEME = re.compile(r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<int>[+-]?\d+)|(?P<word>[A-Za-z_]\w*)|(?P<sign>[(),]))")


def syntax_error(text: str, position: int) -> BadFilter:
    """``position``: where what cannot stand there ends, as the service's recorded answers count."""
    return BadFilter(text, f"Syntax error at position {position} in '{text}'.")


def lexemes(text: str) -> list[Lexeme]:
    """The pieces, behind them one of the kind ``end``; raises BadFilter."""
    found: list[Lexeme] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _LEXEME.match(text, position)
        if match is None or match.lastgroup is None:
            while text[position].isspace():
                position += 1
            raise syntax_error(text, position + 1)
        found.append(Lexeme(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup), match.end()))
        position = match.end()
    return [*found, Lexeme("end", "", len(text), len(text))]
