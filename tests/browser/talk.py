"""Sends messages, and opens a message's menu."""

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive, Visitor


def open_menu(message: Locator) -> None:
    # The pointer may lose a row that scrolls; the focus stays with it.
    message.focus()
    message.get_by_test_id("message-menu").click()


def saved(visitor: Visitor, text: str) -> Locator:
    message = visitor.say(text)
    expect(message).to_have_attribute("data-status", "saved")
    return message


def talking(arrive: Arrive, room: str) -> tuple[Visitor, Visitor]:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat(room)
    grace.open(room)
    return ada, grace
