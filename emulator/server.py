"""Starts all parts on one port, and stops them.

REST and WebSocket share an HTTP server. At the upgrade a client's TCP connection leaves it.
"""

import asyncio
import errno
import logging
import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address

from aiohttp import web

from .address import LOOPBACK, Addresses, as_address
from .aiohttp_internals import QUOTING_ERRORS, HttpServer
from .client_request import CLIENT_PATH
from .configuration import Settings
from .handshake import Handshake
from .log import Log
from .nowhere import Nowhere
from .observer import Observer
from .rest.endpoint import RestEndpoint
from .service import Service
from .sites import is_known_host
from .upstream.events import Events
from .upstream.identity import Signer
from .upstream.webhook import WebhookClient
from .websocket import Sockets
from .window.endpoint import Window

# A token is in the request line, and may have a role for each of many groups.
MAX_LINE_BYTES = 64 * 1024
BACKLOG = 1024
# How often to check whether pings have been turned on.
PING_PAUSE_SECONDS = 5


class Server:
    """A running stand-in: ``async with Server(settings, log) as server``."""

    def __init__(self, settings: Settings, log: Log, host: str = "127.0.0.1", port: int = 8080) -> None:
        self._settings, self._log = settings, log
        self._host, self._wanted_port = host, port
        self._listeners: list[asyncio.Server] = []
        self.port = 0
        # Replaced once the port is known.
        self.addresses = Addresses(host, host, self.port, settings.endpoint)

    @property
    def endpoint(self) -> str:
        """The service's base URL."""
        return self.addresses.endpoint

    @property
    def connection_string(self) -> str:
        """The connection string for SDKs."""
        return f"Endpoint={self.endpoint};AccessKey={self._settings.access_keys[0]};Version=1.0;"

    async def __aenter__(self) -> "Server":
        """Starts listening; raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        sockets = bound_sockets(self._host, self._wanted_port)
        bound_to, self.port, *_ = sockets[0].getsockname()
        self.addresses = Addresses(self._host, bound_to, self.port, self._settings.endpoint)
        self._webhooks = WebhookClient(self.addresses.origins, self.addresses.aliases, self._settings.limits, self._log)
        self._signer = Signer(self.endpoint, self._settings.identity)
        self._events = Events(self._settings, self._webhooks, self._signer, self._log)
        self.service = Service(self._settings, self._events, self._log)
        self._sockets = Sockets(loop)
        self._handshake = Handshake(self.service, self._sockets, self.addresses)
        self._rest = RestEndpoint(self.service, self.addresses)
        self._window = Window(self.service, self._observe, self.addresses)
        self._nowhere = Nowhere(self._log)
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
        """Closes clients with 1001, sends their ``disconnected`` events and frees the port."""
        for listener in self._listeners:
            listener.close()
        self._pinging.cancel()
        await self._window.close()
        await asyncio.gather(self.service.shut_down(), self._sockets.wait_closed(self._settings.limits.closing_seconds))
        await self._http.shutdown(timeout=0.5)
        await self._webhooks.close()

    def apply(self, settings: Settings) -> None:
        """Puts other settings into effect. Clients stay connected, and their sockets keep their limits."""
        paced_anew = settings.limits.ping_seconds != self._settings.limits.ping_seconds
        self._settings = self.service.settings = self._events.settings = settings
        self._webhooks.limits, self._signer.identity = settings.limits, settings.identity
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
        path = single_slashes(request.rel_url.raw_path)
        host = request.headers.get("Host", "")
        if not is_known_host(host, (*self.addresses.names, *self._settings.allowed_hosts)):
            return self._nowhere.no_such_host(request.method, path, host)
        if path.lower().startswith("/api/"):
            return await self._rest.handle(request, path)
        if CLIENT_PATH.fullmatch(path):
            return await self._handshake.handle(request, path)
        if document := self._signer.document(path, self.addresses.base(request)):
            return web.json_response(document)
        if self._window.answers(path):
            return await self._window.handle(request, path)
        return self._nowhere.answer(request.method, path)

    def _observe(self, observer: Observer | None) -> None:
        self.service.observer = self._webhooks.observer = observer


def single_slashes(path: str) -> str:
    """A path with single slashes, as gateways normalize it: endpoints are often written with a slash at the end."""
    return re.sub("/{2,}", "/", path)


def other_loopback(host: str) -> str | None:
    """The other address to bind, so that ``localhost`` reaches the stand-in over IPv4 and IPv6."""
    address = as_address("127.0.0.1" if host == "localhost" else host)
    if isinstance(address, IPv4Address):
        return "::1" if address.is_unspecified or host in LOOPBACK else None
    return str(IPv4Address(0)) if address is not None and address.is_unspecified else None


def bound_sockets(host: str, port: int) -> Sequence[socket.socket]:
    """Sockets bound to ``host`` and to ``other_loopback(host)``; raises OSError."""
    first = bind(socket.AF_INET6 if ":" in host else socket.AF_INET, host, port)
    other = other_loopback(host)
    if other is None:
        return [first]
    try:
        return [first, bind(socket.AF_INET6 if ":" in other else socket.AF_INET, other, first.getsockname()[1])]
    except OSError as error:
        if error.errno == errno.EADDRINUSE and port:
            # Otherwise clients that try the other address first would reach another program.
            first.close()
            raise
        return [first]


def bind(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    """A bound socket whose port can be reused at once after a restart."""
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
    """A logger for the HTTP server that writes one line in place of a traceback."""

    class OneLine(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info[1] if record.exc_info else None
            detail = "" if error is None or isinstance(error, QUOTING_ERRORS) else f": {error}"
            log.write("http", f"HTTP: {record.getMessage()}{f' ({type(error).__name__}{detail})' if error else ''}")

    logger = logging.Logger(f"{__package__}.http", logging.WARNING)
    logger.addHandler(OneLine())
    return logger
