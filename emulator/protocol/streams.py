"""The streams that a client has open to groups: order, acknowledgement and end (client specification, section 3.6).

A state machine that returns effects. The function it is given encodes its notices.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from .effects import AwaitStream, Effect, ForgetStream, Publish, Write
from .messages import (
    Content,
    EndStream,
    Message,
    StartStream,
    StreamData,
    StreamError,
    StreamPosition,
)
from .notices import Notice, StreamAck, StreamClosed, StreamNack

DEFAULT_IDLE_MILLISECONDS = 300_000
# The JavaScript SDK drops messages without data, and does not pass empty text on as a fragment.
NO_DATA = Content("text", b"")

Encode = Callable[[Notice], bytes]
Allows = Callable[[str], bool]


@dataclass
class _Stream:
    group: str
    no_echo: bool
    idle_milliseconds: int
    expected_id: int = 1


@dataclass
class Streams:
    """``allows``: whether the client may publish to a group now; ``most``: how many streams may be open."""

    user_id: str | None
    encode: Encode
    allows: Allows
    most: int
    _open: dict[str, _Stream] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._open)

    def start(self, start: StartStream) -> list[Effect]:
        """Opens a stream and acknowledges it."""
        idle = DEFAULT_IDLE_MILLISECONDS if start.idle_milliseconds is None else start.idle_milliseconds
        if fault := self._fault(start, idle):
            return [self._closed(start.stream_id, fault)]
        self._open[start.stream_id] = _Stream(start.group, start.no_echo, idle)
        return [AwaitStream(start.stream_id, idle), self._acknowledged(start.stream_id, 1)]

    def data(self, fragment: StreamData) -> list[Effect]:
        """Publishes the next fragment. Ignores one that came before; asks again for a missing one."""
        stream_id = fragment.stream_id
        stream = self._open.get(stream_id)
        if stream is None:
            return [self._not_found(stream_id)]
        if not self.allows(stream.group):
            return self._break_off(stream_id, forbidden(stream.group))
        awaited = AwaitStream(stream_id, stream.idle_milliseconds)
        if fragment.content is None or fragment.sequence_id is None:
            return [awaited]
        if fragment.sequence_id > stream.expected_id:
            return [Write(self.encode(StreamNack(stream_id, stream.expected_id)))]
        if fragment.sequence_id < stream.expected_id:
            return [self._acknowledged(stream_id, stream.expected_id)]
        position = StreamPosition(stream_id, fragment.sequence_id)
        stream.expected_id += 1
        answer = self.encode(StreamAck(stream_id, stream.expected_id))
        return [awaited, self._published(stream, fragment.content, position, answer)]

    def end(self, end: EndStream) -> list[Effect]:
        """Closes a stream for its publisher."""
        if end.stream_id not in self._open:
            return [self._not_found(end.stream_id)]
        return [self._last(end.stream_id, end.error), ForgetStream(end.stream_id), self._closed(end.stream_id, None)]

    def idle(self, stream_id: str) -> list[Effect]:
        """Closes a stream that was idle too long."""
        if stream_id not in self._open:
            return []
        return self._break_off(stream_id, StreamError("IdleTimeout", "Nothing was sent within the idle time"))

    def failed(self, stream_id: str, why: str) -> list[Effect]:
        """Closes a stream of which a fragment, or the end, was not sent."""
        if stream_id not in self._open:
            return []
        return self._break_off(stream_id, StreamError("InternalServerError", why))

    def abandon(self) -> list[Publish]:
        """Ends all streams, because the publisher is gone. Returns the last messages for their subscribers."""
        error = StreamError("Cancelled", "The publisher is gone")
        return [self._last(stream_id, error) for stream_id in list(self._open)]

    def _fault(self, start: StartStream, idle: int) -> StreamError | None:
        if not self.allows(start.group):
            return forbidden(start.group)
        if start.has_data:
            return StreamError("BadRequest", "A message that starts a stream has neither data nor dataType")
        if idle <= 0:
            return StreamError("BadRequest", "stream.idleTimeoutMs must be greater than 0")
        if start.stream_id in self._open:
            return StreamError("BadRequest", "A stream with this stream.streamId is open already")
        if len(self._open) >= self.most:
            return StreamError("BadRequest", f"A connection may have at most {self.most} streams open")
        return None

    def _break_off(self, stream_id: str, error: StreamError) -> list[Effect]:
        return [self._last(stream_id, error), ForgetStream(stream_id), self._closed(stream_id, error)]

    def _last(self, stream_id: str, error: StreamError | None) -> Publish:
        stream = self._open.pop(stream_id)
        return self._published(stream, NO_DATA, StreamPosition(stream_id, stream.expected_id, True, error))

    def _published(self, stream: _Stream, content: Content, position: StreamPosition, answer: bytes = b"") -> Publish:
        message = Message(content, stream.group, True, self.user_id, stream=position)
        return Publish(message, stream.no_echo, answer=answer)

    def _acknowledged(self, stream_id: str, expected_id: int) -> Write:
        return Write(self.encode(StreamAck(stream_id, expected_id)))

    def _not_found(self, stream_id: str) -> Write:
        return self._closed(stream_id, StreamError("StreamNotFound", "No such stream is open on this connection"))

    def _closed(self, stream_id: str, error: StreamError | None) -> Write:
        return Write(self.encode(StreamClosed(stream_id, error)))


def forbidden(group: str) -> StreamError:
    """The error of a publisher that may not send to the group."""
    role = "webpubsub.sendToGroup"
    return StreamError("Forbidden", f"The connection lacks the role {role}.{group} or {role}")
