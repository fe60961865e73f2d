"""The link between a client's socket and its logical connection, which may outlive the socket."""

from .connection import Connection
from .service import Service
from .websocket import Socket


class Binding:
    """The ``Listener`` of a socket: passes its events to the service."""

    def __init__(self, service: Service, connection: Connection, socket: Socket) -> None:
        self._service, self._connection, self._socket = service, connection, socket

    def received(self, opcode: int, payload: bytes) -> None:
        """A whole message arrived."""
        self._service.receive(self._connection, opcode, payload)

    def broken(self, code: int, reason: str) -> None:
        """The byte stream cannot be read any further."""
        self._service.end(self._connection, code, reason)

    def lost(self, for_good: bool, reason: str) -> None:
        """The socket was closed."""
        self._service.detach(self._connection, self._socket, for_good=for_good, reason=reason)
