"""Reads a client's HTTP request: hub, query, handshake key, sub-protocols. Tokens are not verified here."""

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from aiohttp import web

from .names import is_hub

CLIENT_PATH = re.compile(r"/client(?:/(?:hubs(?:/(?P<hub>[^/]+))?)?)?/?", re.IGNORECASE)
SUBPROTOCOL_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class UpgradeRefused(Exception):
    """The request gets an HTTP error instead of an upgrade."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Query:
    """A request's query. Names are case-insensitive, and the last of repeated values counts."""

    def __init__(self, text: str) -> None:
        self.all = parse_qs(text, keep_blank_values=True, errors="replace", max_num_fields=1000)
        self._last = {name.lower(): values[-1] for name, values in self.all.items()}

    def __getitem__(self, name: str) -> str:
        return self._last.get(name, "")


@dataclass(frozen=True)
class ClientRequest:
    """A WebSocket upgrade request on a client path: its handshake key and the sub-protocols it offers among others."""

    http: web.BaseRequest
    hub: str
    query: Query
    key: str
    offered: list[str]

    def header(self, name: str) -> str:
        """A header; empty if it is missing."""
        return self.http.headers.get(name, "")

    @property
    def token(self) -> str:
        """The access token from the query or else from the ``Authorization`` header; empty if there is none."""
        scheme, _, bearer = self.header("Authorization").partition(" ")
        return self.query["access_token"] or (bearer if scheme.lower() == "bearer" else "")


def read_request(request: web.BaseRequest, path: str, hub_characters: int) -> ClientRequest:
    """Reads a request whose path matches ``CLIENT_PATH``. Raises UpgradeRefused."""
    try:
        query = Query(request.rel_url.raw_query_string)
    except ValueError:
        raise UpgradeRefused(400, "The query has too many parameters") from None
    hub = hub_of(path, query, hub_characters)
    key = handshake_key(request)
    return ClientRequest(request, hub, query, key, offered_subprotocols(request))


def hub_of(path: str, query: Query, most: int) -> str:
    """The hub from a path that matches ``CLIENT_PATH`` or from the query; raises UpgradeRefused."""
    match = CLIENT_PATH.fullmatch(path)
    hub = unquote((match and match["hub"]) or "") or query["hub"]
    if not is_hub(hub, most):
        text = f"The hub is missing or invalid: it must be a letter, then up to {most - 1} letters, digits or _`,.[]"
        raise UpgradeRefused(400, text)
    return hub


def handshake_key(request: web.BaseRequest) -> str:
    """The key of a WebSocket upgrade request; raises UpgradeRefused for any other request."""
    headers = request.headers
    connection = {token.strip().lower() for token in ",".join(headers.getall("Connection", [])).split(",")}
    if request.method != "GET" or headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in connection:
        raise UpgradeRefused(400, "This is a WebSocket endpoint: send a WebSocket upgrade request")
    if headers.get("Sec-WebSocket-Version") != "13":
        raise UpgradeRefused(400, "Sec-WebSocket-Version must be 13")
    key = headers.get("Sec-WebSocket-Key", "")
    try:
        valid = len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        valid = False
    if not valid:
        raise UpgradeRefused(400, "Sec-WebSocket-Key must be 16 bytes in base64")
    return key


def offered_subprotocols(request: web.BaseRequest) -> list[str]:
    """The sub-protocols that the client offers, in its order; raises UpgradeRefused."""
    names = ",".join(request.headers.getall("Sec-WebSocket-Protocol", [])).split(",")
    offered = [name.strip() for name in names if name.strip()]
    if not all(map(SUBPROTOCOL_NAME.fullmatch, offered)):
        raise UpgradeRefused(400, "Sec-WebSocket-Protocol must be a list of names without spaces and separators")
    return offered
