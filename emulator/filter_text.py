"""The lexer of OData filters, and the error for an invalid filter."""

import re
from dataclasses import dataclass


class BadFilter(Exception):
    """The filter is not a valid expression. The text quotes the part and gives the reason in the service's words."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"Invalid syntax for '{part}': {why} (Parameter 'filter')")


@dataclass(frozen=True)
class Lexeme:
    """A piece of the text with its start and end."""

    kind: str
    text: str
    start: int
    end: int


_LEXEME = re.compile(r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<int>[+-]?\d+)|(?P<word>[A-Za-z_]\w*)|(?P<sign>[(),]))")


def syntax_error(text: str, position: int) -> BadFilter:
    """``position``: the end of the unexpected piece, as in the recorded answers of the service."""
    return BadFilter(text, f"Syntax error at position {position} in '{text}'.")


def lexemes(text: str) -> list[Lexeme]:
    """All pieces, followed by one of the kind ``end``; raises BadFilter."""
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
