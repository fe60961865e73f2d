"""Section 8: the OData filter, statement by statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.connection import Connection
from emulator.filter_text import BadFilter
from emulator.filters import parse
from tests.emulator.sessions import json_session


def connection(user_id: str | None = "user'1", groups: tuple[str, ...] = ("g1", "G2")) -> Connection:
    made = Connection(json_session("c1", user_id), "chat")
    made.groups.update(groups)
    return made


@pytest.mark.parametrize(
    "text",
    [
        "userId eq 'user''1'",
        "USERID ne 'USER''1'",
        "connectionId eq 'c1'",
        "'g1' in groups or 'none' in groups",
        "not ('none' in groups)",
        "userId in ('a', 'user''1')",
        "length(userId) gt 5 and length(userId) le +6",
        "length(groups) eq 2",
        "tolower('AbC') eq 'abc' and toupper('a') eq 'A' and trim(' a ') eq 'a'",
        "substring('abcd', 1) eq 'bcd' and substring('abcd', 1, 2) eq 'bc'",
        "concat('a', 'b') eq 'ab' and contains('abc', 'b') and startswith('abc', 'ab') and endswith('abc', 'c')",
        "indexof('abc', 'c') eq 2 and indexof('abc', 'x') eq -1",
        "true",
        "not not true",
        "false or true and true",
        "true or false and false",
        "(1 lt 2) eq true",
        "protocol eq 'json.webpubsub.azure.v1'",
        "userId ne null and 5 in (1, 5)",
        "1 ge 1 and 1 le 1",
        "-9223372036854775808 lt 0",
        "LENGTH(groups) eq 2 and substring('abcdef', 1, 2) eq 'bc'",
        " true\n",
        "(" * 99 + "true" + ")" * 99,
        "substring('abcd', -1) eq 'abcd'",
    ],
)
def test_true_of_the_connection(text: str) -> None:
    assert parse(text)(connection())


@pytest.mark.parametrize(
    "text",
    [
        "userId eq 'USER''1'",
        "'g2' in groups",
        "false",
        "null gt 5",
        "5 ge null",
        "1 gt 1",
        "1 lt 1",
        "(true or true) and false",
    ],
)
def test_false_of_the_connection(text: str) -> None:
    assert not parse(text)(connection())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("userId eq null", True),
        ("userId ne 'x'", True),
        ("length(userId) gt 0", False),
        ("length(userId) eq null", True),
        ("startswith(userId, 'a')", False),
        ("contains(userId, 'a')", False),
        ("endswith(userId, 'a')", False),
        ("indexof(userId, 'a') eq -1", True),
        ("tolower(userId) eq null", True),
        ("userId in ('a')", False),
        ("userId in groups", False),
    ],
)
def test_null_of_an_anonymous_user(text: str, expected: bool) -> None:
    assert parse(text)(connection(user_id=None)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "userId",
        "'a'",
        "userId eq",
        "userId eq 'a' extra",
        "userId eq 5",
        "'a' gt 'b'",
        "not length(userId) gt 5",
        "not 5",
        "not null",
        "userId and true",
        "false and length(5) eq 1",
        "groups eq groups",
        "5 in groups",
        "userId in userId",
        "userId in ()",
        "nobody eq 'a'",
        "fly('a')",
        "length() eq 1",
        "length('a', 'b') eq 1",
        "substring('a') eq 'a'",
        "userId eq 'a",
        "userId = 'a'",
        "99999999999999999999 gt 1",
        "9223372036854775808 gt 1",
        "9" * 5_000 + " gt 1",
        "(" * 101 + "true" + ")" * 101,
        "(" * 100_000,
        "or",
        ",",
        ")true)",
    ],
)
def test_refused_with_a_reason(text: str) -> None:
    with pytest.raises(BadFilter, match=r"."):
        parse(text)


ONE = ["length", "tolower", "toupper", "trim"]
TWO = ["concat", "contains", "startswith", "endswith", "indexof"]


@pytest.mark.parametrize(
    ("name", "fewest", "most"),
    [*((name, 1, 1) for name in ONE), *((name, 2, 2) for name in TWO), ("substring", 2, 3)],
)
def test_a_function_takes_so_many_arguments(name: str, fewest: int, most: int) -> None:
    for count in range(5):
        text = f"{name}({', '.join(['null'] * count)}) eq null"
        if fewest <= count <= most:
            parse(text)(connection())
            continue
        with pytest.raises(BadFilter, match=f"takes {fewest} to {most} arguments"):
            parse(text)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("invalid filter", 14),
        ("invalid  filter that goes on", 15),
        ("userId= 'a'", 7),
        ("userId  ='a'", 9),
        ("true extra", 10),
        ("(true", 5),
        ("1 eq eq", 7),
        ("fly('a'", 7),
        ("userId eq 5 and", 15),
    ],
)
def test_what_is_no_expression_is_refused_before_what_it_means_and_says_where_that_ends(
    text: str, position: int
) -> None:
    with pytest.raises(BadFilter) as refused:
        parse(text)
    said = f"Invalid syntax for '{text}': Syntax error at position {position} in '{text}'. (Parameter 'filter')"
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "part", "why"),
    [
        # The example of the service's documentation.
        ("not length(userId) gt 5", "not length(userId)", "Type 'null', expect 'bool'."),
        ("true or not 5", "not 5", "Type 'int', expect 'bool'."),
        ("true and (userId or false)", "userId or false", "Type 'string', expect 'bool'."),
        ("'a' gt 'b' and nobody", "'a' gt 'b'", "Type 'string', expect 'int'."),
        ("fly('a') eq 1", "fly('a')", "Token 'fly('a')' is not supported."),
        ("nobody eq 'a'", "nobody eq 'a'", "Token 'nobody' is not supported."),
        ("userId", "userId", "Type 'string', expect 'bool'."),
    ],
)
def test_an_expression_that_cannot_be_names_its_part_and_the_type(text: str, part: str, why: str) -> None:
    with pytest.raises(BadFilter) as refused:
        parse(text)
    assert str(refused.value) == f"Invalid syntax for '{part}': {why} (Parameter 'filter')"


def test_a_hundred_clauses_are_fine() -> None:
    assert parse(" or ".join(f"userId eq 'u{n}'" for n in range(500)) + " or true")(connection())


def test_groups_beside_each_other_are_not_nested() -> None:
    assert parse(" and ".join(["(true)"] * 200))(connection())


WORDS = ["userId", "groups", "'a'", "5", "null", "true", "not", "and", "or", "eq", "gt", "in", "(", ")", ",", "length"]


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join)))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    try:
        condition = parse(text)
    except BadFilter:
        return
    assert condition(connection()) in (True, False)
    assert condition(connection(user_id=None)) in (True, False)
