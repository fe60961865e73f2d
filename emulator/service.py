"""The life of connections from their admission to their end: carries out what their sessions decide.

Owns the hubs, the timers of lost connections and the running handler calls. It puts sessions (rules), hubs (membership)
and ``upstream`` (webhooks) to work on the event loop.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Iterable
from functools import partial
from typing import Any

from .configuration import Settings
from .connection import Connection, Outlet
from .hub import NO_IDS, Condition, Hub, Target, count_reached, fan_out
from .log import Log
from .observer import Addressee, Observer, SentMessage
from .protocol import frames
from .protocol.effects import (
    AwaitStream,
    CallHandler,
    Close,
    Deliver,
    Effect,
    ForgetStream,
    Join,
    Leave,
    Publish,
    Write,
)
from .protocol.messages import Content, Message
from .quota import DailyQuota, used_up
from .upstream.events import EventFailed, Events

TOO_MANY_UNACKNOWLEDGED = "The client has too many unacknowledged messages"


class Service:
    """All hubs and their connections."""

    def __init__(
        self, settings: Settings, events: Events, log: Log, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.settings, self.events, self.log, self._clock = settings, events, log, clock
        self.observer: Observer | None = None
        self._hubs: dict[str, Hub] = {}
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._idle_streams: dict[str, dict[str, asyncio.TimerHandle]] = {}
        self._announcements: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._quota = DailyQuota()
        self.stopping = False

    def at_connection_limit(self, arriving: int) -> bool:
        """Whether the limit on connections is reached; ``arriving`` are about to be opened."""
        most = self.settings.limits.connections
        return most > 0 and arriving + sum(len(hub.connections) for hub in self._hubs.values()) >= most

    def hub(self, name: str) -> Hub:
        """The hub of that name, case-insensitive. A hub without connections is created for the caller and not kept."""
        return self._hubs.get(name.lower()) or Hub(name.lower())

    def hubs(self) -> list[Hub]:
        """Every hub that has a connection."""
        return list(self._hubs.values())

    def connections(self) -> list[Connection]:
        """Every logical connection, of all hubs."""
        return [connection for hub in self._hubs.values() for connection in hub.connections.values()]

    def open(self, connection: Connection, groups: Iterable[str], outlet: Outlet, reconnection_token: str) -> None:
        """Opens a new connection: joins its groups, sends its first frame and its ``connected`` event."""
        hub = self._hubs.setdefault(connection.hub, Hub(connection.hub))
        hub.add(connection)
        for group in groups:
            hub.join(connection, group)
        connection.outlet = outlet
        connection.opened_at = time.time()
        connection.write(connection.session.connected(reconnection_token))
        self._log("connected", connection, f"connected by {connection.session.subprotocol or 'no sub-protocol'}")
        announcement = self._start(self.events.notify(connection, "connected"))
        self._announcements[connection.id] = announcement
        announcement.add_done_callback(lambda _: self._announcements.pop(connection.id, None))

    def abandon(self, connection: Connection) -> None:
        """The client left after its ``connect`` was accepted, so its handler must get ``disconnected``."""
        self._start(self._announce_end(connection, "The connection was lost"))

    def recoverable(self, hub: str, connection_id: str) -> Connection | None:
        """The reliable connection that a client may recover, if it is still kept."""
        connection = self.hub(hub).connections.get(connection_id)
        return connection if connection is not None and connection.session.reliable else None

    def attach(self, connection: Connection, outlet: Outlet) -> None:
        """Gives a reliable connection a new socket and replays what it missed. A previous socket is dropped."""
        if timer := self._expiries.pop(connection.id, None):
            timer.cancel()
        if connection.outlet is not None:
            connection.outlet.abort()
        connection.outlet = outlet
        replayed = connection.session.recovered(self._clock())
        outlet.replay(replayed)
        if connection.session.congested:
            outlet.pause()
        self._log("recovered", connection, f"recovered, {len(replayed)} frames sent again", frames=len(replayed))

    def receive(self, connection: Connection, opcode: int, payload: bytes) -> None:
        """One message of the client."""
        self._perform(connection, connection.session.receive(opcode, payload))
        if connection.session.congested and connection.outlet is not None:
            connection.outlet.pause()

    def detach(self, connection: Connection, outlet: Outlet, *, for_good: bool, reason: str) -> None:
        """The client's socket is closed. A reliable client may recover unless it left on purpose (``for_good``)."""
        if connection.outlet is not outlet:
            return
        connection.outlet = None
        if for_good or not connection.session.reliable:
            self.end(connection, frames.NORMAL, reason)
            return
        seconds = self.settings.limits.retention_seconds
        self._expiries[connection.id] = asyncio.get_running_loop().call_later(
            seconds, self.end, connection, frames.GOING_AWAY, reason
        )
        self._log("lost", connection, f"lost its socket, kept for {seconds:g} s: {reason}", reason=reason)

    def end(self, connection: Connection, code: int, reason: str) -> None:
        """Ends a logical connection: it leaves its groups at once, and its handler gets ``disconnected``."""
        if connection.ended:
            return
        connection.ended = True
        hub = self.hub(connection.hub)
        hub.remove(connection)
        if not hub.connections:
            del self._hubs[hub.name]
        if timer := self._expiries.pop(connection.id, None):
            timer.cancel()
        for timer in self._idle_streams.pop(connection.id, {}).values():
            timer.cancel()
        if connection.outlet is not None:
            connection.write(connection.session.disconnected(reason))
            connection.outlet.close(code, reason)
            connection.outlet = None
        for publish in connection.session.end():
            self._publish(connection, publish)
        self._log("ended", connection, f"ended: {reason}", code=code, reason=reason)
        self._start(self._announce_end(connection, reason))

    def close_all(self, connections: Iterable[Connection], reason: str) -> None:
        """Ends connections on behalf of the application."""
        for connection in list(connections):
            self.end(connection, frames.NORMAL, reason)

    def send(
        self,
        hub: Hub,
        target: Target,
        message: Message,
        excluded: Collection[str] = NO_IDS,
        condition: Condition | None = None,
    ) -> bool:
        """Sends a message from the application's server; False when the daily quota is used up."""
        receivers = hub.addressed(target)
        if not self._within_quota(message.content, partial(count_reached, receivers, excluded, condition)):
            return False
        if self.observer is not None:
            reached = partial(count_reached, receivers, excluded, condition)
            self.observer.sent(SentMessage(hub.name, "server", target, message.content, message.metadata, reached))
        self._end_full(fan_out(receivers, message, self._clock(), excluded, condition))
        return True

    async def shut_down(self) -> None:
        """Closes every client with 1001 and waits for their ``disconnected`` events, up to a time-out."""
        self.stopping = True
        for connection in self.connections():
            self.end(connection, frames.GOING_AWAY, "The service is shutting down")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.settings.limits.shutdown_seconds
        # Clients that are refused meanwhile may have a handler that must get the event, too.
        while self._tasks and (seconds := deadline - loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=seconds)
        late = list(self._tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _perform(self, connection: Connection, effects: list[Effect]) -> None:
        for effect in effects:
            # A publication may fill its own sender's buffer and end it. Nothing may follow then.
            if connection.ended:
                return
            match effect:
                case Write(frame):
                    connection.write(frame)
                case Publish():
                    self._publish(connection, effect)
                case CallHandler():
                    self._start(self._call_handler(connection, effect))
                case Deliver(message):
                    self._reply(connection, message)
                case Join(group):
                    self._join(connection, group)
                case Leave(group):
                    self.hub(connection.hub).leave(connection, group)
                    self._log("left", connection, f"left {group}", group=group)
                case AwaitStream():
                    self._await_stream(connection, effect)
                case ForgetStream(stream_id):
                    self._idle_streams[connection.id].pop(stream_id).cancel()
                case Close(code, reason):
                    self.end(connection, code, reason)

    def _publish(self, connection: Connection, publish: Publish) -> None:
        hub, message = self.hub(connection.hub), publish.message
        if self.log.verbose:
            size, group = len(message.content.payload), message.group
            self._log("published", connection, f"published {size} bytes to {group}", group=group, bytes=size)
        excluded = (connection.id,) if publish.no_echo else NO_IDS
        if not self._within_quota(message.content, partial(count_reached, hub.members(message.group or ""), excluded)):
            self._log("quota", connection, "published a message over the daily quota: it is dropped")
            why = used_up(self.settings.limits.messages_per_day)
            self._perform(connection, connection.session.not_published(publish, why))
            return
        if self.observer is not None:
            target: Target = ("group", message.group or "")
            reached = partial(count_reached, hub.addressed(target), excluded)
            self.observer.sent(SentMessage(hub.name, connection, target, message.content, message.metadata, reached))
        self._end_full(hub.publish(message, self._clock(), excluded))
        connection.write(publish.answer)

    def _within_quota(self, content: Content, reached: Callable[[], int]) -> bool:
        most = self.settings.limits.messages_per_day
        return most == 0 or self._quota.take(len(content.payload), reached(), most, time.time())

    def _reply(self, connection: Connection, message: Message) -> None:
        self._within_quota(message.content, lambda: 1)
        if self.observer is not None:
            target: Target = ("connection", connection.id)
            self.observer.sent(
                SentMessage(connection.hub, "handler", target, message.content, message.metadata, lambda: 1)
            )
        self._end_full(fan_out((connection,), message, self._clock()))

    def _join(self, connection: Connection, group: str) -> None:
        self.hub(connection.hub).join(connection, group)
        self._log("joined", connection, f"joined {group}", group=group)

    def _await_stream(self, connection: Connection, stream: AwaitStream) -> None:
        timers = self._idle_streams.setdefault(connection.id, {})
        if timer := timers.pop(stream.stream_id, None):
            timer.cancel()
        timers[stream.stream_id] = asyncio.get_running_loop().call_later(
            stream.milliseconds / 1000, self._stream_idle, connection, stream.stream_id
        )

    def _stream_idle(self, connection: Connection, stream_id: str) -> None:
        self._log("streamIdle", connection, "had a stream that was idle too long")
        self._perform(connection, connection.session.stream_idle(stream_id))

    def _end_full(self, connections: list[Connection]) -> None:
        for connection in connections:
            self.end(connection, frames.POLICY_VIOLATION, TOO_MANY_UNACKNOWLEDGED)

    async def _call_handler(self, connection: Connection, call: CallHandler) -> None:
        if self.observer is not None:
            taken = partial(self.events.takers, connection.hub, call.event)
            to: Addressee = ("event", call.event)
            self.observer.sent(SentMessage(connection.hub, connection, to, call.content, call.metadata, taken))
        # Counted, as is its answer, because it is billed. What happens beyond the quota is not documented.
        self._within_quota(call.content, lambda: 1)
        try:
            reply = await self.events.user_event(connection, call.event, call.content, call.metadata)
        except EventFailed as error:
            self._log("eventFailed", connection, f"sent {call.event}, which failed: {error}", name=call.event)
            effects = connection.session.handler_failed()
        else:
            effects = connection.session.handler_answered(reply)
        self._perform(connection, effects)
        if not connection.session.congested and connection.outlet is not None:
            connection.outlet.resume()

    async def _announce_end(self, connection: Connection, reason: str) -> None:
        # A handler must not get disconnected before connected.
        if announcement := self._announcements.get(connection.id):
            await asyncio.wait([announcement])
        await self.events.notify(connection, "disconnected", reason)

    def _log(self, event: str, connection: Connection, text: str, **fields: str | int | None) -> None:
        self.log.write(
            event,
            f"hub {connection.hub}: {connection.id} ({connection.user_id or 'anonymous'}) {text}",
            hub=connection.hub,
            connection=connection.id,
            user=connection.user_id,
            **fields,
        )

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
