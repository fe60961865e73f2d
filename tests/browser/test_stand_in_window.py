"""The stand-in's window in a real browser: it shows what happens, performs actions, and never runs what it displays."""

import json
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from azure.messaging.webpubsubservice import WebPubSubServiceClient
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Scheme, watch
from tests.running import Running, running
from tests.stack import ROOT

HOSTILE = '<img src=x onerror="window.ran = true"><script>window.ran = true</script>'
OPEN_CLIENT = """async ([url, name]) => {
  const socket = new WebSocket(url, "json.webpubsub.azure.v1");
  window[name] = { socket, heard: [], closed: null };
  socket.onmessage = ({ data }) => window[name].heard.push(JSON.parse(data));
  await new Promise((done, failed) => {
    socket.onopen = done;
    socket.onclose = ({ code }) => { window[name].closed = code; failed(new Error(`closed with ${code}`)); };
  });
}"""


class Handler(BaseHTTPRequestHandler):
    """An event handler that fails for `fail` and answers everything else with text."""

    def do_OPTIONS(self) -> None:
        self.send_response(200)
        self.send_header("WebHook-Allowed-Origin", "*")
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = b"taken" if self.headers["ce-type"].startswith("azure.webpubsub.user") else b""
        self.send_response(403 if self.headers["ce-eventName"] == "fail" else 200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


@dataclass
class Client:
    """A WebSocket client in its own page."""

    page: Page
    name: str

    def say(self, **message: Any) -> None:
        self.page.evaluate(
            "([name, message]) => window[name].socket.send(JSON.stringify(message))", [self.name, message]
        )

    def wait_until(self, condition: str) -> None:
        """Waits until a JavaScript condition over `client` is true."""
        self.page.wait_for_function(f"(name) => {{ const client = window[name]; return {condition}; }}", arg=self.name)


@dataclass
class Scene:
    """A stand-in, its open window, and clients."""

    stand_in: Running
    window: Page
    elsewhere: Page

    def service(self, hub: str = "chat") -> WebPubSubServiceClient:
        return WebPubSubServiceClient.from_connection_string(connection_string(self.stand_in), hub)

    def client(self, name: str, url: str = "", **claims: Any) -> Client:
        roles = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"]
        with self.service() as service:
            url = url or service.get_client_access_token(**{"user_id": name, "roles": roles, **claims})["url"]
        self.elsewhere.evaluate(OPEN_CLIENT, [url, name])
        return Client(self.elsewhere, name)

    def row(self, panel: str, text: str | re.Pattern[str]) -> Locator:
        return self.window.locator(f"#{panel} > li").filter(has_text=text)


def connection_string(stand_in: Running) -> str:
    return str(stand_in.wait_until(lambda output: re.search(r"^Endpoint=.*$", output, re.MULTILINE))[0])


@pytest.fixture
def stand_in() -> Iterator[Running]:
    """A stand-in whose hub `chat` has an event handler."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/{{event}}"
    command = [sys.executable, "-m", "emulator", "--port", "0", "--hub", "chat", "--event-handler", url]
    with running(command, cwd=ROOT) as started:
        yield started
    server.shutdown()
    server.server_close()


@pytest.fixture(params=[{}])
def scene(browser: Browser, stand_in: Running, request: pytest.FixtureRequest) -> Iterator[Scene]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, **request.param)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    endpoint = connection_string(stand_in).removeprefix("Endpoint=").partition(";")[0]
    visitor = watch(context.new_page(), endpoint)
    visitor.page.goto(f"{endpoint}/")
    expect(visitor.page.locator("#status")).to_have_text("Live")
    elsewhere = browser.new_context()
    page = elsewhere.new_page()
    # A page of this machine: one without a site may not connect.
    page.goto(f"{endpoint}/api/health")
    yield Scene(stand_in, visitor.page, page)
    context.close()
    elsewhere.close()
    assert visitor.problems == []


def test_it_shows_a_client_its_groups_what_it_says_and_the_calls_for_it(scene: Scene) -> None:
    ada = scene.client("ada")
    connection = scene.row("connections", "ada")
    expect(connection).to_contain_text("json.webpubsub.azure.v1")
    expect(scene.row("hubs", "chat")).to_contain_text("1 connection")
    expect(scene.row("calls", "connected")).to_contain_text(re.compile(r"of ada.*200.*\d ms"))
    ada.say(type="joinGroup", group="readers")
    expect(scene.row("groups", "readers")).to_contain_text("ada")
    expect(connection).to_contain_text("readers")
    ada.say(type="sendToGroup", group="readers", dataType="json", data={"page": 7})
    message = scene.row("messages", '"page"')
    expect(message).to_contain_text(re.compile("ada.*readers.*json.*reached 1"))
    message.locator("summary").click()
    expect(message.locator("pre")).to_have_text('{\n  "page": 7\n}')
    ada.say(type="event", event="fail", dataType="text", data="please")
    expect(scene.row("messages", "please")).to_contain_text("event fail")
    expect(scene.row("calls", "fail")).to_contain_text("403")
    ada.say(type="event", event="ok", dataType="text", data="now")
    expect(scene.row("messages", "taken")).to_contain_text("event handler")
    scene.elsewhere.evaluate("window.ada.socket.close()")
    expect(connection).to_have_count(0)
    expect(scene.row("groups", "readers")).to_have_count(0)


def test_json_in_a_string_is_shown_as_json_and_numbers_as_they_were_written(scene: Scene) -> None:
    inner = json.dumps({"text": "hi", "at": 1, "deeper": json.dumps(["x"])})
    written = json.dumps({"type": "said", "data": inner}).replace('"said"', "12345678901234567890.10")
    with scene.service() as service:
        for text in (written, '{"text": "of a text message"}', "{no JSON", "plain"):
            service.send_to_all(text, content_type="text/plain")
        service.send_to_all(json.loads(written), content_type="application/json")
    messages = scene.window.locator("#messages > li")
    expect(messages).to_have_count(5)
    first = messages.last
    expect(first.locator("summary .content")).to_contain_text('"data":"{"text":"hi"')
    for summary in scene.window.locator("#messages summary").all():
        summary.click()
    shown = """{
  "type": 12345678901234567890.10,
  "data": "{
    "text": "hi",
    "at": 1,
    "deeper": "[
      "x"
    ]"
  }"
}"""
    expect(first.locator("pre")).to_have_text(shown)
    expect(messages.first.locator("pre")).to_contain_text('    "text": "hi",')
    expect(scene.row("messages", "of a text message").locator("pre")).to_have_text(
        '{\n  "text": "of a text message"\n}'
    )
    expect(scene.row("messages", "no JSON").locator("pre")).to_have_text("{no JSON")
    # What is cut is laid out as far as it goes.
    with scene.service() as service:
        service.send_to_all({"first": 1, "long": "y" * 5000})
    cut = scene.row("messages", "yyy")
    cut.locator("summary").click()
    expect(cut.locator("pre")).to_contain_text(re.compile(r'^\{\s+"first": 1,\s+"long": "y+$'))
    expect(cut).to_contain_text("Only the beginning")


def test_many_groups_and_members_stay_a_row_until_they_are_opened(scene: Scene) -> None:
    crowded = scene.client("crowded", groups=[f"room {number:02}" for number in range(60)])
    for name in ("ann", "bob", "cid", "dan"):
        scene.client(name, groups=["hall"])
    row = scene.row("connections", "crowded")
    expect(row).to_contain_text("57 more groups")
    one_line = scene.row("connections", "dan").bounding_box()
    height = row.bounding_box()
    assert one_line and height and height["height"] < one_line["height"] + 40
    expect(row.locator(".tag.group:visible")).to_have_count(3)
    row.get_by_text("57 more groups").click()
    expect(row.locator(".tag.group:visible")).to_have_count(20)
    expect(row).to_contain_text("and 40 more")
    crowded.say(type="leaveGroup", group="room 07")
    expect(row).to_contain_text("56 more groups")
    expect(row.locator("details")).to_have_attribute("open", "")
    expect(scene.row("groups", "hall")).to_contain_text(re.compile("4 members.*1 more member"))
    expect(scene.window.locator("#groups-count")).to_have_text("60")
    scene.window.get_by_label("Find").fill("crowded")
    expect(scene.window.locator("#groups-count")).to_have_text("59")
    expect(scene.row("groups", "hall")).to_have_count(0)


def test_a_copied_url_lets_a_client_in_that_is_sent_to_and_closed(scene: Scene) -> None:
    window = scene.window
    window.get_by_role("button", name="Client URL").click()
    window.get_by_label("User id").fill("bob")
    window.get_by_label("Groups to join").fill("readers\nwriters")
    window.get_by_role("button", name="Copy URL").click()
    expect(window.locator("#url .outcome")).to_contain_text("Copied")
    url = str(window.evaluate("navigator.clipboard.readText()"))
    bob = scene.client("bob", url)
    window.keyboard.press("Escape")
    expect(scene.row("groups", "writers")).to_contain_text("bob")

    scene.row("connections", "bob").get_by_role("button", name="Send").click()
    window.get_by_role("textbox", name="Content").fill("to you alone")
    window.get_by_role("button", name="Send", exact=True).last.click()
    expect(window.locator("#send .outcome")).to_have_text("Sent to 1 connection.")
    bob.wait_until("client.heard.some(({ data }) => data === 'to you alone')")
    window.get_by_role("combobox", name="To", exact=True).select_option("group")
    window.get_by_label("Group", exact=True).fill("readers")
    window.get_by_label("JSON").check()
    window.get_by_role("textbox", name="Content").fill("{")
    window.get_by_role("button", name="Send", exact=True).last.click()
    expect(window.locator("#send .outcome")).to_contain_text("not JSON")
    window.get_by_role("textbox", name="Content").fill("[1, 2]")
    window.keyboard.press("Tab")
    window.keyboard.press("Tab")
    window.keyboard.press("Enter")
    bob.wait_until("client.heard.some(({ data, group }) => group === 'readers' && data[1] === 2)")
    window.keyboard.press("Escape")

    scene.row("connections", "bob").get_by_role("button", name="Close").click()
    bob.wait_until("client.closed === 1000")
    expect(scene.row("connections", "bob")).to_have_count(0)


def test_nothing_that_is_shown_can_run(scene: Scene) -> None:
    mallory = scene.client("mallory", user_id=HOSTILE)
    mallory.say(type="joinGroup", group=HOSTILE)
    mallory.say(type="sendToGroup", group=HOSTILE, dataType="text", data=HOSTILE, metadata={"From": "somebody else"})
    mallory.say(type="sendToGroup", group=HOSTILE, dataType="json", data={HOSTILE: HOSTILE})
    mallory.say(type="event", event="ok", dataType="text", data=HOSTILE)
    for panel, rows in (("connections", 1), ("groups", 1), ("messages", 4)):
        expect(scene.row(panel, HOSTILE)).to_have_count(rows)
    for summary in scene.window.locator("#messages summary").all():
        summary.click()
    # What a client says of itself stands beside what is known of it, not in its place.
    spoofed = scene.row("messages", "somebody else").locator("dl")
    expect(spoofed).to_have_count(2)
    expect(spoofed.first).not_to_contain_text("somebody else")
    scene.row("groups", HOSTILE).get_by_role("button", name="Send").click()
    expect(scene.window.get_by_label("Group", exact=True)).to_have_value(HOSTILE)
    scene.window.keyboard.press("Escape")
    mallory.say(type="joinGroup", group="two\nlines")
    scene.row("groups", "lines").get_by_role("button", name="Send").click()
    scene.window.get_by_role("textbox", name="Content").fill("hi")
    scene.window.get_by_role("button", name="Send", exact=True).last.click()
    expect(scene.window.locator("#send .outcome")).to_have_text("Sent to 1 connection.")
    assert scene.window.evaluate("window.ran") is None
    assert scene.window.locator("main img, main script").count() == 0
    scene.elsewhere.evaluate("window.mallory.socket.close()")


@pytest.mark.parametrize(
    ("asking", "status"),
    [
        ("fetch(url + 'send', { method: 'POST', mode: 'no-cors', body })", 415),
        ("fetch(url + 'send', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })", 405),
        ("new EventSource(url + 'stream')", 403),
    ],
)
def test_a_page_of_another_site_in_the_same_browser_gets_nothing(scene: Scene, asking: str, status: int) -> None:
    url = f"{scene.window.url}window/"
    body = json.dumps({"hub": "chat", "to": "all", "type": "text", "content": "forged"})
    page_of_no_site = scene.elsewhere.context.new_page()
    # What the browser itself keeps from the page must have been refused, too.
    page_of_no_site.evaluate(f"([url, body]) => {{ Promise.resolve({asking}).catch(() => null); }}", [url, body])
    scene.stand_in.wait_until(lambda output: f"refused with {status}" in output)
    with scene.service() as service:
        service.send_to_all("genuine", content_type="text/plain")
    expect(scene.row("messages", "genuine")).to_be_visible()
    expect(scene.row("messages", "forged")).to_have_count(0)


def test_search_pause_and_clear(scene: Scene) -> None:
    window = scene.window
    with scene.service() as service:
        for text in ("apples", "pears"):
            service.send_to_all(text, content_type="text/plain")
        expect(scene.row("messages", "apples")).to_be_visible()
        window.get_by_label("Find").fill("PEAR")
        expect(scene.row("messages", "apples")).to_be_hidden()
        expect(scene.row("messages", "pears")).to_be_visible()
        window.get_by_label("Find").fill("")
        window.get_by_role("button", name="Pause").click()
        service.send_to_all("plums", content_type="text/plain")
        expect(window.get_by_role("button", name="Resume (1 new)")).to_be_visible()
        expect(scene.row("messages", "plums")).to_have_count(0)
        window.get_by_role("button", name="Resume").click()
        expect(scene.row("messages", "plums")).to_be_visible()
    window.locator("#clear-messages").click()
    expect(window.locator("#messages > li")).to_have_count(0)
    # Looking at another hub tells the latest again, but for what was cleared.
    window.get_by_label("Hub", exact=True).first.select_option("chat")
    with scene.service() as service:
        service.send_to_all("cherries", content_type="text/plain")
    expect(scene.row("messages", "cherries")).to_be_visible()
    expect(window.locator("#messages > li")).to_have_count(1)
    window.reload()
    expect(window.locator("#messages > li")).to_have_count(4)


@pytest.mark.parametrize("scene", [{"extra_http_headers": {"X-Forwarded-For": "203.0.113.9"}}], indirect=True)
def test_from_elsewhere_one_may_only_look(scene: Scene) -> None:
    carol = scene.client("carol")
    carol.say(type="sendToGroup", group="g", dataType="text", data="between us")
    message = scene.row("messages", "carol")
    expect(message).to_contain_text("text, 10 B")
    expect(scene.window.get_by_text("You may only look")).to_be_visible()
    expect(scene.window.get_by_text("between us")).to_have_count(0)
    expect(scene.window.get_by_role("button", name=re.compile("Send|Close|Client URL"))).to_have_count(0)
    scene.elsewhere.evaluate("window.carol.socket.close()")


def test_its_picture_is_taken(scene: Scene, pictures: Path) -> None:
    ada, bob = scene.client("ada"), scene.client("bob")
    for client in (ada, bob):
        client.say(type="joinGroup", group="readers")
    bob.say(type="joinGroup", group="writers")
    expect(scene.row("groups", "readers")).to_contain_text("2 members")
    ada.say(type="sendToGroup", group="readers", dataType="text", data="Has anybody seen page 7?")
    bob.say(type="event", event="save", dataType="json", data={"page": 7})
    bob.say(type="event", event="fail", dataType="json", data={"page": 8})
    ada.say(type="sendToGroup", group="nobody", dataType="json", data={"typing": True})
    expect(scene.row("calls", "fail")).to_contain_text("403")
    expect(scene.row("messages", "typing")).to_contain_text("reached 0")
    scene.window.screenshot(path=pictures / "stand-in-window.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_accessible_and_fits(browser: Browser, scene: Scene, scheme: Scheme, width: int) -> None:
    window = scene.window
    window.emulate_media(color_scheme=scheme)
    window.set_viewport_size({"width": width, "height": 800})
    assert faults(window) == []
    dora = scene.client("dora", user_id="dora" + "a" * 300)
    dora.say(type="joinGroup", group="g" * 1000)
    for number in range(6):
        dora.say(type="joinGroup", group=f"room {number}")
    scene.window.get_by_text("4 more groups").click()
    dora.say(type="sendToGroup", group="g" * 1000, dataType="text", data="w" * 3000)
    dora.say(type="event", event="fail", dataType="text", data="please")
    expect(scene.row("calls", "fail")).to_be_visible()
    scene.row("messages", "www").locator("summary").click()
    assert faults(window) == []
    assert window.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for opener in ("Send a message", "Client URL"):
        window.get_by_role("button", name=opener).click()
        assert faults(window) == []
        window.keyboard.press("Escape")
    scene.elsewhere.evaluate("window.dora.socket.close()")
