"""In a real browser, a page of another site can't do anything to a stack that runs on the same machine."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OTHER_SITE, Arrive
from tests.stack import Stack

CONNECTED = """
url => new Promise(resolve => {
  const socket = new WebSocket(url)
  socket.onopen = () => resolve(true)
  socket.onclose = () => resolve(false)
})
"""
POSTED = """
async url => {
  const init = { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"userName":"Planted"}' }
  await fetch(url, init)
}
"""
READ = "url => fetch(url, { credentials: 'include' }).then(() => true, () => false)"


class Empty(BaseHTTPRequestHandler):
    """Serves an empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Another site</title>")

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{OTHER_SITE}:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def socket_url(stack: Stack) -> str:
    """A URL with a valid token, signed with the stand-in's own key."""
    url = f"http://localhost:{stack.ports.pubsub}/client/hubs/chat"
    token = jwt.encode({"aud": url, "sub": "victim", "exp": int(time.time()) + 600}, stack.pubsub_key, "HS256")
    return f"ws{url.removeprefix('http')}?access_token={token}"


def test_a_page_of_another_site_opens_no_websocket_and_ours_does(
    arrive: Arrive, elsewhere: str, socket_url: str
) -> None:
    visitor = arrive()
    visitor.accept("WebSocket connection to", "401")
    visitor.page.goto(elsewhere)
    assert visitor.page.evaluate(CONNECTED, socket_url) is False
    visitor.page.goto(visitor.url)
    assert visitor.page.evaluate(CONNECTED, socket_url) is True


def test_a_page_of_another_site_neither_signs_in_nor_out_nor_reads(
    arrive: Arrive, stack: Stack, elsewhere: str
) -> None:
    ada = arrive("Ada")
    ada.accept("403", "CORS", "Failed to load resource")
    before = ada.page.context.cookies(stack.url)
    page = ada.page.context.new_page()
    page.goto(elsewhere)
    for port in (stack.ports.app, stack.ports.functions):
        page.evaluate(POSTED, f"http://localhost:{port}/api/guest")
        assert page.evaluate(READ, f"http://localhost:{port}/api/me") is False
    assert ada.page.context.cookies(stack.url) == before
    ada.page.reload()
    expect(ada.part("user-list")).to_contain_text(ada.name)


def test_by_a_name_that_points_here_no_port_shows_anything(arrive: Arrive, stack: Stack, elsewhere: str) -> None:
    visitor = arrive()
    visitor.accept("403")
    for name, port in vars(stack.ports).items():
        answer = visitor.page.goto(f"http://{OTHER_SITE}:{port}/")
        assert answer is not None and answer.status == 403, name
        assert "Chatr" not in visitor.page.title()
    assert json.dumps(visitor.page.context.cookies()) == "[]"
