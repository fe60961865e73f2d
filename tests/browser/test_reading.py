"""A long history in the browser: scrolling up loads all of it, and what is being read does not move."""

from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.histories import MESSAGES, TOP, fill
from tests.stack import Stack


def test_scrolling_to_the_top_again_and_again_reaches_the_beginning(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    fill(stack, ada.create_chat("Long"), "scribe")
    ada.page.reload()
    ada.open("Long")
    expect(ada.message(f"line {MESSAGES - 1}")).to_be_visible()
    for page in (2, 3, 4, 5):
        ada.part("message-list").evaluate("list => list.scrollTo(0, 0)")
        expect(ada.message(f"line {max(0, MESSAGES - 50 * page)}")).to_be_attached()
    ada.part("message-list").evaluate("list => list.scrollTo(0, 0)")
    expect(ada.message("line 0")).to_be_visible()
    expect(ada.part("message").first).to_contain_text("line 0")


def test_what_is_too_high_for_the_screen_is_shown_in_full_when_asked_for(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Letters")
    ada.say("\n".join(f"verse {number}" for number in range(60)))
    text, more = ada.part("message-text"), ada.part("message-more")
    expect(more).to_have_attribute("aria-expanded", "false")
    assert text.evaluate("element => element.clientHeight < innerHeight")
    # Until then the line below it may change, and the end with it.
    expect(ada.part("message")).to_have_attribute("data-status", "saved")
    top = text.evaluate(TOP)
    # A click that has to be tried again scrolls first.
    more.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(ada.part("jump-newest")).to_be_visible()
    assert text.evaluate("element => element.scrollHeight === element.clientHeight")
    assert text.evaluate(TOP) == top
    ada.part("jump-newest").press("Enter")
    expect(ada.part("jump-newest")).to_have_count(0)
    expect(ada.part("message-list")).to_be_focused()
    more.click()
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(more).to_be_in_viewport()
    ada.say("a short one")
    expect(more).to_have_count(1)


def test_older_messages_come_in_without_moving_what_is_read(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    fill(stack, ada.create_chat("Steady"), "scribe")
    ada.page.reload()
    ada.open("Steady")
    oldest_shown = ada.message(f"line {MESSAGES - 50}")
    expect(oldest_shown).to_be_attached()
    ada.part("message-list").evaluate("list => list.scrollTo(0, 0)")
    expect(ada.part("message").nth(50)).to_be_attached()
    expect(oldest_shown).to_be_in_viewport()
