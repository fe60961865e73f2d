"""Sends events to their handlers and reads the answers.

The first handler that matches gets an event. State and cookies from answers are kept with the connection.
"""

import time

import msgspec

from ..configuration import EventHandler, Settings, SystemEvent
from ..connection import Connection
from ..log import Log
from ..names import Metadata
from ..protocol.messages import Content
from ..redaction import redacted
from . import cloudevents
from .cloudevents import Answer, BadAnswer, ConnectAnswer, ConnectRequest, Event
from .identity import Signer
from .webhook import Lane, WebhookClient, WebhookFailed

COOKIES_PER_CONNECTION = 50


class ConnectDenied(Exception):
    """A ``connect`` handler refused the client with this HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the connect handler answered {status}")
        self.status = status


class EventFailed(Exception):
    """An event got no valid answer; the text says why."""


class Events:
    """Calls the event handlers of every hub."""

    def __init__(self, settings: Settings, webhooks: WebhookClient, signer: Signer, log: Log) -> None:
        self.settings, self._webhooks, self._signer, self._log = settings, webhooks, signer, log

    async def connect(self, connection: Connection, asked: ConnectRequest) -> ConnectAnswer:
        """Asks the handler whether the client may connect. Raises ConnectDenied or EventFailed."""
        handler = self._for_system(connection.hub, "connect")
        if handler is None:
            # Number 0 is reserved for connect, even without a handler.
            connection.events_sent = 1
            return ConnectAnswer()
        event = Event("sys", "connect", cloudevents.connect_body(asked))
        answer = await self._send(connection, handler, event)
        if not answer.accepted:
            raise ConnectDenied(answer.status if 400 <= answer.status <= 599 else 500)
        remember(connection, answer)
        try:
            return cloudevents.connect_answer(answer)
        except BadAnswer as error:
            raise EventFailed(str(error)) from None

    async def notify(self, connection: Connection, event: SystemEvent, reason: str | None = None) -> None:
        """Sends ``connected`` or ``disconnected``; failures are only logged."""
        handler = self._for_system(connection.hub, event)
        if handler is None:
            return
        body = msgspec.json.encode({} if reason is None else {"reason": reason})
        try:
            await self._send(connection, handler, Event("sys", event, body))
        except EventFailed as error:
            text = f"hub {connection.hub}: {event} of {connection.id} was not delivered: {error}"
            self._log.write("eventFailed", text, hub=connection.hub, connection=connection.id, name=event)

    async def user_event(
        self, connection: Connection, event: str, content: Content, metadata: Metadata
    ) -> Content | None:
        """The handler's reply to the sender, if any. Raises EventFailed, also when no handler takes the event."""
        handler = self._for_user(connection.hub, event)
        if handler is None:
            raise EventFailed("no event handler takes it")
        content_type = cloudevents.CONTENT_TYPES[content.data_type]
        told = Event("user", event, content.payload, content_type, metadata)
        answer = await self._send(connection, handler, told)
        if not answer.accepted:
            raise EventFailed(f"its handler answered {answer.status}")
        remember(connection, answer)
        try:
            return cloudevents.reply_content(answer)
        except BadAnswer as error:
            raise EventFailed(str(error)) from None

    def takers(self, hub: str, event: str) -> int:
        """How many handlers get a user event: one or none."""
        return int(self._for_user(hub, event) is not None)

    def _for_user(self, hub: str, event: str) -> EventHandler | None:
        handlers = self.settings.handlers.get(hub, ())
        return next((handler for handler in handlers if handler.takes(event)), None)

    def _for_system(self, hub: str, event: SystemEvent) -> EventHandler | None:
        handlers = self.settings.handlers.get(hub, ())
        return next((handler for handler in handlers if event in handler.system_events), None)

    async def _send(self, connection: Connection, handler: EventHandler, event: Event) -> Answer:
        now = time.time()
        request = cloudevents.webhook_request(connection, event, handler.url_template, self.settings.access_keys, now)
        if handler.resource:
            request.headers["Authorization"] = f"Bearer {self._signer.token(handler.resource, now)}"
        lane = Lane(handler.url_template, connection.hub, "user" if event.kind == "user" else event.name)
        started = time.monotonic()
        try:
            answer = await self._webhooks.send(request, lane)
        except WebhookFailed as error:
            raise EventFailed(str(error)) from None
        elapsed = (time.monotonic() - started) * 1000
        # With connection id and number the event can be found in the handler's own log.
        number = request.headers["ce-id"]
        what = f"hub {connection.hub}: {event.name} {connection.id}.{number} to {redacted(request.url)}"
        self._log.write(
            "webhook",
            f"{what}: {answer.status} in {elapsed:.0f} ms",
            hub=connection.hub,
            connection=connection.id,
            id=number,
            name=event.name,
            url=redacted(request.url),
            status=answer.status,
            ms=round(elapsed),
        )
        return answer


def remember(connection: Connection, answer: Answer) -> None:
    """Keeps the state and the cookies from a blocking event's answer, if they are valid in a header."""
    state = answer.headers.get(cloudevents.STATE_HEADER.lower())
    if state is not None and state.isprintable():
        connection.state = state
    connection.cookies |= {name: value for name, value in answer.cookies.items() if value.isprintable()}
    while len(connection.cookies) > COOKIES_PER_CONNECTION:
        connection.cookies.pop(next(iter(connection.cookies)))
