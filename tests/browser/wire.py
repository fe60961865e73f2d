"""What a page sends to Web PubSub, in the hands of a test: to be passed on, held back or refused."""

import json
import re

from playwright.sync_api import Page, WebSocketRoute


class Wire:
    """Stands between a page and the service from the next connection on; what the service says always passes.

    ``held`` names the kinds of frames that wait: ``sendToGroup``, or an event's name.
    """

    def __init__(self, page: Page) -> None:
        self.held: set[str] = set()
        self._waiting: list[tuple[WebSocketRoute, WebSocketRoute, str]] = []
        page.route_web_socket(re.compile("/client/hubs/"), self._connect)

    def refuse(self) -> None:
        """Answers all that waits as the service does when it could not take it."""
        for page, _, frame in self._taken():
            error = {"name": "InternalServerError", "message": "not now"}
            answer = {"type": "ack", "ackId": json.loads(frame)["ackId"], "success": False, "error": error}
            page.send(json.dumps(answer))

    def release(self) -> None:
        """Passes on all that waits, and what comes from now on."""
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
            # Without an ackId nobody waits for an answer: somebody types.
            if "ackId" in message and message.get("event", message["type"]) in self.held:
                self._waiting.append((page, service, text))
            else:
                service.send(text)

        page.on_message(from_page)
