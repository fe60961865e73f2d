"""The OData ``filter`` of the REST API: turns its text into a condition on connections.

A recursive-descent parser that checks types on the way. ``docs/emulator.md`` has the grammar.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any, Literal, TypeAlias

from .connection import Connection
from .filter_text import BadFilter, Lexeme, lexemes, syntax_error

MAX_DEPTH = 100
INT64 = range(-(2**63), 2**63)

Type: TypeAlias = Literal["string", "int", "bool", "null", "collection"]
Evaluate: TypeAlias = Callable[[Connection], Any]


@dataclass(frozen=True)
class Node:
    """A type-checked expression. Strings and ints may evaluate to null."""

    type: Type
    evaluate: Evaluate


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
# A connection without a user, a sub-protocol or a group.
NULL_CONNECTION: Any = SimpleNamespace(user_id=None, id="", session=SimpleNamespace(subprotocol=None), groups=())
# Has a type that fits everywhere, so that one error causes no further ones.
WRONG = Node("null", lambda _: None)
KEYWORDS = {"or", "and", "not", "eq", "ne", "in", *ORDER}


@dataclass(frozen=True)
class Function:
    """A function: its parameter types, how many parameters are optional, its type and its implementation."""

    parameters: tuple[tuple[Type, ...], ...]
    optional: int
    type: Type
    apply: Callable[..., Any]
    # Its value when an argument is null.
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
    node = _Parser(text).whole()
    return lambda connection: bool(node.evaluate(connection))


def type_mismatch(wanted: Type, node: Node) -> str:
    """The error for an expression of another type. An int that is null where there is no user is called null."""
    is_null = node.type == "int" and node.evaluate(NULL_CONNECTION) is None
    return f"Type '{'null' if is_null else node.type}', expect '{wanted}'."


class _Parser:
    """One method per rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._text, self._lexemes = text, lexemes(text)
        # Raised only if the rest is a valid expression, as the service does.
        self._wrong: BadFilter | None = None
        self._index = 0
        self._depth = 0

    @property
    def _next(self) -> Lexeme:
        return self._lexemes[self._index]

    def whole(self) -> Node:
        """The whole text, which must be true or false; raises BadFilter."""
        node = self._disjunction()
        if self._next.kind != "end":
            raise syntax_error(self._text, self._next.end)
        if node.type != "bool":
            self._reject(self._text, type_mismatch("bool", node))
        if self._wrong is not None:
            raise self._wrong
        return node

    def _reject(self, part: str, why: str) -> Node:
        """Keeps the first type error; the returned node replaces the expression."""
        self._wrong = self._wrong or BadFilter(part, why)
        return WRONG

    def _since(self, start: Lexeme) -> str:
        """The text from a lexeme to the parser's position."""
        return self._text[start.start : self._lexemes[self._index - 1].end]

    def _take(self) -> Lexeme:
        lexeme = self._next
        self._index += 1
        return lexeme

    def _accept(self, text: str) -> bool:
        if self._next.kind in ("word", "sign") and self._next.text == text:
            self._index += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise syntax_error(self._text, self._next.end)

    def _disjunction(self) -> Node:
        """``and ('or' and)*``"""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadFilter(self._text, f"It is nested more than {MAX_DEPTH} deep.")
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
        start, nodes = self._next, [operand()]
        while self._accept(operator):
            nodes.append(operand())
        for node in nodes if len(nodes) > 1 else []:
            if node.type != "bool":
                self._reject(self._since(start), type_mismatch("bool", node))
        return nodes

    def _comparison(self) -> Node:
        start, left = self._next, self._unary()
        for operator in ("eq", "ne", *ORDER):
            if self._accept(operator):
                right = self._unary()
                return self._compared(operator, left, right, start)
        if self._accept("in"):
            return self._membership(left, start)
        return left

    def _unary(self) -> Node:
        start, negations = self._next, 0
        while self._accept("not"):
            negations += 1
        node = self._primary()
        if negations and node.type != "bool":
            return self._reject(self._since(start), type_mismatch("bool", node))
        if negations % 2:
            return Node("bool", lambda connection: not node.evaluate(connection))
        return node

    def _membership(self, left: Node, start: Lexeme) -> Node:
        if not self._accept("("):
            collection = self._primary()
            if collection.type != "collection":
                return self._reject(self._since(start), type_mismatch("collection", collection))
            if left.type not in ("string", "null"):
                return self._reject(self._since(start), type_mismatch("string", left))
            return Node("bool", lambda connection: left.evaluate(connection) in collection.evaluate(connection))
        options = [self._primary()]
        while self._accept(","):
            options.append(self._primary())
        self._expect(")")
        equal = [self._compared("eq", left, option, start) for option in options]
        return Node("bool", lambda connection: any(node.evaluate(connection) for node in equal))

    def _primary(self) -> Node:
        lexeme = self._take()
        if lexeme.kind == "string":
            text = lexeme.text[1:-1].replace("''", "'")
            return Node("string", lambda _: text)
        if lexeme.kind == "int":
            return self._integer(lexeme)
        if lexeme.kind == "sign" and lexeme.text == "(":
            node = self._disjunction()
            self._expect(")")
            return node
        if lexeme.kind == "word" and lexeme.text not in KEYWORDS:
            return self._named(lexeme)
        raise syntax_error(self._text, lexeme.end)

    def _integer(self, lexeme: Lexeme) -> Node:
        # The length is checked first, so that no huge number is converted.
        if len(lexeme.text) > 20 or int(lexeme.text) not in INT64:
            return self._reject(self._text, f"The number at position {lexeme.end} is too large.")
        value = int(lexeme.text)
        return Node("int", lambda _: value)

    def _named(self, lexeme: Lexeme) -> Node:
        name = lexeme.text.lower()
        if self._accept("("):
            return self._call(lexeme)
        if name in LITERALS:
            kind, value = LITERALS[name]
            return Node(kind, lambda _: value)
        if name in IDENTIFIERS:
            return IDENTIFIERS[name]
        return self._reject(self._text, f"Token '{lexeme.text}' is not supported.")

    def _call(self, lexeme: Lexeme) -> Node:
        arguments: list[Node] = []
        if not self._accept(")"):
            arguments.append(self._disjunction())
            while self._accept(","):
                arguments.append(self._disjunction())
            self._expect(")")
        function = FUNCTIONS.get(lexeme.text.lower())
        if function is None:
            return self._reject(self._since(lexeme), f"Token '{self._since(lexeme)}' is not supported.")
        most = len(function.parameters)
        if not most - function.optional <= len(arguments) <= most:
            return self._reject(self._since(lexeme), f"It takes {most - function.optional} to {most} arguments.")
        for argument, allowed in zip(arguments, function.parameters, strict=False):
            if argument.type not in (*allowed, "null"):
                return self._reject(self._since(lexeme), type_mismatch(allowed[0], argument))
        return Node(function.type, lambda connection: _applied(function, arguments, connection))

    def _compared(self, operator: str, left: Node, right: Node, start: Lexeme) -> Node:
        types = {left.type, right.type} - {"null"}
        if len(types) > 1 or "collection" in types:
            why = f"'{left.type}' and '{right.type}' cannot be compared by '{operator}'."
            return self._reject(self._since(start), why)
        if operator == "eq":
            return Node("bool", lambda connection: left.evaluate(connection) == right.evaluate(connection))
        if operator == "ne":
            return Node("bool", lambda connection: left.evaluate(connection) != right.evaluate(connection))
        if not types <= {"int"}:
            return self._reject(self._since(start), type_mismatch("int", left if left.type != "int" else right))
        return Node("bool", partial(_ordered, ORDER[operator], left, right))


def _applied(function: Function, arguments: list[Node], connection: Connection) -> Any:
    values = [argument.evaluate(connection) for argument in arguments]
    return function.of_null if any(value is None for value in values) else function.apply(*values)


def _ordered(order: Callable[[int, int], bool], left: Node, right: Node, connection: Connection) -> bool:
    a, b = left.evaluate(connection), right.evaluate(connection)
    return a is not None and b is not None and order(a, b)


def _substring(text: str, start: int, length: int | None = None) -> str:
    start = max(start, 0)
    return text[start:] if length is None else text[start : start + max(length, 0)]
