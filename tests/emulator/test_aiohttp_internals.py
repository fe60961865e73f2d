"""What the stand-in relies on inside aiohttp, which does not promise it: alone, so that any version can be tried.

``make test-newest-aiohttp`` runs this file with the newest version. It therefore needs nothing but aiohttp and pytest.
"""

import asyncio
import gc
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from aiohttp import web

from emulator.aiohttp_internals import (
    QUOTING_ERRORS,
    ConnectionGone,
    HttpConnection,
    HttpServer,
    TakeOver,
    send_continue,
)

WAIT_SECONDS = 20
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
UPGRADE = b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

Found = TypeVar("Found")
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Client:
    """A client of bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def close(self) -> None:
        self.writer.transport.abort()

    async def head(self) -> bytes:
        """The status line and the headers of the next response."""
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WAIT_SECONDS)

    async def rest(self) -> bytes:
        """Everything until the server closes the connection."""
        return await asyncio.wait_for(self.reader.read(), WAIT_SECONDS)


class Running:
    """An HTTP server on a free port, and what it logged."""

    def __init__(self, handler: Handler, header_seconds: float) -> None:
        self.log: list[str] = []
        self.errors: list[BaseException | None] = []
        logger = logging.Logger("test", logging.WARNING)
        logger.addFilter(self._keep)
        self.http = HttpServer(handler, header_seconds=lambda: header_seconds, access_log=None, logger=logger)
        self.port = 0
        self.clients: list[Client] = []

    def _keep(self, record: logging.LogRecord) -> bool:
        self.log.append(record.getMessage())
        self.errors.append(record.exc_info[1] if record.exc_info else None)
        return False

    async def connect(self, first: bytes = b"") -> Client:
        """A client whose ``first`` bytes have arrived before the server has accepted the connection."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.sendall(first)
        client = Client(*await asyncio.open_connection(sock=connection))
        self.clients.append(client)
        return client


@asynccontextmanager
async def serving(handler: Handler, header_seconds: float = 30) -> AsyncIterator[Running]:
    running = Running(handler, header_seconds)
    listener = await asyncio.get_running_loop().create_server(running.http, "127.0.0.1", 0)
    running.port = listener.sockets[0].getsockname()[1]
    try:
        yield running
    finally:
        listener.close()
        for client in running.clients:
            client.close()
        await running.http.shutdown(timeout=0.5)


async def eventually(read: Callable[[], Found]) -> Found:
    """What ``read`` returns once that counts as true."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not (found := read()):  # noqa: ASYNC110 # the state of another's object has no event
            await asyncio.sleep(0)
        return found


async def hello(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(text="hello")


class Echo(asyncio.Protocol):
    """Sends back what it gets, in capitals; says when the connection is gone."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.gone = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.transport.write(data.upper())

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()


class Taker:
    """A handler that takes every connection over."""

    def __init__(self) -> None:
        self.echoes: list[Echo] = []

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        take_over = TakeOver(request)
        take_over.transport.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        self.echoes.append(Echo(take_over.transport))
        return take_over.finish(self.echoes[-1])


@pytest.mark.parametrize("before", [b"", REQUEST], ids=["the first request", "a later request"])
async def test_headers_that_do_not_end_are_408_and_the_connection_is_closed(before: bytes) -> None:
    async with serving(hello, header_seconds=0.05) as server:
        client = await server.connect(before or REQUEST[:20])
        if before:
            assert (await client.head()).startswith(b"HTTP/1.1 200 ")
            assert await client.reader.readexactly(5) == b"hello"
            client.writer.write(REQUEST[:20])
        assert (await client.rest()).startswith(b"HTTP/1.1 408 ")
        assert server.log == ["the headers of a request did not arrive within 0.05 s"]


async def test_headers_that_begin_before_aiohttp_waits_for_them_have_the_time_out_too() -> None:
    """uvloop reads a socket in the same turn of the event loop in which it accepts it."""
    async with serving(hello) as server:
        connection = server.http()
        assert isinstance(connection, HttpConnection)

        class Early(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                connection.connection_made(transport)
                connection.data_received(REQUEST[:20])

        ours, theirs = socket.socketpair()
        with theirs:
            transport, _ = await asyncio.get_running_loop().connect_accepted_socket(Early, ours)
            assert connection._deadline is not None
            connection.connection_lost(None)
            assert connection._deadline is None
            transport.abort()


async def test_the_time_out_for_headers_ends_with_them_however_long_the_answer_takes() -> None:
    answering, answer = asyncio.Event(), asyncio.Event()

    async def slow(_: web.BaseRequest) -> web.StreamResponse:
        answering.set()
        await answer.wait()
        return web.Response()

    async with serving(slow) as server:
        client = await server.connect(REQUEST[:20])
        connection = await eventually(lambda: next(iter(server.http.connections), None))
        assert isinstance(connection, HttpConnection)
        await eventually(lambda: connection._deadline)
        client.writer.write(REQUEST[20:])
        await asyncio.wait_for(answering.wait(), WAIT_SECONDS)
        assert connection._deadline is None
        # Nor does it begin anew for bytes of a body, or of the next request, that come while this one is answered.
        connection.data_received(REQUEST[:20])
        assert connection._deadline is None
        answer.set()
        assert (await client.head()).startswith(b"HTTP/1.1 200 ")


async def test_a_connection_on_which_nothing_is_asked_has_no_time_out_for_headers() -> None:
    async with serving(hello) as server:
        client = await server.connect(REQUEST)
        await client.head()
        (connection,) = server.http.connections
        assert isinstance(connection, HttpConnection) and connection._deadline is None


@pytest.mark.parametrize(
    "behind", [b"", b"early", b"much" * 20_000], ids=["nothing", "a little", "more than aiohttp buffers"]
)
async def test_a_connection_that_is_taken_over_gets_what_came_behind_the_request_and_is_aiohttps_no_more(
    behind: bytes,
) -> None:
    taker = Taker()
    async with serving(taker) as server:
        client = await server.connect(UPGRADE + behind)
        assert (await client.head()).startswith(b"HTTP/1.1 101 ")
        client.writer.write(b" and late")
        expected = behind.upper() + b" AND LATE"
        assert await asyncio.wait_for(client.reader.readexactly(len(expected)), WAIT_SECONDS) == expected
        assert server.http.connections == []
        gc.collect()
        assert not [one for one in gc.get_objects() if isinstance(one, HttpConnection)]
        client.writer.close()
        await asyncio.wait_for(taker.echoes[0].gone.wait(), WAIT_SECONDS)
        # Neither a second response nor a traceback about the request that never got one.
        assert await client.rest() == b"" and server.log == []


async def test_a_connection_that_is_taken_over_outlives_the_http_server() -> None:
    async with serving(Taker()) as server:
        client = await server.connect(UPGRADE)
        await client.head()
        await server.http.shutdown(timeout=0.5)
        client.writer.write(b"still here")
        assert await asyncio.wait_for(client.reader.readexactly(10), WAIT_SECONDS) == b"STILL HERE"


async def test_a_connection_that_is_gone_cannot_be_taken_over() -> None:
    told: asyncio.Future[type[BaseException]] = asyncio.get_running_loop().create_future()

    asked = asyncio.Event()

    async def late(request: web.BaseRequest) -> web.StreamResponse:
        asked.set()
        await eventually(lambda: request.transport is None or request.transport.is_closing())
        try:
            TakeOver(request)
        except ConnectionGone as gone:
            told.set_result(type(gone))
        return web.Response()

    async with serving(late) as server:
        client = await server.connect(UPGRADE)
        await asyncio.wait_for(asked.wait(), WAIT_SECONDS)
        client.close()
        assert await asyncio.wait_for(told, WAIT_SECONDS) is ConnectionGone


async def test_a_client_that_waits_for_100_continue_sends_its_body_and_is_answered() -> None:
    async def read(request: web.BaseRequest) -> web.StreamResponse:
        await send_continue(request)
        return web.Response(body=await request.read())

    async with serving(read) as server:
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        client = await server.connect(head)
        assert await client.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.writer.write(b"body")
        assert (await client.head()).startswith(b"HTTP/1.1 200 ")
        assert await client.reader.readexactly(4) == b"body"


async def test_after_100_continue_a_handler_that_fails_is_still_answered_for() -> None:
    async def fail(request: web.BaseRequest) -> web.StreamResponse:
        await send_continue(request)
        raise ValueError

    async with serving(fail) as server:
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        client = await server.connect(head)
        assert await client.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert (await client.head()).startswith(b"HTTP/1.1 500 ")


async def test_an_error_that_quotes_a_request_is_known_as_one() -> None:
    async with serving(hello) as server:
        client = await server.connect(b"GET /?access_token=hush HTTP/9 9\r\n\r\n")
        assert (await client.head()).split()[1] == b"400"
    assert server.errors and all(isinstance(error, QUOTING_ERRORS) for error in server.errors)
