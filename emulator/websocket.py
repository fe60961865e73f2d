"""A client's WebSocket: bytes to messages and frames to bytes, in order and within limits.

It takes over a TCP connection from the HTTP server. Frames that are written in one turn of the event loop are sent in
one write; a close frame is sent after them.
"""

import asyncio
from typing import Protocol

from .limits import Limits
from .protocol import frames

PINGS_AT_ONCE = 200


class Listener(Protocol):
    """Gets the events of a socket."""

    def received(self, opcode: int, payload: bytes) -> None:
        """A whole text or binary message arrived."""

    def broken(self, code: int, reason: str) -> None:
        """The byte stream is invalid; the listener ends the connection with this close code."""

    def lost(self, for_good: bool, reason: str) -> None:
        """The socket is closed or closing; called once. ``for_good``: the client closed it on purpose."""


class Sockets:
    """All open sockets. Flushes those that have frames once per turn of the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[Socket] = []
        self.open: set[Socket] = set()
        self._emptied: asyncio.Future[None] | None = None

    def flush_soon(self, socket: "Socket") -> None:
        """Schedules a flush of ``socket``."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(socket)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for socket in waiting:
            socket.flush()

    async def ping(self) -> None:
        """Pings every client, and drops those that have sent nothing since the last ping."""
        for number, socket in enumerate(list(self.open), 1):
            socket.ping()
            if number % PINGS_AT_ONCE == 0:
                # Thousands of writes at once would delay all messages.
                await asyncio.sleep(0)

    async def wait_closed(self, seconds: float) -> None:
        """Waits until all sockets are closed, and drops those that are still open after ``seconds``."""
        self._emptied = self._loop.create_future()
        if self.open:
            await asyncio.wait([self._emptied], timeout=seconds)
        for socket in list(self.open):
            socket.abort()

    def forget(self, socket: "Socket") -> None:
        """Removes a closed socket."""
        self.open.discard(socket)
        if not self.open and self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)


class Socket(asyncio.Protocol):
    """An upgraded connection; an ``Outlet``. Call ``listen`` before the first byte is read."""

    # A fan-out touches every socket: slots keep its attributes close in memory.
    __slots__ = (
        "_closing",
        "_deadline",
        "_limits",
        "_listener",
        "_paused",
        "_queue",
        "_reader",
        "_silent",
        "_sockets",
        "_transport",
        "_unreadable",
    )

    def __init__(self, transport: asyncio.Transport, sockets: Sockets, limits: Limits) -> None:
        self._transport, self._sockets = transport, sockets
        self._reader = frames.FrameReader(limits.message_bytes)
        self._queue: list[bytes] = []
        self._listener: Listener | None = None
        self._closing = False
        self._unreadable = False
        self._limits = limits
        self._deadline: asyncio.TimerHandle | None = None
        self._paused = False
        self._silent = False
        # Far above what a fast reader leaves unsent after one turn. Beyond it the reader is too slow.
        transport.set_write_buffer_limits(high=limits.outgoing_bytes)
        sockets.open.add(self)

    def listen(self, listener: Listener) -> None:
        """Sets who gets the events."""
        self._listener = listener

    def write(self, frame: bytes) -> None:
        """Queues one frame."""
        if self._closing:
            return
        queue = self._queue
        if not queue:
            self._sockets.flush_soon(self)
        queue.append(frame)

    def replay(self, frames: list[bytes]) -> None:
        """Queues what a recovered client missed, on top of the usual limit."""
        self._transport.set_write_buffer_limits(high=self._limits.outgoing_bytes + sum(map(len, frames)))
        for frame in frames:
            self.write(frame)

    def flush(self) -> None:
        """Sends the queued frames in one write."""
        queue = self._queue
        if queue and not self._transport.is_closing():
            self._transport.write(queue[0] if len(queue) == 1 else b"".join(queue))
        # Cleared, not replaced: new lists for each write would keep the garbage collector busy.
        queue.clear()

    def close(self, code: int, reason: str) -> None:
        """Queues a close frame. The socket closes when the client answers it or after a time-out."""
        if self._closing:
            return
        self.write(frames.close_frame(code, reason))
        self._closing = True
        self.resume()
        self._abort_later()

    def ping(self) -> None:
        """Pings the client, or drops it if it has sent nothing since the last ping."""
        if self._closing or self._paused:
            return
        if self._silent:
            self._tell_lost(False, "PingTimeout: the client does not answer")
            self.abort()
            return
        self._silent = True
        self.write(frames.frame(frames.PING, b""))

    def abort(self) -> None:
        """Closes the TCP connection at once."""
        self._closing = True
        self._transport.abort()

    def pause(self) -> None:
        """Stops reading."""
        if not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Resumes reading."""
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Reads frames. Everything after an invalid frame or a close is ignored."""
        self._silent = False
        if self._unreadable:
            return
        messages, broken = self._reader.feed(data)
        for message in messages:
            if message.opcode in (frames.TEXT, frames.BINARY):
                if not self._closing and self._listener is not None:
                    self._listener.received(message.opcode, message.payload)
            elif message.opcode == frames.PING:
                self.write(frames.frame(frames.PONG, message.payload))
            elif message.opcode == frames.CLOSE:
                self._close_received(message.payload)
                return
        if broken is not None:
            self._break_off(broken)

    def pause_writing(self) -> None:
        """Backpressure: the client reads too slowly, so it is dropped."""
        self._tell_lost(False, "SlowClient: the client reads too slowly")
        self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The TCP connection ended."""
        self._closing = True
        self._queue.clear()
        self._sockets.forget(self)
        if self._deadline is not None:
            self._deadline.cancel()
        self._tell_lost(False, "The connection was lost")

    def _close_received(self, payload: bytes) -> None:
        try:
            code = frames.close_code(payload)
        except frames.BrokenFrame as broken:
            self._break_off(broken)
            return
        # close() without arguments sends no code; the client means to leave.
        self._tell_lost(code in (frames.NORMAL, frames.NO_CODE), f"The client closed the connection ({code})")
        if not self._closing:
            self.write(frames.frame(frames.CLOSE, payload[:2]))
        self.flush()
        self._closing = True
        # Sends what is queued first. A client that is gone never reads it, hence the time-out.
        self._transport.close()
        self._abort_later()

    def _abort_later(self) -> None:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().call_later(self._limits.closing_seconds, self.abort)

    def _break_off(self, broken: frames.BrokenFrame) -> None:
        """Ends an invalid stream, and ignores further input until the client closes.

        Closing at once would reset a client that is still sending, and it would never read the reason.
        """
        self._unreadable = True
        if not self._closing and self._listener is not None:
            self._listener.broken(broken.code, broken.reason)
        self.flush()
        if not self._transport.is_closing():
            self._transport.write_eof()

    def _tell_lost(self, for_good: bool, reason: str) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.lost(for_good, reason)
