"""A logical connection: its protocol session, its hub, and its current socket, if any.

A socket is an ``Outlet`` here. The hub keeps the group memberships.
"""

from typing import Protocol

from .protocol.delivery import Delivery
from .protocol.session import Session


class Outlet(Protocol):
    """Where frames are written. They are sent in order, and a close after them."""

    def write(self, frame: bytes) -> None:
        """Queues one frame."""

    def replay(self, frames: list[bytes]) -> None:
        """Queues what a recovered client missed, on top of the usual limit."""

    def close(self, code: int, reason: str) -> None:
        """Queues a close frame and ignores further input."""

    def abort(self) -> None:
        """Closes the TCP connection without a close frame."""

    def pause(self) -> None:
        """Stops reading from the client."""

    def resume(self) -> None:
        """Resumes reading from the client."""


class Connection:
    """The state of one client, which a reliable client keeps from one socket to the next."""

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
        # Seconds since 1970, set when the connection is opened.
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
        """Writes a frame unless it is empty. Without a socket it is lost, as acks are."""
        if self.outlet is not None and frame:
            self.outlet.write(frame)

    def deliver(self, delivery: Delivery) -> None:
        """Sends a message now or when the client recovers; raises BufferFull."""
        if self.outlet is not None:
            self.outlet.write(self.session.deliver(delivery))
        else:
            self.session.keep(delivery)
