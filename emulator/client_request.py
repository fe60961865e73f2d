"""What a client's HTTP request asks for: its hub, its query, the upgrade, the sub-protocols. Must not know tokens."""

import base64
import binascii
import re
from urllib.parse import parse_qs, unquote

from aiohttp import web

from .names import is_hub

CLIENT_PATH = re.compile(r"/client(?:/(?:hubs(?:/(?P<hub>[^/]+))?)?)?/?", re.IGNORECASE)
SUBPROTOCOL_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class UpgradeRefused(Exception):
    """The request is answered with an HTTP status instead of an upgrade."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Query:
    """A request's query; names are compared without regard to case, and the last repeated value wins."""

    def __init__(self, text: str) -> None:
        self.all = parse_qs(text, keep_blank_values=True, errors="replace", max_num_fields=1000)
        self._last = {name.lower(): values[-1] for name, values in self.all.items()}

    def __getitem__(self, name: str) -> str:
        return self._last.get(name, "")


def hub_of(path: str, query: Query, most: int) -> str:
    """The hub, from a path for which ``CLIENT_PATH`` holds, or from the query; raises UpgradeRefused."""
    match = CLIENT_PATH.fullmatch(path)
    hub = unquote((match and match["hub"]) or "") or query["hub"]
    if not is_hub(hub, most):
        text = f"The hub is missing, or no hub name: a letter, then up to {most - 1} letters, digits or _`,.[]"
        raise UpgradeRefused(400, text)
    return hub


def upgrade_headers(request: web.BaseRequest) -> tuple[str, list[str]]:
    """The handshake key and the sub-protocols offered; raises UpgradeRefused when this is no WebSocket request."""
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
    names = ",".join(headers.getall("Sec-WebSocket-Protocol", [])).split(",")
    offered = [name.strip() for name in names if name.strip()]
    if not all(map(SUBPROTOCOL_NAME.fullmatch, offered)):
        raise UpgradeRefused(400, "Sec-WebSocket-Protocol must be a list of names without spaces and separators")
    return key, offered
