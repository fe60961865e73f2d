"""The OData ``filter`` of the REST API: from its text to a condition on a connection.

A recursive-descent parser that checks types as it goes; ``docs/emulator.md`` has the grammar. Pure: no HTTP, no hub.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from emulator.connection import Connection

MAX_DEPTH = 100
INT64 = range(-(2**63), 2**63)

Type: TypeAlias = Literal["string", "int", "bool", "null", "collection"]
Evaluate: TypeAlias = Callable[[Connection], Any]


class BadFilter(Exception):
    """The filter is no valid expression; the text says what is wrong and where."""


@dataclass(frozen=True)
class Node:
    """A checked expression: its type, and how it is evaluated. Strings and ints may turn out null."""

    type: Type
    evaluate: Evaluate


@dataclass(frozen=True)
class Token:
    """A piece of the text and where it starts, counted from 1."""

    kind: str
    text: str
    position: int


_TOKEN = re.compile(r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<int>[+-]?\d+)|(?P<word>[A-Za-z_]\w*)|(?P<sign>[(),]))")
ORDER: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}
LITERALS: dict[str, tuple[Type, bool | None]] = {
    "true": ("bool", True),
    "false": ("bool", False),
    "null": ("null", None),
}
IDENTIFIERS: dict[str, Node] = {
    "userid": Node("string", lambda connection: connection.user_id),
    "connectionid": Node("string", lambda connection: connection.id),
    "protocol": Node("string", lambda connection: connection.session.subprotocol),
    "groups": Node("collection", lambda connection: connection.groups),
}
KEYWORDS = {"or", "and", "not", "eq", "ne", "in", *ORDER}


@dataclass(frozen=True)
class Function:
    """A function's parameter types, how many of them may be left out, its type, and its value."""

    parameters: tuple[tuple[Type, ...], ...]
    optional: int
    type: Type
    apply: Callable[..., Any]
    # What it gives when an argument is null.
    of_null: Any = None


_TEXT: tuple[Type, ...] = ("string",)
_INT: tuple[Type, ...] = ("int",)
FUNCTIONS: dict[str, Function] = {
    "length": Function((("string", "collection"),), 0, "int", len),
    "tolower": Function((_TEXT,), 0, "string", str.lower),
    "toupper": Function((_TEXT,), 0, "string", str.upper),
    "trim": Function((_TEXT,), 0, "string", str.strip),
    "substring": Function((_TEXT, _INT, _INT), 1, "string", lambda text, *bounds: _substring(text, *bounds)),
    "concat": Function((_TEXT, _TEXT), 0, "string", lambda a, b: a + b),
    "contains": Function((_TEXT, _TEXT), 0, "bool", lambda text, part: part in text, False),
    "startswith": Function((_TEXT, _TEXT), 0, "bool", lambda text, part: text.startswith(part), False),
    "endswith": Function((_TEXT, _TEXT), 0, "bool", lambda text, part: text.endswith(part), False),
    "indexof": Function((_TEXT, _TEXT), 0, "int", lambda text, part: text.find(part), -1),
}


def parse(text: str) -> Callable[[Connection], bool]:
    """The condition that ``text`` states; raises BadFilter."""
    parser = _Parser(_tokens(text))
    node = parser.disjunction()
    parser.end()
    if node.type != "bool":
        raise BadFilter(f"the filter must be true or false, but it is of type {node.type}")
    return lambda connection: bool(node.evaluate(connection))


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise BadFilter(f"unexpected text at character {position + 1}")
        tokens.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1))
        position = match.end()
    return [*tokens, Token("end", "", len(text) + 1)]


class _Parser:
    """One method per rule of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._index = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._index]

    def _take(self) -> Token:
        token = self._next
        self._index += 1
        return token

    def _accept(self, text: str) -> bool:
        if self._next.kind in ("word", "sign") and self._next.text == text:
            self._index += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise BadFilter(f"{text!r} is expected at character {self._next.position}")

    def end(self) -> None:
        """Nothing may follow; raises BadFilter."""
        if self._next.kind != "end":
            raise BadFilter(f"unexpected {self._next.text[:20]!r} at character {self._next.position}")

    def disjunction(self) -> Node:
        """``and ('or' and)*``"""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadFilter(f"the filter is nested more than {MAX_DEPTH} deep")
        nodes = self._chain("or", self._conjunction)
        self._depth -= 1
        if len(nodes) == 1:
            return nodes[0]
        return Node("bool", lambda connection: any(node.evaluate(connection) for node in nodes))

    def _conjunction(self) -> Node:
        nodes = self._chain("and", self._comparison)
        if len(nodes) == 1:
            return nodes[0]
        return Node("bool", lambda connection: all(node.evaluate(connection) for node in nodes))

    def _chain(self, operator: str, operand: Callable[[], Node]) -> list[Node]:
        nodes = [operand()]
        while self._accept(operator):
            nodes.append(operand())
        if len(nodes) > 1 and any(node.type != "bool" for node in nodes):
            raise BadFilter(f"both sides of {operator!r} must be true or false")
        return nodes

    def _comparison(self) -> Node:
        left = self._unary()
        for operator in ("eq", "ne", *ORDER):
            if self._accept(operator):
                return _compared(operator, left, self._unary())
        if self._accept("in"):
            return self._membership(left)
        return left

    def _unary(self) -> Node:
        negations = 0
        while self._accept("not"):
            negations += 1
        node = self._primary()
        if negations and node.type != "bool":
            raise BadFilter("'not' needs true or false: put the comparison behind it into parentheses")
        if negations % 2:
            return Node("bool", lambda connection: not node.evaluate(connection))
        return node

    def _membership(self, left: Node) -> Node:
        if not self._accept("("):
            collection = self._primary()
            if collection.type != "collection" or left.type not in ("string", "null"):
                raise BadFilter("'in' needs a string before it and a list or a collection behind it")
            return Node("bool", lambda connection: left.evaluate(connection) in collection.evaluate(connection))
        options = [self._primary()]
        while self._accept(","):
            options.append(self._primary())
        self._expect(")")
        equal = [_compared("eq", left, option) for option in options]
        return Node("bool", lambda connection: any(node.evaluate(connection) for node in equal))

    def _primary(self) -> Node:
        token = self._take()
        if token.kind == "string":
            text = token.text[1:-1].replace("''", "'")
            return Node("string", lambda _: text)
        if token.kind == "int":
            return _integer(token)
        if token.kind == "sign" and token.text == "(":
            node = self.disjunction()
            self._expect(")")
            return node
        if token.kind == "word" and token.text not in KEYWORDS:
            return self._named(token)
        raise BadFilter(f"a value is expected at character {token.position}")

    def _named(self, token: Token) -> Node:
        name = token.text.lower()
        if self._accept("("):
            return self._call(token)
        if name in LITERALS:
            kind, value = LITERALS[name]
            return Node(kind, lambda _: value)
        if name in IDENTIFIERS:
            return IDENTIFIERS[name]
        raise BadFilter(
            f"{token.text[:40]!r} at character {token.position} is not userId, connectionId, groups or protocol"
        )

    def _call(self, token: Token) -> Node:
        function = FUNCTIONS.get(token.text.lower())
        if function is None:
            raise BadFilter(f"there is no function {token.text[:40]!r}")
        arguments: list[Node] = []
        if not self._accept(")"):
            arguments.append(self.disjunction())
            while self._accept(","):
                arguments.append(self.disjunction())
            self._expect(")")
        most = len(function.parameters)
        if not most - function.optional <= len(arguments) <= most:
            raise BadFilter(f"{token.text} takes {most - function.optional} to {most} arguments")
        for argument, allowed in zip(arguments, function.parameters, strict=False):
            if argument.type not in (*allowed, "null"):
                raise BadFilter(f"{token.text} takes {' or '.join(allowed)}, not {argument.type}")
        return Node(function.type, lambda connection: _applied(function, arguments, connection))


def _integer(token: Token) -> Node:
    # Checked by length first, so that no absurd number is converted.
    if len(token.text) > 20 or int(token.text) not in INT64:
        raise BadFilter(f"the number at character {token.position} is too large")
    value = int(token.text)
    return Node("int", lambda _: value)


def _applied(function: Function, arguments: list[Node], connection: Connection) -> Any:
    values = [argument.evaluate(connection) for argument in arguments]
    return function.of_null if any(value is None for value in values) else function.apply(*values)


def _compared(operator: str, left: Node, right: Node) -> Node:
    types = {left.type, right.type} - {"null"}
    if len(types) > 1 or "collection" in types:
        raise BadFilter(f"{left.type} and {right.type} cannot be compared by {operator!r}")
    if operator == "eq":
        return Node("bool", lambda connection: left.evaluate(connection) == right.evaluate(connection))
    if operator == "ne":
        return Node("bool", lambda connection: left.evaluate(connection) != right.evaluate(connection))
    if not types <= {"int"}:
        raise BadFilter(f"{operator!r} compares whole numbers, not {left.type} and {right.type}")
    order = ORDER[operator]

    def ordered(connection: Connection) -> bool:
        a, b = left.evaluate(connection), right.evaluate(connection)
        return a is not None and b is not None and order(a, b)

    return Node("bool", ordered)


def _substring(text: str, start: int, length: int | None = None) -> str:
    start = max(start, 0)
    return text[start:] if length is None else text[start : start + max(length, 0)]
