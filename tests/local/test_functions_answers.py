"""A function's return value reaches the browser as it would through Azure's worker and host."""

import sys

import azure.functions as func
import pytest

from local.functions.answers import Answer, BadReturnValue, answer_of
from shared.model.clock import now
from shared.trust import guests

KEY = "a-signing-key-for-tests-0123456789abcdef"


def answer(headers: list[tuple[str, str]], body: str = "", status: int = 200) -> Answer:
    response = func.HttpResponse(body, status_code=status)
    for name, value in headers:
        response.headers.add(name, value)
    return answer_of("f", response)


def cookies(*values: str) -> list[str]:
    return answer([("Set-Cookie", value) for value in values]).headers.getall("Set-Cookie", [])


@pytest.mark.parametrize("name", ["Link", "Vary", "WWW-Authenticate", "X-Own"])
def test_of_headers_of_one_name_the_last_is_left(name: str) -> None:
    assert answer([(name, "one"), (name, "two")]).headers.getall(name) == ["two"]


def test_of_headers_whose_names_differ_in_case_the_last_is_left() -> None:
    assert answer([("Vary", "one"), ("vary", "two")]).headers.getall("Vary") == ["two"]


def test_every_cookie_is_kept_and_written_anew() -> None:
    written = cookies("a=1; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure", "b=2")
    assert written == [
        "a=1; max-age=60; domain=; path=/; secure; samesite=lax; httponly",
        "b=2; domain=; path=",
    ]


@pytest.mark.parametrize(
    ("value", "escaped"),
    [("a+b", "a%2Bb"), ("a/b", "a%2Fb"), ("YQ==", "YQ%3D%3D"), ("50%25", "50%2525"), ("a.b-c_d~e", "a.b-c_d~e")],
)
def test_the_value_of_a_cookie_is_escaped_also_where_it_is_escaped_already(value: str, escaped: str) -> None:
    assert cookies(f"c={value}") == [f"c={escaped}; domain=; path="]


# Newer versions of Python's parser accept this one.
PARTITIONED = ["c=1; Secure; Partitioned"] if sys.version_info < (3, 14) else []


@pytest.mark.parametrize("value", ["c=a b", "c=ü", *PARTITIONED])
def test_a_cookie_that_the_library_cannot_read_is_lost_and_the_others_are_not(value: str) -> None:
    assert cookies(value, "b=2") == ["b=2; domain=; path="]


def test_an_attribute_that_the_library_does_not_know_becomes_a_cookie() -> None:
    assert cookies("a=1; Priority=High") == ["a=1; domain=; path=", "Priority=High; domain=; path="]


def test_an_end_of_a_cookie_is_written_as_a_date() -> None:
    assert cookies("a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT") == [
        "a=1; expires=Wed, 21 Oct 2026 07:28:00 GMT; domain=; path="
    ]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X Own", "blank in the name"),
        ("X-Own", "größer"),
        ("Location", "/größer"),
        ("Content-Length", "7"),
        ("Set-Cookie", "a/b=1"),
        ("Set-Cookie", "a=1; Expires=tomorrow"),
    ],
)
def test_what_http_cannot_carry_fails_the_call_and_the_log_does_not_tell_the_value(header: str, value: str) -> None:
    with pytest.raises(BadReturnValue) as refused:
        answer([(header, value)], "body")
    assert value not in str(refused.value)


@pytest.mark.parametrize(("mimetype", "typed"), [("text/html", "text/html; charset=utf-8"), ("image/png", "image/png")])
def test_only_texts_say_their_charset(mimetype: str, typed: str) -> None:
    assert answer_of("f", func.HttpResponse(b"x", mimetype=mimetype)).headers["Content-Type"] == typed


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_has_no_body_gets_none(status: int) -> None:
    assert answer([], "lost", status).body == b""


def test_text_is_an_answer() -> None:
    assert answer_of("f", "hello").body == b"hello"


@pytest.mark.parametrize("returned", [None, {"a": 1}, 7, b"bytes"])
def test_nothing_else_is_an_answer(returned: object) -> None:
    with pytest.raises(BadReturnValue, match=f"f returned {type(returned).__name__}"):
        answer_of("f", returned)


@pytest.mark.parametrize("secure", [False, True])
def test_a_guest_of_ours_stays_signed_in_by_what_is_left_of_the_cookie(secure: bool) -> None:
    guest = guests.new_guest("Zoë")
    [written] = cookies(guests.write_cookie(guest, [KEY], now(), secure))
    pair, *attributes = written.split("; ")
    assert guests.read_cookie(pair, [KEY], secure) == guest
    assert {"path=/", "httponly", "samesite=lax"} <= set(attributes) and ("secure" in attributes) is secure
    # Browsers refuse a name with this prefix on a cookie with a domain, and this path always adds one.
    assert not pair.startswith("__Host-")
