"""The window over HTTP: the page and its files, the event stream, and the actions.

It applies the rules of ``access`` and sets the page's security headers. The recorder records only while a window is
open.
"""

import asyncio
from collections.abc import Callable
from importlib.resources import files
from urllib.parse import parse_qs

import msgspec
from aiohttp import web

from ..address import Addresses, peer
from ..observer import Observer
from ..rest.endpoint import body_of
from ..rest.errors import ApiError
from ..service import Service
from . import access, stream
from .actions import ACTIONS
from .recorder import Recorder

WINDOW_PREFIX = "/window/"
WINDOWS_MAX = 10
FIND_MAX_CHARACTERS = 200
# A page that is reloaded, or shows another hub, soon opens a new stream. What was recorded stays that long.
FORGET_SECONDS = 5
INDEX_FILE = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

SetObserver = Callable[[Observer | None], None]


class Window:
    """Answers ``/`` and everything under ``/window/``."""

    def __init__(self, service: Service, set_observer: SetObserver, addresses: Addresses) -> None:
        """``set_observer`` sets or removes the observer of the stand-in."""
        self._service, self._set_observer, self._addresses = service, set_observer, addresses
        self._recorder = Recorder()
        self._open: set[asyncio.Task[None]] = set()
        self._forgetting: asyncio.TimerHandle | None = None

    def answers(self, path: str) -> bool:
        """Whether the window answers a path."""
        return path in ("/", "/window") or path.startswith(WINDOW_PREFIX)

    async def handle(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Answers one request."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        name = "" if path == "/window" else path.removeprefix(WINDOW_PREFIX).removeprefix("/")
        try:
            names = (*self._addresses.names, *self._service.settings.allowed_hosts)
            if not access.is_own_host(headers.get("host", ""), *names):
                raise ApiError(
                    403, "Error.Forbidden", "Open the window under localhost or the address of this machine."
                )
            if name in ACTIONS:
                return await self._act(request, name, headers)
            if request.method not in ("GET", "HEAD"):
                raise ApiError(405, "Error.MethodNotAllowed", "This path allows GET, HEAD.")
            if name == "stream":
                return await self._stream(request, headers)
            return page_file(name or INDEX_FILE)
        except ApiError as error:
            what = f"window: {request.method} /{name} refused with {error.status}: {error.message}"
            self._service.log.write("window", what, status=error.status)
            text = f"{error.message}\n"
            return web.Response(status=error.status, text=text, headers=HEADERS)

    async def close(self) -> None:
        """Ends every stream."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        if self._forgetting is not None:
            self._forgetting.cancel()

    async def _act(self, request: web.BaseRequest, name: str, headers: dict[str, str]) -> web.Response:
        if request.method != "POST":
            raise ApiError(405, "Error.MethodNotAllowed", "This path allows POST.")
        # A page of another site cannot send this type without a CORS preflight, which is not answered.
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise ApiError(415, "Error.UnsupportedMediaType", "Content-Type must be application/json.")
        require_own_page(headers)
        if not self._is_local(request, headers):
            raise ApiError(403, "Error.Forbidden", "Only possible on the machine that the stand-in runs on.")
        body = await body_of(request, self._service.settings.limits)
        answer = ACTIONS[name](self._service, body, self._addresses.base(request))
        return web.Response(
            body=msgspec.json.encode(answer),
            headers={**HEADERS, "Content-Type": "application/json", "Cache-Control": "no-store"},
        )

    async def _stream(self, request: web.BaseRequest, headers: dict[str, str]) -> web.StreamResponse:
        require_own_page(headers)
        if len(self._open) >= WINDOWS_MAX:
            raise ApiError(503, "Error.TooManyWindows", f"{WINDOWS_MAX} windows are open: close one.")
        query = parse_qs(request.rel_url.raw_query_string, max_num_fields=10)
        hub, find = (query.get(name, [""])[-1][:FIND_MAX_CHARACTERS] for name in ("hub", "find"))
        view = stream.View(hub, find, contents=self._is_local(request, headers))
        response = web.StreamResponse(
            headers={**HEADERS, "Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        self._listen()
        task = asyncio.ensure_future(stream.run(request, response, self._service, self._recorder, view))
        self._open.add(task)
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            self._open.discard(task)
            if not self._open:
                self._forgetting = asyncio.get_running_loop().call_later(FORGET_SECONDS, self._forget)
        return response

    def _listen(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._set_observer(self._recorder)

    def _forget(self) -> None:
        self._set_observer(None)
        self._recorder.clear()
        self._service.log.write("window", "window: the last window was closed")

    def _is_local(self, request: web.BaseRequest, headers: dict[str, str]) -> bool:
        return access.is_local(peer(request), headers)


def require_own_page(headers: dict[str, str]) -> None:
    """Raises ApiError for a request from another site's page."""
    if not access.is_same_site_only(headers):
        raise ApiError(403, "Error.Forbidden", "Only the window's own page may request this.")


def page_file(name: str) -> web.Response:
    """The page, or one of its files; raises ApiError."""
    folder = files(__package__) / "static"
    found = next((file for file in folder.iterdir() if file.name == name), None)
    kind = TYPES.get(name[name.rfind(".") :])
    if found is None or kind is None:
        raise ApiError(404, "Error.NotFound", "The window has no such page.")
    headers = {**HEADERS, "Content-Type": kind, "Cache-Control": "no-cache"}
    return web.Response(body=found.read_bytes(), headers=headers)
