"""Puts the parts together on one port, and takes them down again.

REST and WebSocket share the HTTP server; a client's TCP connection leaves it at the upgrade.
"""

import asyncio
import errno
import logging
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from emulator.configuration import Settings
from emulator.handshake import Handshake
from emulator.http_connection import HttpServer
from emulator.log import Log
from emulator.observer import Observer
from emulator.rest.endpoint import Endpoint
from emulator.service import Service
from emulator.upstream.delivery import Delivery
from emulator.upstream.events import Events
from emulator.upstream.identity import Signer
from emulator.websocket import Sockets
from emulator.window.endpoint import Window

# A client's token carries a role per group and stands in the request line.
MAX_LINE_BYTES = 64 * 1024
BACKLOG = 1024
# How often to look whether clients are to be pinged, where they are not.
PING_PAUSE_SECONDS = 5
# What the WebHook-Request-Origin header says: the host without its port, as Microsoft's emulator sends it.
ORIGIN = "localhost"


class Server:
    """A running stand-in: ``async with Server(settings, log) as server``."""

    def __init__(self, settings: Settings, log: Log, host: str = "127.0.0.1", port: int = 8080) -> None:
        self._settings, self._log = settings, log
        self._host, self._wanted_port = host, port
        self._listeners: list[asyncio.Server] = []
        self.port = 0

    @property
    def endpoint(self) -> str:
        """The service's base URL."""
        name = "localhost" if is_loopback(self._host) else self._host
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}"

    @property
    def connection_string(self) -> str:
        """What SDKs connect with."""
        return f"Endpoint={self.endpoint};AccessKey={self._settings.access_keys[0]};Version=1.0;"

    async def __aenter__(self) -> "Server":
        """Listens; raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        sockets = bound(self._host, self._wanted_port)
        self.port = sockets[0].getsockname()[1]
        hosts = [f"{name}:{self.port}" for name in ("localhost", "127.0.0.1")]
        # A handler that is told an endpoint to trust, as the express middleware is, names it with its port.
        self._delivery = Delivery(ORIGIN, self._settings.limits, self._log, [*hosts, urlsplit(self.endpoint).netloc])
        self._signer = Signer(self.endpoint, self._settings.identity)
        self._events = Events(self._settings, self._delivery, self._signer, self._log)
        self.service = Service(self._settings, self._events, self._log)
        self._sockets = Sockets(loop)
        self._handshake = Handshake(self.service, self._sockets, hosts)
        self._endpoint = Endpoint(self.service, hosts)
        self._window = Window(self.service, self._observe, self._host)
        self._http = HttpServer(
            self._dispatch,
            header_seconds=lambda: self._settings.limits.header_seconds,
            access_log=None,
            logger=one_line_logger(self._log),
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
            keepalive_timeout=75,
        )
        for listening in sockets:
            self._listeners.append(await loop.create_server(self._http, sock=listening, backlog=BACKLOG))
        self._pinging = loop.create_task(self._ping())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Closes clients with 1001, tells their handlers, and lets go of the port."""
        for listener in self._listeners:
            listener.close()
        self._pinging.cancel()
        await self._window.close()
        await asyncio.gather(self.service.shut_down(), self._sockets.wait_closed(self._settings.limits.closing_seconds))
        await self._http.shutdown(timeout=0.5)
        await self._delivery.close()

    def apply(self, settings: Settings) -> None:
        """Goes on with other settings; clients stay. Limits of a socket are those it was opened with."""
        paced_anew = settings.limits.ping_seconds != self._settings.limits.ping_seconds
        self._settings = self.service.settings = self._events.settings = settings
        self._delivery.limits, self._signer.identity = settings.limits, settings.identity
        if paced_anew:
            self._pinging.cancel()
            self._pinging = asyncio.get_running_loop().create_task(self._ping())

    async def _ping(self) -> None:
        while True:
            seconds = self._settings.limits.ping_seconds
            await asyncio.sleep(seconds or PING_PAUSE_SECONDS)
            if seconds:
                await self._sockets.ping()

    async def _dispatch(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if path.startswith("/api/"):
            return await self._endpoint.handle(request)
        if path.startswith("/client"):
            return await self._handshake.handle(request)
        if document := self._signer.document(path):
            return web.json_response(document)
        if self._window.answers(path):
            return await self._window.handle(request)
        return web.Response(status=404, text="Clients connect at /client/hubs/{hub}; the REST API is under /api/hubs/")

    def _observe(self, observer: Observer | None) -> None:
        self.service.observer = self._delivery.observer = observer


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine alone."""
    return host in ("127.0.0.1", "::1", "localhost")


def bound(host: str, port: int) -> Sequence[socket.socket]:
    """Sockets bound to ``host``; for the loopback on IPv4 and, where there is one, IPv6, since browsers try either.

    Raises OSError.
    """
    first = bind(socket.AF_INET6 if ":" in host else socket.AF_INET, host, port)
    if host not in ("127.0.0.1", "localhost"):
        return [first]
    try:
        return [first, bind(socket.AF_INET6, "::1", first.getsockname()[1])]
    except OSError as error:
        if error.errno == errno.EADDRINUSE and port:
            # A client that tries IPv6 first would talk to another program.
            first.close()
            raise
        return [first]


def bind(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    """A bound socket that can be reused at once after a restart."""
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def one_line_logger(log: Log) -> logging.Logger:
    """A logger for the HTTP server that turns its tracebacks into one line."""

    class OneLine(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info[1] if record.exc_info else None
            # What cannot be parsed is quoted in the error's text, and a token stands in the request line.
            unreadable = isinstance(error, (HttpProcessingError, web.RequestPayloadError))
            detail = "" if error is None or unreadable else f": {error}"
            log.write("http", f"HTTP: {record.getMessage()}{f' ({type(error).__name__}{detail})' if error else ''}")

    logger = logging.Logger("emulator.http", logging.WARNING)
    logger.addHandler(OneLine())
    return logger
