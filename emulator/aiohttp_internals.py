"""All code that relies on how aiohttp works inside, which its documentation does not promise. No other module does.

A new version of aiohttp may break this module and nothing else. ``make test-newest-aiohttp`` runs its tests
(``tests/emulator/test_aiohttp_internals.py``) against the newest version.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError

HEADERS_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# Errors that quote the request, which may contain a token.
QUOTING_ERRORS = (HttpProcessingError, web.RequestPayloadError)


class HttpConnection(web.RequestHandler):
    """An HTTP connection, with a time-out for the headers of a request. aiohttp itself limits only idle time."""

    __slots__ = ("_deadline", "_seconds")

    def __init__(self, *args: Any, seconds: float, **options: Any) -> None:
        super().__init__(*args, **options)
        self._seconds = seconds
        self._deadline: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Starts the time-out with the first byte of a request and stops it with the last byte of its headers."""
        super().data_received(data)
        if not self._is_in_headers():
            self._stop_timer()
        elif self._deadline is None:
            self._deadline = asyncio.get_running_loop().call_later(self._seconds, self._time_out)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The connection was closed, or taken over by another protocol."""
        self._stop_timer()
        super().connection_lost(exc)

    def _is_in_headers(self) -> bool:
        if self._waiter is None:
            # Either a request is being answered, or aiohttp's task has not started yet and no request is complete.
            return self._request_count == 0
        return not self._waiter.done()

    def _stop_timer(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _time_out(self) -> None:
        self._deadline = None
        self.logger.warning("the headers of a request did not arrive within %g s", self._seconds)
        if self.transport is not None:
            self.transport.write(HEADERS_TIMED_OUT)
        self.force_close()


class HttpServer(web.Server):
    """The HTTP server. ``header_seconds`` is called for each new connection, so the time-out may change."""

    def __init__(self, *args: Any, header_seconds: Callable[[], float], **options: Any) -> None:
        super().__init__(*args, **options)
        self._header_seconds = header_seconds

    def __call__(self) -> web.RequestHandler:
        """The protocol of a new connection."""
        return HttpConnection(self, loop=self._loop, seconds=self._header_seconds(), **self._kwargs)


class ConnectionGone(Exception):
    """The client closed its connection before the upgrade."""


class TakeOver:
    """Takes a request's TCP connection away from aiohttp, which then frees its own objects for it.

    From the start of the take-over on aiohttp parses nothing more; ``finish`` hands the connection to a protocol.
    """

    def __init__(self, request: web.BaseRequest) -> None:
        """Raises ConnectionGone."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionGone
        self.transport = transport
        self._http = request.protocol
        # What the client sent behind its request without waiting for the answer.
        self._early = bytearray()
        self._http.set_parser(self)  # type: ignore[arg-type] # only feed_data and feed_eof are called

    def finish(self, protocol: asyncio.Protocol) -> web.StreamResponse:
        """Makes ``protocol`` the owner of the connection; returns what the request's handler has to return."""
        self.transport.set_protocol(protocol)
        # Without a transport aiohttp ends the request's task without an error and leaves the connection open.
        self._http.transport = None
        self._http.connection_lost(None)
        self.transport.resume_reading()
        if self._early:
            protocol.data_received(bytes(self._early))
        return web.Response()

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Called by aiohttp: keeps ``data`` for the protocol."""
        self._early += data
        return False, b""

    def feed_eof(self) -> None:
        """Called by aiohttp when it lets go of the connection."""


async def send_continue(request: web.BaseRequest) -> None:
    """Answers ``Expect: 100-continue``, without which such a client does not send its body."""
    if request.headers.get("Expect", "").lower() == "100-continue" and request.version >= HttpVersion11:
        await request.writer.write(CONTINUE)
        # Otherwise aiohttp believes that it has sent the response already.
        request.writer.output_size = 0
