"""Two people in two browsers see each other, talk at the same time, come back and find everything."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive, Visitor
from tests.gateway import Gateway
from tests.stack import Stack, ports_of_its_own, started


def test_two_guests_see_each_other_and_talk_at_once(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    expect(ada.user(grace)).to_be_visible()
    ada.create_chat("Engines")
    grace.open("Engines")
    sent = ada.say("Note G is done")
    expect(sent).to_have_attribute("data-status", "saved")
    expect(grace.message("Note G is done").get_by_test_id("message-text")).to_be_visible()
    expect(grace.part("message-author").filter(has_text=ada.name)).to_be_visible()
    grace.say("I found a moth")
    expect(ada.message("I found a moth")).to_be_visible()


def test_in_a_moderated_chat_messages_are_kept_before_they_are_shown(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Careful", moderated=True)
    grace.open("Careful")
    for visitor in (ada, grace):
        expect(visitor.part("moderated")).to_have_text("saved first")
    expect(ada.say("Well considered")).to_have_attribute("data-status", "saved")
    expect(grace.message("Well considered")).to_be_visible()
    expect(grace.part("message-author").filter(has_text=ada.name)).to_be_visible()
    expect(grace.say("Indeed")).to_have_attribute("data-status", "saved")
    expect(ada.message("Indeed")).to_be_visible()
    expect(ada.part("message")).to_have_count(2)


def test_after_a_reload_the_history_is_there_once_and_in_order(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Memory")
    grace.open("Memory")
    for number in range(3):
        expect(ada.say(f"message {number}")).to_have_attribute("data-status", "saved")
    expect(grace.part("message")).to_have_count(3)
    for visitor in (ada, grace):
        visitor.page.reload()
        visitor.open("Memory")
        expect(visitor.part("message-text")).to_have_text([f"message {number}" for number in range(3)])


def test_enter_sends_and_shift_enter_breaks_the_line(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Keys")
    ada.part("composer").fill("one")
    ada.part("composer").press("Shift+Enter")
    ada.part("composer").press_sequentially("two")
    ada.part("composer").press("Enter")
    expect(ada.part("message-text")).to_have_text("one\ntwo", use_inner_text=True)
    expect(ada.part("composer")).to_have_value("")


def test_typing_is_shown_to_the_other_and_goes_when_the_message_comes(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Typing")
    grace.open("Typing")
    ada.part("composer").press_sequentially("Hel")
    expect(grace.part("typing")).to_contain_text(ada.name)
    ada.part("composer").press_sequentially("lo")
    ada.part("composer").press("Enter")
    expect(grace.message("Hello")).to_be_visible()
    expect(grace.part("typing").filter(has_text=ada.name)).to_have_count(0)


def test_a_message_in_another_chat_is_counted_until_it_is_read(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Busy")
    grace.open("Busy")
    grace.create_chat("Another place")
    ada.say("one")
    ada.say("two")
    expect(grace.chat("Busy").get_by_test_id("unread")).to_have_text(re.compile("2"))
    grace.open("Busy")
    expect(grace.chat("Busy").get_by_test_id("unread")).to_have_count(0)


def test_a_private_chat_is_between_the_two(arrive: Arrive) -> None:
    ada, grace, eve = arrive("Ada"), arrive("Grace"), arrive("Eve")
    ada.user(grace).click()
    offer = ada.page.get_by_role("button", name=re.compile("private|message", re.IGNORECASE))
    composer = ada.part("composer")
    expect(composer.or_(offer.first)).to_be_visible()
    if not composer.is_visible():
        offer.first.click()
    ada.say("only for **you**")
    expect(grace.chat(ada.name).get_by_test_id("unread")).to_be_visible()
    grace.part("toast").filter(has_text="only for you").get_by_role("link").click()
    expect(grace.part("message-text")).to_have_text("only for you")
    expect(grace.part("toast").filter(has_text=ada.name)).to_have_count(0)
    expect(eve.part("chat-item").filter(has_text=ada.name)).to_have_count(0)


def test_leaving_a_chat_stops_its_messages_and_joining_again_brings_the_history(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Doors")
    grace.open("Doors")
    expect(ada.say("before")).to_have_attribute("data-status", "saved")
    # Whoever leaves while the history is on its way is refused it.
    grace.accept("403")
    grace.part("leave-chat").click()
    expect(grace.part("message")).to_have_count(0)
    expect(ada.say("while away")).to_have_attribute("data-status", "saved")
    grace.open("Doors")
    expect(grace.part("message-text")).to_have_text(["before", "while away"])


def test_the_owner_deletes_a_chat_for_everybody_after_confirming(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Short-lived")
    grace.open("Short-lived")
    expect(grace.part("chat-delete")).to_have_count(0)
    ada.part("chat-delete").first.click()
    confirm(ada.page)
    for visitor in (ada, grace):
        expect(visitor.chat("Short-lived")).to_have_count(0)
    expect(grace.part("toast").first).to_be_visible()


def confirm(page: Page) -> None:
    """Accepts the confirmation dialog, if there is one."""
    dialog = page.get_by_role("alertdialog").or_(page.get_by_role("dialog"))
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=re.compile("delete|leave", re.IGNORECASE)).click()


def test_who_goes_idle_is_shown_so_and_back_when_they_move(arrive: Arrive) -> None:
    ada = arrive("Ada")
    grace = arrive()
    grace.page.add_init_script("localStorage.setItem('chatr.idleSeconds', '1')")
    grace.join_as_guest("Grace")
    expect(ada.user(grace)).to_have_attribute("data-idle", "true")
    grace.page.mouse.move(200, 200)
    grace.page.mouse.move(220, 230)
    expect(ada.user(grace)).to_have_attribute("data-idle", "false")


def test_who_closes_the_browser_goes_offline(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    expect(ada.user(grace)).to_be_visible()
    grace.page.close()
    # The reliable protocol waits 30 s for a lost connection before it tells the backend.
    expect(ada.user(grace)).to_have_count(0, timeout=45_000)


def test_signing_out_leads_back_to_the_sign_in_page(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.sign_out()
    expect(ada.part("guest-name")).to_be_visible()
    ada.page.reload()
    expect(ada.part("guest-name")).to_be_visible()


def test_signing_in_with_a_provider_uses_the_clis_page(arrive: Arrive) -> None:
    ada, visitor = arrive("Ada"), arrive()
    elsewhere: list[str] = []
    visitor.page.on("request", lambda request: elsewhere.append(request.url))
    visitor.page.goto(visitor.url)
    visitor.page.get_by_role("link", name=re.compile("GitHub")).click()
    # The page's script fills this in when it starts; before, it listens to nothing.
    expect(visitor.page.locator("#userId")).not_to_have_value("")
    visitor.page.locator("#userDetails").press_sequentially("Hedy")
    visitor.page.locator("#submit").click()
    expect(visitor.part("user-list")).to_contain_text("Hedy")
    expect(ada.part("user-item").filter(has_text="Hedy")).to_be_visible()
    assert all(url.startswith((visitor.url, "data:")) for url in elsewhere), elsewhere


@pytest.mark.parametrize("name", ["Jürgen Müller", "Зоя 🙂", "名前"])
def test_whoever_signs_in_with_a_provider_keeps_their_name_in_any_script(arrive: Arrive, name: str) -> None:
    visitor = arrive()
    visitor.page.goto(f"{visitor.url}/.auth/login/github")
    expect(visitor.page.locator("#userId")).not_to_have_value("")
    # As when it is pasted: without a key.
    visitor.page.locator("#userDetails").fill(name)
    visitor.page.locator("#submit").click()
    expect(visitor.part("user-list")).to_contain_text(name)


def test_everything_the_page_loads_comes_from_our_own_origin(arrive: Arrive, stack: Stack) -> None:
    visitor = arrive()
    requested: list[str] = []
    visitor.page.on("request", lambda request: requested.append(request.url))
    visitor.join_as_guest("Ada")
    visitor.create_chat("Origin")
    assert requested
    assert all(url.startswith((stack.url, "data:", "blob:")) for url in requested), requested


def test_text_that_looks_like_markup_stays_text(arrive: Arrive) -> None:
    ada, grace = arrive("<img src=x onerror=alert(1)>"), arrive("Grace")
    ada.create_chat("<script>alert(2)</script>")
    grace.chat("<script>").click()
    ada.say("<b onmouseover=alert(3)>bold</b>")
    expect(grace.message("<b onmouseover=alert(3)>bold</b>")).to_be_visible()
    assert grace.page.locator("img[src=x], b").count() == 0


def test_after_the_connection_was_lost_the_way_back_brings_what_was_missed(arrive: Arrive, tmp_path: Path) -> None:
    ports = ports_of_its_own()
    with Gateway(ports.pubsub) as gateway:
        client_endpoint = {"PUBSUB_CLIENT_ENDPOINT": f"ws://localhost:{gateway.port}"}
        with started(tmp_path, client_endpoint, ports) as stack:
            ada, grace = arrive(at=stack), arrive(at=stack)
            ada.join_as_guest("Ada")
            grace.join_as_guest("Grace")
            ada.create_chat("Storm")
            grace.open("Storm")
            expect(ada.say("before")).to_have_attribute("data-status", "saved")
            expect(grace.message("before")).to_be_visible()
            for visitor in (ada, grace):
                visitor.accept("WebSocket connection to")
            gateway.cut()
            expect(grace.part("connection-banner")).to_be_visible(timeout=20_000)
            expect(ada.part("connection-banner")).to_be_visible(timeout=20_000)
            waiting = ada.say("during the storm")
            gateway.mend()
            for visitor in (ada, grace):
                expect(visitor.part("connection-banner")).to_be_hidden(timeout=60_000)
                expect(visitor.part("message-text")).to_have_text(["before", "during the storm"], timeout=60_000)
            expect(waiting).to_have_attribute("data-status", "saved")
            for visitor in (ada, grace):
                visitor.page.close()


def test_a_tab_of_somebody_who_signed_out_in_another_tab_does_not_speak_for_whoever_came_next(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Borrowed")
    grace.open("Borrowed")
    other_tab = Visitor(ada.page.context.new_page(), ada.url, ada.problems)
    other_tab.page.goto(ada.url)
    other_tab.sign_out()
    expect(ada.part("guest-name")).to_be_visible()
    other_tab.join_as_guest("Mallory")
    expect(ada.part("user-list")).to_contain_text(other_tab.name)
    expect(ada.part("composer")).to_have_count(0)
    # Between the two sign-ins, calls of the pages that were still open are told that nobody is signed in.
    ada.accept("401 (Unauthorized)")
