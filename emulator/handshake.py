"""From an HTTP request on a client path to an open WebSocket: tokens, admission, recovery, upgrade.

The statuses before the upgrade are those of docs/emulator.md. Frames and messages belong to others.
"""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from aiohttp import web

from . import auth
from .address import Addresses
from .admission import Admission, BadAdmission, apply_connect_answer, from_claims, simple_codec
from .auth import BadToken, Claims
from .client_request import Query, UpgradeRefused, hub_of, upgrade_headers
from .connection import Connection
from .protocol import frames
from .protocol.permissions import Permissions
from .protocol.raw_codec import RawCodec
from .protocol.session import Session
from .protocol.subprotocols import codec_of, is_defined
from .protocol.unacknowledged import Unacknowledged
from .service import Service
from .sites import may_connect
from .upstream.events import ConnectDenied, EventFailed
from .websocket import Socket, Sockets

# RFC 6455, section 1.3.
WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# Who came now would not be told that the service is going, as those are who are there.
STOPPING = "The service is shutting down"


class ClientGone(Exception):
    """The client closed its connection before the upgrade."""


class Client:
    """Ties a socket to its logical connection."""

    def __init__(self, service: Service, connection: Connection, socket: Socket) -> None:
        self._service, self._connection, self._socket = service, connection, socket

    def received(self, opcode: int, payload: bytes) -> None:
        """A whole message came."""
        self._service.receive(self._connection, opcode, payload)

    def broken(self, code: int, reason: str) -> None:
        """The stream cannot be read any further."""
        self._service.end(self._connection, code, reason)

    def lost(self, for_good: bool, reason: str) -> None:
        """The socket is gone."""
        self._service.detach(self._connection, self._socket, for_good=for_good, reason=reason)


class Handshake:
    """Answers requests on ``/client``."""

    def __init__(self, service: Service, sockets: Sockets, addresses: Addresses) -> None:
        self._service, self._sockets, self._addresses = service, sockets, addresses
        # Those whose handler has not answered yet: they take a place of the quota, too.
        self._arriving = 0

    async def handle(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Upgrades, or answers with an error."""
        try:
            return await self._handle(request, path)
        except UpgradeRefused as refused:
            text = f"client refused with {refused.status}: {refused.message}"
            self._service.log.write("refused", text, status=refused.status)
            return web.Response(status=refused.status, text=refused.message)
        except ClientGone:
            return web.Response(status=HTTPStatus.BAD_REQUEST)

    async def _handle(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        try:
            query = Query(request.rel_url.raw_query_string)
        except ValueError:
            raise UpgradeRefused(400, "The query has too many parameters") from None
        limits = self._service.settings.limits
        hub = hub_of(path, query, limits.hub_characters)
        key, offered = upgrade_headers(request)
        self._require_own_page(request)
        if connection_id := query["awps_connection_id"]:
            return self._recover(request, key, offered, hub, connection_id, query["awps_reconnection_token"])
        if self._service.stopping:
            raise UpgradeRefused(503, STOPPING)
        claims = self._claims(request, hub, query)
        if self._service.at_connection_limit(self._arriving):
            raise UpgradeRefused(429, f"The quota of {limits.connections} connections is used up")
        try:
            admission = from_claims(claims, offered, limits)
            simple = simple_codec(query["webpubsub_mode"], query["group"], query["noecho"], offered, limits)
        except BadAdmission as error:
            raise UpgradeRefused(400, str(error)) from None
        connection = self._connection(admission, simple, hub, new_connection_id())
        self._arriving += 1
        try:
            admission = await self._ask_handler(request, connection, admission, claims, query, offered)
        finally:
            self._arriving -= 1
        connection.session = self._session(admission, simple, connection.id)
        if self._service.stopping:
            self._service.abandon(connection)
            raise UpgradeRefused(503, STOPPING)
        return self._open(request, key, admission, connection)

    def _require_own_page(self, request: web.BaseRequest) -> None:
        origin, host = request.headers.get("Origin", ""), request.headers.get("Host", "")
        settings = self._service.settings
        names = (*self._addresses.names, *settings.allowed_hosts)
        if not may_connect(origin, host, names, settings.allowed_origins):
            text = f"Pages of {origin[:100]!r} may not connect: --allowed-origin (AllowedOrigins) lets them"
            raise UpgradeRefused(403, text)

    def _claims(self, request: web.BaseRequest, hub: str, query: Query) -> Claims:
        authorization = request.headers.get("Authorization", "")
        bearer = authorization[7:] if authorization[:7].lower() == "bearer " else ""
        audiences = [
            f"{scheme}://{host}/client/hubs/{hub}"
            for host in self._addresses.hosts(request)
            for scheme in ("http", "https")
        ]
        try:
            return auth.verify(query["access_token"] or bearer, self._service.settings.access_keys, audiences)
        except BadToken as error:
            raise UpgradeRefused(401, f"Unauthorized: {error}") from None

    async def _ask_handler(
        self,
        request: web.BaseRequest,
        connection: Connection,
        admission: Admission,
        claims: Claims,
        query: Query,
        offered: Sequence[str],
    ) -> Admission:
        headers = {name: request.headers.getall(name) for name in request.headers}
        try:
            answer = await self._service.events.connect(connection, claims, query.all, headers, offered)
            return apply_connect_answer(admission, answer, offered, self._service.settings.limits)
        except ConnectDenied as denied:
            raise UpgradeRefused(denied.status, "The connect event handler refused the connection") from None
        except (EventFailed, BadAdmission) as error:
            text = f"hub {connection.hub}: connect failed: {error}"
            self._service.log.write("eventFailed", text, hub=connection.hub, name="connect")
            raise UpgradeRefused(500, "The connect event handler failed") from None

    def _connection(self, admission: Admission, simple: RawCodec, hub: str, connection_id: str) -> Connection:
        return Connection(self._session(admission, simple, connection_id), hub.lower())

    def _session(self, admission: Admission, simple: RawCodec, connection_id: str) -> Session:
        settings, name = self._service.settings, admission.subprotocol
        limits, user_id = settings.limits, admission.user_id
        permissions = Permissions(admission.roles, limits)
        if name is None or not is_defined(name):
            return Session(connection_id, user_id, permissions, simple, name, limits=limits)
        try:
            codec = codec_of(name, settings.protobuf_json_data)
        except ModuleNotFoundError as error:
            raise UpgradeRefused(
                501, f"{name} needs a package that is not installed here: protobuf >= 5 ({error})"
            ) from None
        buffer = None
        if admission.reliable:
            buffer = Unacknowledged(codec, limits.unacknowledged_messages, limits.unacknowledged_bytes)
        drop = settings.drop_on_failed_event
        return Session(connection_id, user_id, permissions, codec, name.lower(), buffer, drop, limits)

    def _open(
        self, request: web.BaseRequest, key: str, admission: Admission, connection: Connection
    ) -> web.StreamResponse:
        token = ""
        if admission.reliable:
            key_of_token, seconds = (
                self._service.settings.access_keys[0],
                connection.session.limits.reconnection_seconds,
            )
            token = auth.reconnection_token(connection.id, key_of_token, time.time(), seconds)
        try:
            socket, early = self._upgrade(request, key, admission.subprotocol)
        except ClientGone:
            self._service.abandon(connection)
            raise
        socket.listen(Client(self._service, connection, socket))
        self._service.open(connection, admission.groups, socket, token)
        return self._hand_over(request, socket, early)

    def _recover(
        self, request: web.BaseRequest, key: str, offered: Sequence[str], hub: str, connection_id: str, token: str
    ) -> web.StreamResponse:
        """A refusal, too, is an upgrade, then a close: clients take an HTTP error for a reason to keep trying."""
        connection = self._service.recoverable(hub, connection_id)
        kept = connection.session.subprotocol if connection is not None else None
        subprotocol = next((name for name in offered if name.lower() == kept), next(filter(is_defined, offered), None))
        keys = self._service.settings.access_keys
        socket, early = self._upgrade(request, key, subprotocol)
        if connection is None or not auth.may_reconnect(token, connection_id, keys):
            text = "recovery refused: the connection is unknown or expired, or its token is wrong"
            self._service.log.write("recoveryRefused", text, hub=hub, connection=connection_id)
            socket.close(frames.POLICY_VIOLATION, "The connection cannot be recovered")
            return self._hand_over(request, socket, early)
        socket.listen(Client(self._service, connection, socket))
        self._service.attach(connection, socket)
        return self._hand_over(request, socket, early)

    def _upgrade(self, request: web.BaseRequest, key: str, subprotocol: str | None) -> tuple[Socket, "EarlyBytes"]:
        """Writes the 101 and makes the socket; raises ClientGone."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ClientGone
        accept = base64.b64encode(hashlib.sha1(key.encode() + WEBSOCKET_GUID, usedforsecurity=False).digest()).decode()
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        lines.append(f"Sec-WebSocket-Accept: {accept}")
        if subprotocol is not None:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        early = EarlyBytes()
        request.protocol.set_parser(early)  # type: ignore[arg-type] # only feed_data and feed_eof are called
        return Socket(transport, self._sockets, self._service.settings.limits), early

    def _hand_over(self, request: web.BaseRequest, socket: Socket, early: "EarlyBytes") -> web.StreamResponse:
        """Takes the TCP connection from the HTTP server, whose own objects for it are freed."""
        http, transport = request.protocol, cast(asyncio.Transport, request.transport)
        transport.set_protocol(socket)
        # Without a transport the HTTP server ends its handler quietly and leaves the connection alone.
        http.transport = None
        http.connection_lost(None)
        transport.resume_reading()
        if early.data:
            socket.data_received(early.data)
        return web.Response()


class EarlyBytes:
    """What a client sent behind its upgrade request without waiting for the answer."""

    def __init__(self) -> None:
        self.data = b""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Keeps ``data``."""
        self.data += data
        return False, b""

    def feed_eof(self) -> None:
        """The HTTP server lets go of the connection."""


def new_connection_id() -> str:
    """A connection id nobody can guess."""
    return secrets.token_urlsafe(16)
