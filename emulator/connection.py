"""One logical connection: its protocol session, what it belongs to, and the socket it has just now, if any.

Knows a socket only as an ``Outlet``. Membership is kept by the hub.
"""

from typing import Protocol

from .protocol.delivery import Delivery
from .protocol.session import Session


class Outlet(Protocol):
    """Where frames go. Frames leave in the order written; a close leaves after them."""

    def write(self, frame: bytes) -> None:
        """Queues one frame."""

    def replay(self, frames: list[bytes]) -> None:
        """Queues what a recovered client missed; that much may wait on top of the usual bound."""

    def close(self, code: int, reason: str) -> None:
        """Queues a close frame and takes nothing more from the client."""

    def abort(self) -> None:
        """Drops the socket without a close frame."""

    def pause(self) -> None:
        """Stops reading from the client."""

    def resume(self) -> None:
        """Goes on reading from the client."""


class Connection:
    """What the service knows of one client, across the sockets a reliable client may come and go with."""

    __slots__ = (
        "__weakref__",
        "cookies",
        "ended",
        "events_sent",
        "hub",
        "opened_at",
        "outlet",
        "session",
        "state",
    )

    def __init__(self, session: Session, hub: str, state: str = "") -> None:
        self.session = session
        self.hub = hub
        self.state = state
        self.outlet: Outlet | None = None
        self.cookies: dict[str, str] = {}
        self.events_sent = 0
        # Seconds since 1970, set when the client is let in.
        self.opened_at = 0.0
        self.ended = False

    @property
    def id(self) -> str:
        """The connection id, unique in the process."""
        return self.session.connection_id

    @property
    def user_id(self) -> str | None:
        """The user's id, None for an anonymous client."""
        return self.session.user_id

    @property
    def groups(self) -> set[str]:
        """The groups it is in."""
        return self.session.groups

    def write(self, frame: bytes) -> None:
        """Writes to the socket, unless there is nothing to tell; without a socket the frame is lost, as an ack is."""
        if self.outlet is not None and frame:
            self.outlet.write(frame)

    def deliver(self, delivery: Delivery) -> None:
        """Sends a message, now or on recovery; raises BufferFull."""
        if self.outlet is not None:
            self.outlet.write(self.session.deliver(delivery))
        else:
            self.session.keep(delivery)
