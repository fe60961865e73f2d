"""HTTP requests that nobody should send: broken lines, headers and bodies, in parts, together, one inside another."""

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.emulator.clients import rest_token
from tests.emulator.fuzzing.conftest import Target
from tests.emulator.fuzzing.wire import Stream

SEND = "/api/hubs/fuzz/:send"
CLOSE_ALL = "/api/hubs/chat/:closeConnections"
HEAD = b"HOST\r\nTOKEN\r\nContent-Type: text/plain\r\n"
POST = b"POST " + SEND.encode() + b" HTTP/1.1\r\n"
LAST = b"Connection: close\r\nContent-Length: 2\r\n\r\nhi"
# What another request would do, if it were one: it ends the bystander.
INSIDE = b"POST " + CLOSE_ALL.encode() + b" HTTP/1.1\r\nHOST\r\nCLOSE_TOKEN\r\nContent-Length: 0\r\n\r\n"
# What is sent, and the statuses that must answer it; none: the connection is closed without a word.
SEEDS: dict[str, tuple[bytes, list[int]]] = {
    "a call that is right": (POST + HEAD + LAST, [202]),
    "two calls together": (POST + HEAD + b"Content-Length: 2\r\n\r\nhi" + POST + HEAD + LAST, [202, 202]),
    "chunks": (POST + HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", [202]),
    "nothing": (b"", []),
    "an empty line": (b"\r\n\r\n", []),
    "half a line": (b"GET /api", []),
    "half a header": (POST + b"Hos", []),
    "half a body": (POST + HEAD + b"Content-Length: 5\r\n\r\nhi", []),
    "no request": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400]),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "HTTP/9.9": (b"GET / HTTP/9.9\r\nHOST\r\n\r\n", [400]),
    "no version": (b"GET /nothing\r\n\r\n", [404]),
    "no path": (b"GET  HTTP/1.1\r\n\r\n", [400]),
    "a control character in the path": (b"GET /\x01 HTTP/1.1\r\nHOST\r\n\r\n", [400]),
    "no method": (b" / HTTP/1.1\r\nHOST\r\n\r\n", [400]),
    "a method of signs": (b"G@T / HTTP/1.1\r\nHOST\r\n\r\n", [400]),
    "a header without a colon": (POST + b"Host localhost\r\n\r\n", [400]),
    "a header without a name": (POST + b": x\r\n\r\n", [400]),
    "a space before the colon": (POST + HEAD + b"X : x\r\n\r\n", [400]),
    "a folded header": (POST + HEAD + b"X: a\r\n b\r\n" + LAST, [400]),
    "a null in a header": (POST + HEAD + b"X: a\0b\r\n" + LAST, [400]),
    "a line of 70,000 characters": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", [400]),
    "a header of 70,000 characters": (POST + b"X: " + b"a" * 70_000 + b"\r\n\r\n", [400]),
    "two lengths": (POST + HEAD + b"Content-Length: 1\r\n" + LAST, [400]),
    "a length below zero": (POST + HEAD + b"Content-Length: -1\r\n\r\n", [400]),
    "a length with a sign": (POST + HEAD + b"Content-Length: +2\r\n\r\nhi", [400]),
    "a length in words": (POST + HEAD + b"Content-Length: two\r\n\r\n", [400]),
    "a length beyond all bounds": (POST + HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", [400]),
    "a chunk whose size is no number": (
        POST + HEAD + b"Transfer-Encoding: chunked\r\n\r\nxy\r\nhi\r\n0\r\n\r\n",
        [400],
    ),
    "a chunk that is longer than it says": (
        POST + HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nhi\r\n0\r\n\r\n",
        [400],
    ),
    "a chunk of 2^64 bytes": (POST + HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhi", [400]),
    "another transfer encoding": (POST + HEAD + b"Transfer-Encoding: gzip\r\n\r\nhi", [400]),
    "a call inside one with two lengths": (
        POST + HEAD + b"Content-Length: 2\r\nContent-Length: 300\r\n\r\nhi" + INSIDE,
        [400],
    ),
    "a call inside one with length and chunks": (
        POST + HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INSIDE,
        [400],
    ),
    "a call inside one with an odd transfer encoding": (
        POST + HEAD + b"Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + INSIDE,
        [400],
    ),
    "a call inside a body": (
        POST + HEAD + b"Connection: close\r\nContent-Length: INSIDE\r\n\r\n" + INSIDE,
        [202],
    ),
    "no gzip": (POST + HEAD + b"Content-Encoding: gzip\r\n" + LAST, [400]),
    "a token of another scheme": (POST + b"HOST\r\nAuthorization: Digest x\r\n" + LAST, [401]),
    "no host": (POST + b"TOKEN\r\n" + LAST, [400]),
    "a whole URL for a path": (b"POST http://HOSTNAME" + SEND.encode() + b" HTTP/1.1\r\n" + HEAD + LAST, [202]),
    "a method nobody knows": (b"FLY" + POST[4:] + HEAD + LAST, [400]),
    "CONNECT": (b"CONNECT localhost:1 HTTP/1.1\r\nHOST\r\nConnection: close\r\n\r\n", [404]),
    "an upgrade to something else": (
        b"GET /client/hubs/chat HTTP/1.1\r\nHOST\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n",
        [400],
    ),
}


def filled(target: Target, request: bytes) -> bytes:
    """A request with the names of this stand-in and tokens for it; a right one but for what the test did to it."""
    host = urlsplit(target.endpoint).netloc.encode()
    for name, path in ((b"CLOSE_TOKEN", CLOSE_ALL), (b"TOKEN", SEND)):
        token = rest_token(target.endpoint + path)["Authorization"].encode()
        request = request.replace(name, b"Authorization: " + token)
    head, mark, inside = request.partition(b"Content-Length: INSIDE")
    if mark:
        size = len(inside.partition(b"\r\n\r\n")[2].replace(b"HOST", b"Host: " + host))
        request = head + b"Content-Length: %d" % size + inside
    return request.replace(b"HOSTNAME", host).replace(b"HOST", b"Host: " + host)


def statuses(answer: bytes) -> list[int]:
    """The statuses of answers on one connection, each of which must be whole as far as one can see from here."""
    found = [int(status) for status in re.findall(rb"HTTP/\d\.\d (\d{3}) [^\r]*\r\n", answer)]
    assert bool(found) == bool(answer), answer[:200]
    return found


# These are answered at once only where they come together with the headers, else when the time for a body is over.
BROKEN_CHUNKS = {name for name in SEEDS if name.startswith("a chunk ")}
CASES = [(name, cut) for name in SEEDS for cut in (False, True) if not (cut and name in BROKEN_CHUNKS)]


@pytest.mark.parametrize(("name", "cut"), CASES, ids=[f"{name}{', in parts' if cut else ''}" for name, cut in CASES])
def test_a_request_that_should_not_be_has_its_status_and_harms_nobody(target: Target, name: str, cut: bool) -> None:
    request, expected = SEEDS[name]
    sent = filled(target, request)
    stream = Stream(target.endpoint)
    size = max(len(sent) // 30, 1) if cut else max(len(sent), 1)
    for position in range(0, len(sent), size):
        stream.send(sent[position : position + size])
        target.bystander.exchange()
    if not expected:
        stream.say_no_more()
    answered = statuses(stream.rest())
    stream.close()
    target.unharmed()
    assert answered == expected


BREAKS = [b"\r\n", b"\n", b"\r", b"\0", b" ", b":", b"\xff", b"%", b"HTTP/1.0", b"0\r\n\r\n"]
HEADERS = [b"Content-Length: 1\r\n", b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n"]
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
PIECES = st.sampled_from([*BREAKS, *HEADERS, UPGRADE])
CHANGES = st.lists(
    st.tuples(st.integers(0, 2**16), st.integers(0, 20), st.binary(max_size=6) | PIECES), min_size=1, max_size=4
)


def changed(request: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """``request`` with some bytes taken out and others put in."""
    for place, size, piece in changes:
        position = place % (len(request) + 1)
        request = request[:position] + piece + request[position + size :]
    return request


@settings(max_examples=300)
@given(CHANGES)
@example([(0, 0, b"\r\n\r\n\r\n")])
@example([(5, 0, b"//")])
@example([(25, 0, b"Host: a b\r\n")])
@example([(25, 0, b"Host: [::1\r\n")])
@example([(25, 0, b"Connection: Upgrade\r\nUpgrade: websocket\r\nHTTP2-Settings: x\r\n")])
def test_any_change_of_a_request_is_answered_or_the_connection_closed(
    target: Target, changes: list[tuple[int, int, bytes]]
) -> None:
    stream = Stream(target.endpoint)
    stream.send(changed(filled(target, POST + HEAD + LAST), changes))
    # Whoever ends its side is not answered any more, so the answer gets a moment first.
    target.unharmed()
    stream.say_no_more()
    answered = statuses(stream.rest())
    stream.close()
    target.unharmed()
    assert all(status in (100, 202) or 400 <= status < 500 for status in answered), answered
