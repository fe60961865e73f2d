"""Intercepts what a page sends to Web PubSub, so that a test can pass it on, hold it back or refuse it."""

import json
import re

from playwright.sync_api import Page, WebSocketRoute


class Wire:
    """A proxy between a page and the service, from the next connection on. It forwards all messages of the service.

    ``held`` are the kinds of the page's frames that are held back: ``sendToGroup``, or an event's name.
    """

    def __init__(self, page: Page) -> None:
        self.held: set[str] = set()
        self._waiting: list[tuple[WebSocketRoute, WebSocketRoute, str]] = []
        page.route_web_socket(re.compile("/client/hubs/"), self._connect)

    def refuse(self) -> None:
        """Answers all held frames like the service when it can't accept them."""
        for page, _, frame in self._taken():
            error = {"name": "InternalServerError", "message": "not now"}
            answer = {"type": "ack", "ackId": json.loads(frame)["ackId"], "success": False, "error": error}
            page.send(json.dumps(answer))

    def release(self) -> None:
        """Forwards all held frames, and all later ones."""
        for _, service, frame in self._taken():
            service.send(frame)

    def _taken(self) -> list[tuple[WebSocketRoute, WebSocketRoute, str]]:
        self.held.clear()
        waiting, self._waiting = self._waiting, []
        return waiting

    def _connect(self, page: WebSocketRoute) -> None:
        service = page.connect_to_server()

        def from_page(frame: str | bytes) -> None:
            text = frame if isinstance(frame, str) else frame.decode()
            message = json.loads(text)
            # A frame without an ackId, such as a typing indicator, gets no answer.
            if "ackId" in message and message.get("event", message["type"]) in self.held:
                self._waiting.append((page, service, text))
            else:
                service.send(text)

        page.on_message(from_page)
