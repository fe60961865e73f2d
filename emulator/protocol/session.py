"""What one PubSub client's messages mean: the state machine of a connection, from its first frame to its end.

Takes messages and the answers of the event handler, returns effects in the order they must happen. It outlives the
socket of a reliable client. It must not know who else is connected, nor how frames are written.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from emulator.names import Metadata
from emulator.protocol import frames, json_codec
from emulator.protocol.acks import AckHistory
from emulator.protocol.delivery import Delivery
from emulator.protocol.messages import (
    AckError,
    AcknowledgeSequence,
    ClientMessage,
    Content,
    JoinGroup,
    LeaveGroup,
    Malformed,
    Message,
    Ping,
    SendEvent,
    SendToGroup,
)
from emulator.protocol.permissions import Permissions
from emulator.protocol.unacknowledged import Unacknowledged

JSON_PROTOCOL = "json.webpubsub.azure.v1"
RELIABLE_JSON_PROTOCOL = "json.reliable.webpubsub.azure.v1"

# What may wait behind an event before reading stops. Not nothing: a client that is not read cannot be seen to leave.
BACKLOG_MESSAGES = 64
BACKLOG_BYTES = 1024 * 1024


class Write(msgspec.Struct, frozen=True):
    """Write a frame to the client's socket; lost when there is none now."""

    frame: bytes


class Join(msgspec.Struct, frozen=True):
    """Put the connection into a group."""

    group: str


class Leave(msgspec.Struct, frozen=True):
    """Take the connection out of a group."""

    group: str


class Publish(msgspec.Struct, frozen=True):
    """Deliver a message to a group, except to the connection itself when ``no_echo``."""

    message: Message
    no_echo: bool


class Deliver(msgspec.Struct, frozen=True):
    """Deliver a message to this connection alone."""

    message: Message


class CallHandler(msgspec.Struct, frozen=True):
    """Call the event handler; its answer comes back through ``handler_answered`` or ``handler_failed``."""

    event: str
    content: Content
    metadata: Metadata


class Close(msgspec.Struct, frozen=True):
    """End the connection for good: it cannot be recovered."""

    code: int
    reason: str


Effect: TypeAlias = Write | Join | Leave | Publish | Deliver | CallHandler | Close


@dataclass
class Session:
    """The state of one JSON client. ``unacknowledged`` is None for the protocol without recovery."""

    connection_id: str
    user_id: str | None
    permissions: Permissions
    unacknowledged: Unacknowledged | None = None
    drop_on_failed_event: bool = False
    acks: AckHistory = field(default_factory=AckHistory)
    _backlog: deque[bytes] = field(default_factory=deque)
    _backlog_bytes: int = 0
    _waiting_for: SendEvent | None = None
    _closed: bool = False

    @property
    def congested(self) -> bool:
        """Whether so much waits behind an event that the caller must stop reading for now."""
        return len(self._backlog) >= BACKLOG_MESSAGES or self._backlog_bytes >= BACKLOG_BYTES

    @property
    def reliable(self) -> bool:
        """Whether the client may come back after its socket was lost."""
        return self.unacknowledged is not None

    @property
    def subprotocol(self) -> str:
        """The name negotiated with the client."""
        return RELIABLE_JSON_PROTOCOL if self.reliable else JSON_PROTOCOL

    def connected(self, reconnection_token: str | None) -> bytes:
        """The first frame."""
        text = json_codec.connected(self.connection_id, self.user_id, reconnection_token if self.reliable else None)
        return frames.frame(frames.TEXT, text)

    def disconnected(self, reason: str) -> bytes:
        """The last frame before a close that the service starts."""
        return frames.frame(frames.TEXT, json_codec.disconnected(reason))

    def deliver(self, delivery: Delivery) -> bytes:
        """The frame that brings ``delivery`` to this client; raises BufferFull. This is the hot path of a fan-out."""
        if self.unacknowledged is None:
            return delivery.json_frame
        return self.unacknowledged.push(delivery)

    def replay(self) -> list[bytes]:
        """What a recovered client must get first: everything it has not acknowledged."""
        return list(self.unacknowledged.replay()) if self.unacknowledged is not None else []

    def receive(self, payload: bytes) -> list[Effect]:
        """One text or binary message of the client. Messages behind a waiting event keep their order."""
        if self._closed:
            return []
        if self._waiting_for is not None:
            self._backlog.append(payload)
            self._backlog_bytes += len(payload)
            return []
        try:
            message = json_codec.decode(payload)
        except Malformed as malformed:
            return self._close(frames.INVALID_DATA, str(malformed))
        return self._handle(message)

    def handler_answered(self, reply: Content | None) -> list[Effect]:
        """The event handler accepted the event; its reply goes to the client before the ack."""
        event = self._waiting_for
        if event is None or self._closed:
            return []
        self._waiting_for = None
        effects: list[Effect] = [Deliver(Message(reply))] if reply is not None else []
        return effects + self._succeed(event.ack_id) + self._resume()

    def handler_failed(self) -> list[Effect]:
        """The event handler refused the event, was not reachable, or does not exist."""
        event = self._waiting_for
        if event is None or self._closed:
            return []
        self._waiting_for = None
        if self.drop_on_failed_event:
            return self._close(frames.INTERNAL, "The event handler failed")
        return self._refuse(event.ack_id, AckError("InternalServerError", "Internal server error")) + self._resume()

    def end(self) -> None:
        """The connection is over: what still waits is not carried out, so that nothing comes after its end."""
        self._closed = True
        self._backlog.clear()

    def _resume(self) -> list[Effect]:
        effects: list[Effect] = []
        while self._backlog and self._waiting_for is None and not self._closed:
            payload = self._backlog.popleft()
            self._backlog_bytes -= len(payload)
            effects += self.receive(payload)
        return effects

    def _handle(self, message: ClientMessage) -> list[Effect]:
        match message:
            case Ping():
                return [Write(frames.frame(frames.TEXT, json_codec.PONG))]
            case AcknowledgeSequence(sequence_id):
                if self.unacknowledged is not None:
                    self.unacknowledged.acknowledge(sequence_id)
                return []
        if message.ack_id is not None and message.ack_id in self.acks:
            text = f"Message with ack-id: {message.ack_id} has been processed"
            return self._refuse(message.ack_id, AckError("Duplicate", text))
        match message:
            case SendToGroup():
                return self._send_to_group(message)
            case SendEvent(event, content, metadata):
                self._waiting_for = message
                return [CallHandler(event, content, metadata)]
            case _:
                return self._change_membership(message)

    def _send_to_group(self, message: SendToGroup) -> list[Effect]:
        if not self.permissions["sendToGroup"].allows(message.group):
            return self._forbid("sendToGroup", message.group, message.ack_id)
        outgoing = Message(message.content, message.group, True, self.user_id, message.metadata)
        return [Publish(outgoing, message.no_echo), *self._succeed(message.ack_id)]

    def _change_membership(self, message: JoinGroup | LeaveGroup) -> list[Effect]:
        if not self.permissions["joinLeaveGroup"].allows(message.group):
            return self._forbid("joinLeaveGroup", message.group, message.ack_id)
        effect = Join(message.group) if isinstance(message, JoinGroup) else Leave(message.group)
        return [effect, *self._succeed(message.ack_id)]

    def _succeed(self, ack_id: int | None) -> list[Effect]:
        if ack_id is None:
            return []
        self.acks.record(ack_id)
        return [Write(frames.frame(frames.TEXT, json_codec.ack(ack_id, None)))]

    def _forbid(self, permission: str, group: str, ack_id: int | None) -> list[Effect]:
        text = f"The connection lacks the role webpubsub.{permission}.{group} or webpubsub.{permission}"
        return self._refuse(ack_id, AckError("Forbidden", text))

    def _refuse(self, ack_id: int | None, error: AckError) -> list[Effect]:
        if ack_id is None:
            return []
        return [Write(frames.frame(frames.TEXT, json_codec.ack(ack_id, error)))]

    def _close(self, code: int, reason: str) -> list[Effect]:
        self.end()
        return [Close(code, reason)]
