"""From an HTTP request on a client path to an open WebSocket: token, admission, recovery, upgrade.

``docs/emulator.md`` lists the statuses with which a request may be refused before the upgrade.
"""

import base64
import hashlib
import secrets
import time
from http import HTTPStatus

from aiohttp import web

from . import auth
from .address import Addresses
from .admission import Admission, BadAdmission, apply_connect_answer, from_claims, simple_codec
from .aiohttp_internals import ConnectionGone, TakeOver
from .auth import BadToken, Claims
from .binding import Binding
from .client_request import ClientRequest, UpgradeRefused, read_request
from .connection import Connection
from .protocol import frames
from .protocol.permissions import Permissions
from .protocol.raw_codec import RawCodec
from .protocol.session import Session
from .protocol.subprotocols import codec_of, is_defined
from .protocol.unacknowledged import Unacknowledged
from .service import Service
from .sites import may_connect
from .upstream.cloudevents import ConnectRequest
from .upstream.events import ConnectDenied, EventFailed
from .websocket import Socket, Sockets

# RFC 6455, section 1.3.
WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# Clients that connect now would not get the close frame that the connected ones get.
STOPPING = "The service is shutting down"


class Handshake:
    """Answers requests on ``/client``."""

    def __init__(self, service: Service, sockets: Sockets, addresses: Addresses) -> None:
        self._service, self._sockets, self._addresses = service, sockets, addresses
        # Clients whose connect handler has not answered yet. They count towards the limit on connections.
        self._arriving = 0

    async def handle(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Upgrades the connection, or answers with an error."""
        try:
            asked = read_request(request, path, self._service.settings.limits.hub_characters)
            self._check_origin(asked)
            if connection_id := asked.query["awps_connection_id"]:
                return self._recover(asked, connection_id)
            return await self._connect(asked)
        except UpgradeRefused as refused:
            text = f"client refused with {refused.status}: {refused.message}"
            self._service.log.write("refused", text, status=refused.status)
            return web.Response(status=refused.status, text=refused.message)
        except ConnectionGone:
            return web.Response(status=HTTPStatus.BAD_REQUEST)

    async def _connect(self, asked: ClientRequest) -> web.StreamResponse:
        limits, query = self._service.settings.limits, asked.query
        if self._service.stopping:
            raise UpgradeRefused(503, STOPPING)
        claims = self._claims(asked)
        if self._service.at_connection_limit(self._arriving):
            raise UpgradeRefused(429, f"The quota of {limits.connections} connections is used up")
        try:
            admission = from_claims(claims, asked.offered, limits)
            simple = simple_codec(query["webpubsub_mode"], query["group"], query["noecho"], asked.offered, limits)
        except BadAdmission as error:
            raise UpgradeRefused(400, str(error)) from None
        connection_id = new_connection_id()
        connection = Connection(self._session(admission, simple, connection_id), asked.hub.lower())
        self._arriving += 1
        try:
            admission = await self._ask_handler(asked, claims, connection, admission)
        finally:
            self._arriving -= 1
        connection.session = self._session(admission, simple, connection_id)
        if self._service.stopping:
            self._service.abandon(connection)
            raise UpgradeRefused(503, STOPPING)
        return self._open(asked, admission, connection)

    def _check_origin(self, asked: ClientRequest) -> None:
        origin, settings = asked.header("Origin"), self._service.settings
        names = (*self._addresses.names, *settings.allowed_hosts)
        if not may_connect(origin, asked.header("Host"), names, settings.allowed_origins):
            text = f"Pages of {origin[:100]!r} may not connect: --allowed-origin (AllowedOrigins) lets them"
            raise UpgradeRefused(403, text)

    def _claims(self, asked: ClientRequest) -> Claims:
        audiences = [
            f"{scheme}://{host}/client/hubs/{asked.hub}"
            for host in self._addresses.hosts(asked.http)
            for scheme in ("http", "https")
        ]
        try:
            return auth.verify(asked.token, self._service.settings.access_keys, audiences)
        except BadToken as error:
            raise UpgradeRefused(401, f"Unauthorized: {error}") from None

    async def _ask_handler(
        self, asked: ClientRequest, claims: Claims, connection: Connection, admission: Admission
    ) -> Admission:
        headers = {name: asked.http.headers.getall(name) for name in asked.http.headers}
        try:
            about = ConnectRequest(claims, asked.query.all, headers, asked.offered)
            answer = await self._service.events.connect(connection, about)
            return apply_connect_answer(admission, answer, asked.offered, self._service.settings.limits)
        except ConnectDenied as denied:
            raise UpgradeRefused(denied.status, "The connect event handler refused the connection") from None
        except (EventFailed, BadAdmission) as error:
            text = f"hub {connection.hub}: connect failed: {error}"
            self._service.log.write("eventFailed", text, hub=connection.hub, name="connect")
            raise UpgradeRefused(500, "The connect event handler failed") from None

    def _session(self, admission: Admission, simple: RawCodec, connection_id: str) -> Session:
        settings, name = self._service.settings, admission.subprotocol
        limits, user_id = settings.limits, admission.user_id
        permissions = Permissions(admission.roles, limits)
        if name is None or not is_defined(name):
            return Session(connection_id, user_id, permissions, simple, name, limits=limits)
        try:
            codec = codec_of(name, settings.protobuf_json_data)
        except ModuleNotFoundError as error:
            text = f"{name} needs a package that is not installed here: protobuf >= 5 ({error})"
            raise UpgradeRefused(501, text) from None
        buffer = None
        if admission.reliable:
            buffer = Unacknowledged(codec, limits.unacknowledged_messages, limits.unacknowledged_bytes)
        drop = settings.drop_on_failed_event
        return Session(connection_id, user_id, permissions, codec, name.lower(), buffer, drop, limits)

    def _open(self, asked: ClientRequest, admission: Admission, connection: Connection) -> web.StreamResponse:
        token = ""
        if admission.reliable:
            key, seconds = self._service.settings.access_keys[0], connection.session.limits.reconnection_seconds
            token = auth.reconnection_token(connection.id, key, time.time(), seconds)
        try:
            socket, take_over = self._upgrade(asked, admission.subprotocol)
        except ConnectionGone:
            self._service.abandon(connection)
            raise
        socket.listen(Binding(self._service, connection, socket))
        self._service.open(connection, admission.groups, socket, token)
        return take_over.finish(socket)

    def _recover(self, asked: ClientRequest, connection_id: str) -> web.StreamResponse:
        """Refuses by an upgrade followed by a close, because clients retry after an HTTP error."""
        connection = self._service.recoverable(asked.hub, connection_id)
        kept = connection.session.subprotocol if connection is not None else None
        defined = next(filter(is_defined, asked.offered), None)
        subprotocol = next((name for name in asked.offered if name.lower() == kept), defined)
        keys, token = self._service.settings.access_keys, asked.query["awps_reconnection_token"]
        socket, take_over = self._upgrade(asked, subprotocol)
        if connection is None or not auth.may_reconnect(token, connection_id, keys):
            text = "recovery refused: the connection is unknown or expired, or its token is wrong"
            self._service.log.write("recoveryRefused", text, hub=asked.hub, connection=connection_id)
            socket.close(frames.POLICY_VIOLATION, "The connection cannot be recovered")
            return take_over.finish(socket)
        socket.listen(Binding(self._service, connection, socket))
        self._service.attach(connection, socket)
        return take_over.finish(socket)

    def _upgrade(self, asked: ClientRequest, subprotocol: str | None) -> tuple[Socket, TakeOver]:
        """Sends the 101 and makes the socket; raises ConnectionGone."""
        take_over = TakeOver(asked.http)
        take_over.transport.write(switching_protocols(asked.key, subprotocol))
        return Socket(take_over.transport, self._sockets, self._service.settings.limits), take_over


def switching_protocols(key: str, subprotocol: str | None) -> bytes:
    """The 101 response to a handshake key."""
    digest = hashlib.sha1(key.encode() + WEBSOCKET_GUID, usedforsecurity=False).digest()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    lines.append(f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}")
    if subprotocol is not None:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def new_connection_id() -> str:
    """A connection id nobody can guess."""
    return secrets.token_urlsafe(16)
