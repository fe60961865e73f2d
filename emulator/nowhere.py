"""Paths where there is nothing: what is said to a caller, and once to the log, however often it comes again.

A client of another protocol tries again for ever, and whoever started it looks into the log of the stand-in.
"""

import re

from aiohttp import web

from .log import Log

# Further unknown paths are not worth a line each.
PATHS_LOGGED = 20
HINT = "Clients connect at /client/hubs/{hub}; the REST API is under /api/hubs/"
UNSUPPORTED_PATHS = (
    (re.compile(r"/clients/socketio(/|$)|/socket\.io(/|$)", re.IGNORECASE), "Socket.IO clients are not supported"),
    (
        re.compile(r"/server(/|$)", re.IGNORECASE),
        "Socket.IO servers (@azure/web-pubsub-socket.io) and the tunnel (awps-tunnel) are not supported",
    ),
    (re.compile(r"/clients/mqtt(/|$)", re.IGNORECASE), "MQTT clients are not supported"),
    (
        re.compile(r"/(.*/)?negotiate$", re.IGNORECASE),
        "This is no SignalR service, and an application's own negotiate path is not here",
    ),
)


class Nowhere:
    """Answers what nothing else does."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._said: set[str] = set()
        self._paths = 0

    def answer(self, method: str, path: str) -> web.Response:
        """404, with what is not supported where the path tells."""
        why = next((text for pattern, text in UNSUPPORTED_PATHS if pattern.match(path)), None)
        self._say_once(why or path, method, path, why or "there is nothing here")
        return web.Response(status=404, text=f"{why}.\n" if why else f"{HINT}\n")

    def no_such_host(self, method: str, path: str, host: str) -> web.Response:
        """403 for a name that is not the stand-in's: a site may have made its name point here."""
        why = f"this stand-in is not known as {host[:100]!r}: --allowed-host (AllowedHosts) or --endpoint says so"
        self._log.write("refused", f"{method} {path}: 403: {why}", method=method, path=path, status=403)
        return web.Response(status=403, text=f"{why}.\n")

    def _say_once(self, kind: str, method: str, path: str, why: str) -> None:
        if kind in self._said:
            return
        last = False
        if kind == path:
            if self._paths > PATHS_LOGGED:
                return
            self._paths += 1
            last = self._paths > PATHS_LOGGED
        self._said.add(kind)
        text = f"{method} {path}: 404: {why} ({'more unknown paths are not logged' if last else 'said once'})"
        self._log.write("nowhere", text, method=method, path=path, status=404)
