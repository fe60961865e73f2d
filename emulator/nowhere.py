"""Answers for unknown paths and hosts. Each kind of unknown path is logged once, however often it is requested.

Clients of other protocols retry forever; their developers look into the stand-in's log.
"""

import re

from aiohttp import web

from .log import Log

# More of them would flood the log.
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
        "This is not a SignalR service, and it does not serve an application's own negotiate path",
    ),
)


class Nowhere:
    """Answers the requests that nothing else answers."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._said: set[str] = set()
        self._paths = 0

    def answer(self, method: str, path: str) -> web.Response:
        """404; names the unsupported feature that the path belongs to, if any."""
        why = next((text for pattern, text in UNSUPPORTED_PATHS if pattern.match(path)), None)
        self._say_once(why or path, method, path, why or "there is nothing here")
        return web.Response(status=404, text=f"{why}.\n" if why else f"{HINT}\n")

    def no_such_host(self, method: str, path: str, host: str) -> web.Response:
        """403 for an unknown host name: it may be a site's name that was made to point here (DNS rebinding)."""
        why = (
            f"{host[:100]!r} is not a name of this stand-in: allow it with --allowed-host (AllowedHosts) or --endpoint"
        )
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
        text = f"{method} {path}: 404: {why} ({'further unknown paths are not logged' if last else 'logged once'})"
        self._log.write("nowhere", text, method=method, path=path, status=404)
