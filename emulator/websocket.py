"""One client's socket: bytes to messages, messages to bytes, in order and within bounds.

Takes over a TCP connection from the HTTP server. Frames written in one turn of the event loop leave as one write; a
close frame waits its turn behind them. Must not know sub-protocols.
"""

import asyncio
from typing import Protocol

from .limits import Limits
from .protocol import frames

PINGS_AT_ONCE = 200


class Listener(Protocol):
    """Who is told what happens on a socket."""

    def received(self, opcode: int, payload: bytes) -> None:
        """A whole text or binary message came."""

    def broken(self, code: int, reason: str) -> None:
        """The stream cannot be read any further; the listener ends the connection with this close code."""

    def lost(self, for_good: bool, reason: str) -> None:
        """The socket is gone, or going; told once. ``for_good``: the client meant to leave."""


class Sockets:
    """Every open socket of the process; writes each one's frames once per turn of the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[Socket] = []
        self.open: set[Socket] = set()
        self._emptied: asyncio.Future[None] | None = None

    def flush_soon(self, socket: "Socket") -> None:
        """``socket`` has frames to write."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(socket)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for socket in waiting:
            socket.flush()

    async def ping(self) -> None:
        """Pings every client, and lets those go that have said nothing since the last time."""
        for number, socket in enumerate(list(self.open), 1):
            socket.ping()
            if number % PINGS_AT_ONCE == 0:
                # Thousands of writes would hold up everybody's messages.
                await asyncio.sleep(0)

    async def wait_closed(self, seconds: float) -> None:
        """Waits until every socket is gone; those that are not in time are dropped."""
        self._emptied = self._loop.create_future()
        if self.open:
            await asyncio.wait([self._emptied], timeout=seconds)
        for socket in list(self.open):
            socket.abort()

    def forget(self, socket: "Socket") -> None:
        """``socket`` is gone."""
        self.open.discard(socket)
        if not self.open and self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)


class Socket(asyncio.Protocol):
    """An upgraded connection; an ``Outlet``. ``listen`` must be called before the client's first byte is read."""

    # A fan-out touches every socket: what lies together is found sooner.
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
        # Far above what one turn of a fast reader leaves behind; beyond it the reader does not keep up.
        transport.set_write_buffer_limits(high=limits.outgoing_bytes)
        sockets.open.add(self)

    def listen(self, listener: Listener) -> None:
        """Says who is told from now on."""
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
        """Queues what a recovered client missed; that much may wait on top of the usual bound."""
        self._transport.set_write_buffer_limits(high=self._limits.outgoing_bytes + sum(map(len, frames)))
        for frame in frames:
            self.write(frame)

    def flush(self) -> None:
        """Writes what is queued."""
        queue = self._queue
        if queue and not self._transport.is_closing():
            self._transport.write(queue[0] if len(queue) == 1 else b"".join(queue))
        # Kept, not replaced: a list per write is what the garbage collector would be busy with.
        queue.clear()

    def close(self, code: int, reason: str) -> None:
        """Queues a close frame; the socket goes when the client answers it, or a little later without an answer."""
        if self._closing:
            return
        self.write(frames.close_frame(code, reason))
        self._closing = True
        self.resume()
        self._abort_later()

    def ping(self) -> None:
        """Asks whether the client is still there; drops it when it did not answer the last time."""
        if self._closing or self._paused:
            return
        if self._silent:
            self._tell_lost(False, "PingTimeout: the client does not answer")
            self.abort()
            return
        self._silent = True
        self.write(frames.frame(frames.PING, b""))

    def abort(self) -> None:
        """Drops the socket."""
        self._closing = True
        self._transport.abort()

    def pause(self) -> None:
        """Stops reading."""
        if not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Goes on reading."""
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Reads what came; nothing counts behind a broken frame or a close."""
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
        """The client reads too slowly for what it is sent."""
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
        # No code is what close() without arguments sends: the client means to leave.
        self._tell_lost(code in (frames.NORMAL, frames.NO_CODE), f"The client closed the connection ({code})")
        if not self._closing:
            self.write(frames.frame(frames.CLOSE, payload[:2]))
        self.flush()
        self._closing = True
        # What is queued goes out first; a client that is gone would never take it.
        self._transport.close()
        self._abort_later()

    def _abort_later(self) -> None:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().call_later(self._limits.closing_seconds, self.abort)

    def _break_off(self, broken: frames.BrokenFrame) -> None:
        """Ends a stream that cannot be read any further, and drops what still comes until the client has gone.

        Closing at once would reset a client that is in the middle of sending: it would never read why.
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
