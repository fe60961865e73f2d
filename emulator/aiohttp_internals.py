"""HTTP connections as aiohttp has them, with a bound on how long the headers of a request may take.

aiohttp bounds only how long nothing is asked, which is longer. Must not know what is asked for.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class HttpConnection(web.RequestHandler):
    """One connection until a client's socket takes it over."""

    __slots__ = ("_deadline", "_seconds")

    def __init__(self, *args: Any, seconds: float, **options: Any) -> None:
        super().__init__(*args, **options)
        self._seconds = seconds
        self._deadline: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """The time runs from the first byte of a request to the last of its headers."""
        super().data_received(data)
        if not self._is_in_headers():
            self._stop_waiting()
        elif self._deadline is None:
            self._deadline = asyncio.get_running_loop().call_later(self._seconds, self._give_up)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The connection is gone, or has become a client's."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_in_headers(self) -> bool:
        if self._waiter is None:
            # A request is being answered, or the first bytes came before aiohttp has begun to wait for them.
            return self._request_count == 0
        return not self._waiter.done()

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.logger.warning("the headers of a request did not come within %g s", self._seconds)
        if self.transport is not None:
            self.transport.write(TOO_LATE)
        self.force_close()


class HttpServer(web.Server):
    """Makes the connections; ``header_seconds`` is asked anew for each."""

    def __init__(self, *args: Any, header_seconds: Callable[[], float], **options: Any) -> None:
        super().__init__(*args, **options)
        self._header_seconds = header_seconds

    def __call__(self) -> web.RequestHandler:
        """A connection that has just been made."""
        return HttpConnection(self, loop=self._loop, seconds=self._header_seconds(), **self._kwargs)
