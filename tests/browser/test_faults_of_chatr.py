"""Faults of the original Chatr's page, which ours does not have.

``docs/security.md`` names the test of each fault.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from local.ports import Ports
from tests.browser.conftest import Arrive, Visitor
from tests.browser.sending import FORGE
from tests.gateway import Gateway
from tests.stack import Stack, ports_of_its_own, started

# Each would leave a mark on a page that runs it.
RUN = "window.__ran = true"
HOSTILE = [
    f'<img src=x onerror="{RUN}">',
    f"<script>{RUN}</script>",
    f'"><svg onload="{RUN}">',
    f"[link](javascript:{RUN})",
    f"javascript:{RUN}",
    "{{ (window.__ran = true) }}",
]
# A guest's name may have 50 characters.
NAMES = ['<img src=x onerror="__ran=1">', '"><svg onload="__ran=1">']


def ran(visitor: Visitor) -> bool:
    """Whether a text was executed as code."""
    return bool(visitor.page.evaluate("'__ran' in window"))


def test_no_text_that_anybody_writes_runs(arrive: Arrive) -> None:
    grace = arrive("Grace")
    for name in NAMES:
        ada = arrive(name)
        # The arrival is told in a notice.
        expect(grace.part("toast").filter(has_text=ada.name)).to_be_visible()
    ada.create_chat(f"<img src=x onerror='{RUN}'>")
    grace.open("<img src=x")
    for text in HOSTILE:
        ada.say(text)
        expect(grace.message(text)).to_be_visible()
    ada.part("composer").press_sequentially("more")
    expect(grace.part("typing")).to_contain_text(NAMES[-1])
    ada.part("leave-chat").click()
    for visitor in (ada, grace):
        assert not ran(visitor)
        assert visitor.page.locator("img[src=x], svg[onload], a[href^='javascript:']").count() == 0


def test_the_page_believes_the_service_about_who_speaks_and_nobody_who_plays_the_backend(arrive: Arrive) -> None:
    ada, grace, eve = arrive("Ada"), arrive("Grace"), arrive("Eve")
    chat_id = ada.create_chat("Trust")
    grace.open("Trust")
    eve.open("Trust")
    ada_id = ada.page.evaluate("async () => (await (await fetch('/api/me')).json()).userId")
    forged = {"id": "5f0c8a56-8d4e-4a66-9d7e-6f2f3f0c1a11", "message": "I resign", "fromUserId": ada_id}
    played = [
        {"chatEvent": "chatDeleted", "data": chat_id},
        {"chatEvent": "userOffline", "data": ada_id},
        {"chatEvent": "messageDeleted", "data": f'{{"chatId":"{chat_id}","id":"x"}}'},
    ]
    sent = [*played, {**forged, "fromUserName": ada.name}]
    assert eve.page.evaluate(FORGE, [chat_id, sent]) == [True] * len(sent)
    shown = grace.message("I resign")
    expect(shown.get_by_test_id("message-author").or_(grace.part("message-author").last)).to_have_text(eve.name)
    expect(grace.chat("Trust")).to_be_visible()
    expect(grace.user(ada)).to_be_visible()


def test_the_focus_stays_where_it_is_whatever_arrives(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Focus")
    grace.open("Focus")
    grace.part("new-chat").first.click()
    name = grace.part("new-chat-name")
    name.press_sequentially("half a na")
    ada.say("look here")
    eve = arrive("Eve")
    expect(grace.user(eve)).to_be_attached()
    name.press_sequentially("me")
    expect(name).to_be_focused()
    expect(name).to_have_value("half a name")


def test_who_reads_above_stays_there_and_is_told_of_what_is_new(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Scroll")
    grace.open("Scroll")
    for number in range(12):
        ada.say(f"{number}\nof\nseveral\nlines")
    expect(grace.part("message")).to_have_count(12)
    messages = grace.part("message-list")
    messages.evaluate("list => list.scrollTo(0, 0)")
    # Until the page has heard of that it follows the end.
    expect(grace.part("jump-newest")).to_be_visible()
    ada.say("news")
    expect(grace.part("jump-newest")).to_have_text(re.compile("1 new message"))
    expect(grace.part("message").first).to_be_in_viewport()
    assert messages.evaluate("list => list.scrollTop") == 0
    grace.part("jump-newest").click()
    expect(grace.message("news")).to_be_in_viewport()


def test_enter_that_ends_a_composition_of_an_input_method_sends_nothing(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Kana")
    composer = ada.part("composer")
    composer.fill("にほんご")
    composing = (
        "area => area.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    composer.evaluate(composing)
    # What some browsers say instead.
    composer.evaluate(composing.replace("isComposing: true", "keyCode: 229"))
    composer.press("End")
    expect(composer).to_have_value("にほんご")
    expect(ada.part("message")).to_have_count(0)
    composer.press("Enter")
    expect(ada.message("にほんご")).to_be_visible()


def test_a_message_shows_when_it_was_sent(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Clock")
    sent = ada.say("what time is it")
    time = sent.locator("time").or_(ada.page.locator("time")).first
    expect(time).to_have_text(re.compile(r"\d{1,2}[:.]\d{2}"))
    expect(time).to_have_attribute("datetime", re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"))


@pytest.fixture
def ports() -> Ports:
    return ports_of_its_own()


@pytest.fixture
def gateway(ports: Ports) -> Iterator[Gateway]:
    """The connection to Web PubSub, which can be cut."""
    with Gateway(ports.pubsub) as opened:
        yield opened


@pytest.fixture
def behind(ports: Ports, gateway: Gateway, tmp_path: Path) -> Iterator[Stack]:
    with started(tmp_path, {"PUBSUB_CLIENT_ENDPOINT": f"ws://localhost:{gateway.port}"}, ports) as stack:
        yield stack


def test_going_idle_without_a_connection_fails_at_nothing(arrive: Arrive, behind: Stack, gateway: Gateway) -> None:
    """The original Chatr sent over a closed connection, and its error handler failed too."""
    ada = arrive(at=behind)
    ada.page.add_init_script("localStorage.setItem('chatr.idleSeconds', '1')")
    ada.join_as_guest("Ada")
    expect(ada.user(ada)).to_have_attribute("data-idle", "true")
    ada.accept("WebSocket connection to")
    gateway.cut()
    ada.page.mouse.move(200, 200)
    ada.page.mouse.move(220, 230)
    expect(ada.part("connection-banner")).to_be_visible(timeout=20_000)
    # It has gone idle again while the banner came up.
    ada.page.mouse.move(240, 250)
    gateway.mend()
    expect(ada.part("connection-banner")).to_be_hidden(timeout=60_000)
    ada.create_chat("Back")
    expect(ada.say("here I am")).to_have_attribute("data-status", "saved")
    ada.page.close()


@pytest.mark.parametrize("answer", ["none", "503", "no JSON", "another shape"])
def test_an_error_of_the_backend_is_told_and_overcome(arrive: Arrive, answer: str) -> None:
    ada = arrive("Ada")
    name = f"Errors, {answer}"
    ada.create_chat(name)

    def fail(route: Route) -> None:
        if answer == "none":
            route.abort()
        elif answer == "503":
            route.fulfill(status=503, json={"error": {"code": "Unavailable", "message": "Storage is away."}})
        elif answer == "no JSON":
            route.fulfill(status=502, body="<html>Bad gateway</html>")
        else:
            route.fulfill(status=500, json=[{"error": 1}])

    ada.accept("Failed to load resource")
    ada.page.route("**/api/chats*", fail)
    ada.page.reload()
    expect(ada.part("toast").first).to_be_visible()
    ada.page.unroute("**/api/chats*")
    expect(ada.chat(name)).to_be_visible()
    expect(ada.say("still here")).to_have_attribute("data-status", "saved")
