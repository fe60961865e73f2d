"""The state machine of a connection, from its first frame to its end.

It takes the client's messages and the event handler's answers, and returns effects in the order in which they must
happen. It outlives the socket of a reliable client.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ..limits import PUBLISHED, Limits
from . import bounds, frames
from .acks import AckHistory
from .codec import Codec
from .delivery import Delivery
from .effects import CallHandler, Close, Deliver, Effect, Join, Leave, Publish, Write
from .messages import (
    AcknowledgeSequence,
    CancelInvocation,
    ClientMessage,
    Content,
    EndStream,
    Invoke,
    JoinGroup,
    LeaveGroup,
    Malformed,
    Message,
    Ping,
    SendEvent,
    SendToGroup,
    StartStream,
    StreamData,
)
from .notices import Ack, AckError, Connected, Disconnected, InvokeResponse, Notice, Pong
from .permissions import Permissions
from .streams import Streams
from .unacknowledged import Unacknowledged

# How much may wait for an event's answer before reading stops. Above 0: only reading shows that a client has left.
BACKLOG_MESSAGES = 64
BACKLOG_BYTES = 1024 * 1024


@dataclass(slots=True)
class Session:
    """The state of one client. ``unacknowledged`` is None for clients that are not reliable.

    ``subprotocol``: the negotiated name; None for a simple client without one.
    """

    connection_id: str
    user_id: str | None
    permissions: Permissions
    codec: Codec
    subprotocol: str | None
    unacknowledged: Unacknowledged | None = None
    drop_on_failed_event: bool = False
    limits: Limits = PUBLISHED
    # Kept up to date by the hub.
    groups: set[str] = field(default_factory=set)
    acks: AckHistory = field(init=False)
    # Makes the frame of a message for this client; may raise BufferFull. The hot path of a fan-out.
    deliver: Callable[[Delivery], bytes] = field(init=False)
    _streams: Streams | None = None
    _reconnection_token: str | None = None
    _backlog: deque[tuple[int, bytes]] = field(default_factory=deque)
    _backlog_bytes: int = 0
    _waiting_for: SendEvent | Invoke | None = None
    _lowered: bool = field(init=False)
    _closed: bool = False

    def __post_init__(self) -> None:
        self.acks = AckHistory(self.limits.remembered_ack_ids)
        self._lowered = bounds.has_lower_bounds(self.limits)
        self.deliver = self.codec.frame if self.unacknowledged is None else self.unacknowledged.push

    @property
    def congested(self) -> bool:
        """Backpressure: whether so much waits for an event's answer that the caller must stop reading."""
        return len(self._backlog) >= BACKLOG_MESSAGES or self._backlog_bytes >= BACKLOG_BYTES

    @property
    def reliable(self) -> bool:
        """Whether the client may recover after losing its socket."""
        return self.unacknowledged is not None

    def connected(self, reconnection_token: str | None) -> bytes:
        """The first frame; empty if the protocol has none."""
        self._reconnection_token = reconnection_token if self.reliable else None
        return self._greeting()

    def disconnected(self, reason: str) -> bytes:
        """The last frame before the service closes the connection; empty if the protocol has none."""
        return self.codec.encode(Disconnected(reason))

    def keep(self, delivery: Delivery) -> None:
        """Buffers a message for a reliable client that is away; does nothing for others. Raises BufferFull."""
        if self.unacknowledged is not None:
            self.unacknowledged.keep(delivery)

    def recovered(self, now: float) -> list[bytes]:
        """The frames to replay to a recovered client: everything unacknowledged that has not expired.

        A client with open streams first gets ``connected`` again, without which official clients do not resume them.
        """
        greeting = [self._greeting()] if self._streams else []
        return greeting + (self.unacknowledged.replay(now) if self.unacknowledged is not None else [])

    def receive(self, opcode: int, payload: bytes) -> list[Effect]:
        """A text or binary message from the client. Messages behind an event wait for its answer."""
        if self._closed:
            return []
        if self._waiting_for is not None:
            self._backlog.append((opcode, payload))
            self._backlog_bytes += len(payload)
            return []
        try:
            message = self.codec.decode(opcode, payload)
        except Malformed as malformed:
            return self._close(malformed.code, str(malformed))
        if self._lowered and (fault := bounds.violation(message, self.limits)):
            return self._close(frames.INVALID_DATA, fault)
        return self._handle(message)

    def handler_answered(self, reply: Content | None) -> list[Effect]:
        """The event handler accepted the event. Its reply is sent before the ack."""
        event = self._waiting_for
        if event is None or self._closed:
            return []
        self._waiting_for = None
        if isinstance(event, Invoke):
            return [self._tell(InvokeResponse(event.invocation_id, reply)), *self._resume()]
        effects: list[Effect] = [Deliver(Message(reply))] if reply is not None else []
        return effects + self._succeed(event.ack_id) + self._resume()

    def handler_failed(self) -> list[Effect]:
        """The event handler refused the event, could not be reached, or does not exist."""
        event = self._waiting_for
        if event is None or self._closed:
            return []
        self._waiting_for = None
        error = AckError("InternalServerError", "Internal server error")
        if isinstance(event, Invoke):
            return [self._tell(InvokeResponse(event.invocation_id, error=error)), *self._resume()]
        if self.drop_on_failed_event or not self.codec.acknowledges:
            return self._close(frames.INTERNAL_ERROR, "The event handler failed")
        return self._refuse(event.ack_id, error) + self._resume()

    def not_published(self, publish: Publish, why: str) -> list[Effect]:
        """A message was not sent, for the reason ``why``. Its ack id may be used again; its stream is closed."""
        if self._closed:
            return []
        if (position := publish.message.stream) is not None:
            return self._own_streams().failed(position.stream_id, why)
        if publish.ack_id is None:
            return []
        self.acks.forget(publish.ack_id)
        return self._refuse(publish.ack_id, AckError("InternalServerError", why))

    def stream_idle(self, stream_id: str) -> list[Effect]:
        """A stream was idle too long."""
        return [] if self._closed else self._own_streams().idle(stream_id)

    def end(self) -> list[Publish]:
        """Ends the session: queued messages are dropped. Returns the last messages for its streams' subscribers."""
        self._close(frames.NORMAL, "")
        return self._streams.abandon() if self._streams else []

    def _greeting(self) -> bytes:
        return self.codec.encode(Connected(self.connection_id, self.user_id, self._reconnection_token))

    def _own_streams(self) -> Streams:
        # Created on demand: most connections never have streams.
        if self._streams is None:
            may_send, most = self.permissions["sendToGroup"].allows, self.limits.open_streams
            self._streams = Streams(self.user_id, self.codec.encode, may_send, most)
        return self._streams

    def _resume(self) -> list[Effect]:
        effects: list[Effect] = []
        while self._backlog and self._waiting_for is None and not self._closed:
            opcode, payload = self._backlog.popleft()
            self._backlog_bytes -= len(payload)
            effects += self.receive(opcode, payload)
        return effects

    def _handle(self, message: ClientMessage) -> list[Effect]:
        match message:
            case SendToGroup() | SendEvent() | JoinGroup() | LeaveGroup():
                return self._carry_out(message)
            case AcknowledgeSequence(sequence_id):
                if self.unacknowledged is not None:
                    self.unacknowledged.acknowledge(sequence_id)
                return []
            case Ping():
                return [self._tell(Pong())]
            case Invoke(_, event, content, metadata):
                self._waiting_for = message
                return [CallHandler(event, content, metadata)]
            case CancelInvocation():
                # Messages are handled in order, so the invocation has been answered already.
                return []
            case StartStream():
                return self._own_streams().start(message)
            case StreamData():
                return self._own_streams().data(message)
            case EndStream():
                return self._own_streams().end(message)

    def _carry_out(self, message: SendToGroup | SendEvent | JoinGroup | LeaveGroup) -> list[Effect]:
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
        outgoing = Message(message.content, message.group, True, self.user_id, message.metadata, message.ttl_seconds)
        if message.ack_id is None:
            return [Publish(outgoing, message.no_echo)]
        self.acks.record(message.ack_id)
        return [Publish(outgoing, message.no_echo, message.ack_id, self.codec.encode(Ack(message.ack_id)))]

    def _change_membership(self, message: JoinGroup | LeaveGroup) -> list[Effect]:
        if not self.permissions["joinLeaveGroup"].allows(message.group):
            return self._forbid("joinLeaveGroup", message.group, message.ack_id)
        if isinstance(message, LeaveGroup):
            self.groups.discard(message.group)
            return [Leave(message.group), *self._succeed(message.ack_id)]
        most = self.limits.groups_per_connection
        if most and message.group not in self.groups and len(self.groups) >= most:
            text = f"A connection may be in at most {most} groups"
            return self._refuse(message.ack_id, AckError("BadRequest", text))
        self.groups.add(message.group)
        return [Join(message.group), *self._succeed(message.ack_id)]

    def _succeed(self, ack_id: int | None) -> list[Effect]:
        if ack_id is None:
            return []
        self.acks.record(ack_id)
        return [self._tell(Ack(ack_id))]

    def _forbid(self, permission: str, group: str, ack_id: int | None) -> list[Effect]:
        text = f"The connection lacks the role webpubsub.{permission}.{group} or webpubsub.{permission}"
        if not self.codec.acknowledges:
            return self._close(frames.POLICY_VIOLATION, text)
        return self._refuse(ack_id, AckError("Forbidden", text))

    def _refuse(self, ack_id: int | None, error: AckError) -> list[Effect]:
        return [] if ack_id is None else [self._tell(Ack(ack_id, error))]

    def _tell(self, notice: Notice) -> Write:
        return Write(self.codec.encode(notice))

    def _close(self, code: int, reason: str) -> list[Effect]:
        self._closed = True
        self._backlog.clear()
        return [Close(code, reason)]
