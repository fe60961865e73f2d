"""Unread messages in a chat: where reading starts, what counts as read, and the line above new messages."""

import re
import time
import uuid

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.absence import WATCHED, go_away
from tests.browser.conftest import Arrive, Visitor, copy_cookies
from tests.browser.histories import keep
from tests.browser.scrolling import PLACE, settled
from tests.browser.searching import exactly, search
from tests.browser.sending import send
from tests.stack import Stack

LOW: ViewportSize = {"width": 900, "height": 420}


def away_while_much_is_said(visitor: Visitor, stack: Stack, chat_id: str, count: int) -> None:
    visitor.page.goto("about:blank")
    now = time.time_ns() // 1_000
    keep(stack, chat_id, [("scribe", f"news {number}", now + number) for number in range(count)])
    visitor.page.goto(visitor.url)


def stands_above(visitor: Visitor, text: str) -> None:
    """Asserts that the line "new messages" is on the page once, above this message."""
    divider = visitor.part("new-divider")
    expect(divider).to_have_count(1)
    expect(divider.locator("xpath=following-sibling::*[1]")).to_have_attribute(
        "data-message-id", str(visitor.message(text).get_attribute("data-message-id"))
    )


def scroll(visitor: Visitor, by: int) -> None:
    visitor.part("message-list").evaluate("(list, by) => list.scrollBy(0, by)", by)


def unread(visitor: Visitor, name: str) -> int:
    badge = visitor.chat(name).get_by_test_id("unread")
    return int(badge.inner_text().replace("+", "")) if badge.count() else 0


def fewer_unread(visitor: Visitor, name: str, than: int) -> int:
    """Waits until some but not all messages are read."""
    count = (
        "name => [...document.querySelectorAll('[data-testid=chat-item]')].find(item => item.innerText.includes(name))"
    )
    badge = f"parseInt(({count})(name)?.querySelector('[data-testid=unread]')?.innerText ?? '0')"
    visitor.page.wait_for_function(f"([name, than]) => {badge} < than", arg=[name, than])
    # Rows that are yet to come onto the page may bring another one into sight.
    visitor.part("message-list").evaluate(settled(PLACE))
    return unread(visitor, name)


@pytest.mark.parametrize("count", [58, 500])
def test_a_chat_opens_at_its_first_unread_message_and_only_what_was_seen_is_read(
    arrive: Arrive, stack: Stack, count: int
) -> None:
    ada = arrive("Ada", viewport=LOW)
    name = f"Much {count}"
    chat_id = ada.create_chat(name)
    expect(ada.say("seen")).to_have_attribute("data-status", "saved")
    away_while_much_is_said(ada, stack, chat_id, count)
    expect(ada.chat(name).get_by_test_id("unread")).to_have_text("99+" if count > 99 else str(count))
    ada.open(name)
    expect(ada.part("new-divider")).to_be_in_viewport()
    expect(ada.message("news 0")).to_be_in_viewport()
    stands_above(ada, "news 0")
    # Only the list has moved.
    expect(ada.part("chat-menu")).to_be_in_viewport(ratio=1)
    expect(ada.part("jump-newest")).to_have_text(re.compile("new messages"))
    left = fewer_unread(ada, name, count)
    assert left > min(count, 99) - 20
    # Read so far, here and for the backend: that is where reading goes on.
    scroll(ada, 250)
    if count < 99:
        left = fewer_unread(ada, name, left)
    last = ada.page.locator("[data-message-id]").evaluate_all(
        "rows => rows.filter(row => row.getBoundingClientRect().bottom <= 420 - 100).length"
    )
    assert last > 0
    stands_above(ada, "news 0")
    ada.page.goto(ada.url)
    expect(ada.chat(name).get_by_test_id("unread")).to_have_text("99+" if count > 99 else str(left))
    ada.open(name)
    expect(ada.part("new-divider")).to_be_in_viewport()
    expect(ada.part("new-divider").locator("xpath=following-sibling::*[1]")).to_be_in_viewport()
    ada.part("jump-newest").click()
    expect(ada.chat(name).get_by_test_id("unread")).to_have_count(0)


def test_the_line_stays_when_one_leaves_the_end_until_one_leaves_the_chat(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada", viewport=LOW)
    chat_id = ada.create_chat("Lines")
    expect(ada.say("seen")).to_have_attribute("data-status", "saved")
    away_while_much_is_said(ada, stack, chat_id, 8)
    ada.open("Lines")
    stands_above(ada, "news 0")
    for by in (2_000, -150, 2_000, -150):
        scroll(ada, by)
        # The page has heard of it.
        expect(ada.part("jump-newest")).to_have_count(0 if by > 0 else 1)
        stands_above(ada, "news 0")
    expect(ada.chat("Lines").get_by_test_id("unread")).to_have_count(0)
    ada.create_chat("Elsewhere else")
    ada.open("Lines")
    expect(ada.message("news 7")).to_be_in_viewport()
    expect(ada.part("new-divider")).to_have_count(0)


def test_the_line_goes_to_the_next_message_when_the_first_new_one_is_deleted(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    chat_id = ada.create_chat("Taken back")
    grace.open("Taken back")
    expect(grace.say("seen")).to_have_attribute("data-status", "saved")
    expect(ada.message("seen")).to_be_visible()
    ada.create_chat("Another")
    for text in ("one", "two", "three"):
        expect(grace.say(text)).to_have_attribute("data-status", "saved")
    expect(ada.chat("Taken back").get_by_test_id("unread")).to_have_text("3")
    ada.open("Taken back")
    stands_above(ada, "one")
    for text, following in (("one", "two"), ("two", "three")):
        send(grace, "deleteMessage", chatId=chat_id, id=grace.message(text).get_attribute("data-message-id"))
        expect(ada.message(text)).to_have_count(0)
        stands_above(ada, following)


def test_what_came_while_the_page_was_hidden_is_read_when_it_was_seen(arrive: Arrive) -> None:
    ada, grace = arrive(viewport=LOW), arrive("Grace")
    ada.page.add_init_script(WATCHED)
    ada.join_as_guest("Ada")
    ada.create_chat("Hidden")
    grace.open("Hidden")
    expect(grace.say("seen")).to_have_attribute("data-status", "saved")
    expect(ada.message("seen")).to_be_visible()
    go_away(ada)
    for number in range(30):
        expect(grace.say(f"late {number}")).to_have_attribute("data-status", "saved")
    expect(ada.chat("Hidden").get_by_test_id("unread")).to_have_text("30")
    go_away(ada, False)
    expect(ada.part("new-divider")).to_be_in_viewport()
    expect(ada.message("late 0")).to_be_in_viewport()
    stands_above(ada, "late 0")
    assert 0 < fewer_unread(ada, "Hidden", 30) < 30


def test_what_is_read_elsewhere_is_read_here_and_what_is_before_the_eyes_stays(arrive: Arrive, stack: Stack) -> None:
    ada, phone = arrive("Ada", viewport=LOW), arrive(viewport=LOW)
    copy_cookies(ada.page.context, phone.page.context)
    chat_id = ada.create_chat("Two screens")
    expect(ada.say("seen")).to_have_attribute("data-status", "saved")
    away_while_much_is_said(ada, stack, chat_id, 60)
    ada.open("Two screens")
    expect(ada.message("news 0")).to_be_in_viewport()
    expect(ada.part("jump-newest")).to_have_text(re.compile("new messages"))
    phone.page.goto(f"{phone.url}/chat/{chat_id}")
    phone.part("jump-newest").click()
    expect(ada.part("jump-newest")).to_have_text("Jump to newest")
    expect(ada.chat("Two screens").get_by_test_id("unread")).to_have_count(0)
    expect(ada.message("news 0")).to_be_in_viewport()
    stands_above(ada, "news 0")


def test_a_search_result_in_a_chat_that_was_read_tells_of_nothing_new(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada", viewport=LOW)
    chat_id = ada.create_chat("Known")
    away_while_much_is_said(ada, stack, chat_id, 120)
    ada.open("Known")
    expect(ada.message("news 0")).to_be_in_viewport()
    ada.part("jump-newest").click()
    expect(ada.chat("Known").get_by_test_id("unread")).to_have_count(0)
    ada.page.goto(ada.url)
    exactly(search(ada, "news 12"), "news 12").click()
    expect(ada.message("news 12")).to_be_in_viewport()
    expect(ada.part("jump-newest")).to_have_text("Jump to newest")
    expect(ada.part("new-divider")).to_have_count(0)


def test_a_search_result_among_what_is_unread_does_not_make_what_is_before_it_read(
    arrive: Arrive, stack: Stack
) -> None:
    ada = arrive("Ada", viewport=LOW)
    chat_id = ada.create_chat("Skipped")
    expect(ada.say(f"seen {uuid.uuid4()}")).to_have_attribute("data-status", "saved")
    away_while_much_is_said(ada, stack, chat_id, 60)
    exactly(search(ada, "news 40"), "news 40").click()
    expect(ada.message("news 40")).to_be_in_viewport()
    scroll(ada, 60)
    expect(ada.part("jump-newest")).to_have_text("60 new messages")
    expect(ada.chat("Skipped").get_by_test_id("unread")).to_have_text("60")
