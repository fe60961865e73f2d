"""Long lists that are shown, hidden, rotated or enlarged render what is in view, without scrolling."""

import re

from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import Arrive, Visitor
from tests.browser.histories import fill
from tests.browser.plenty import put_plenty
from tests.browser.scrolling import settled
from tests.stack import Stack

PHONE: ViewportSize = {"width": 360, "height": 740}
TURNED: ViewportSize = {"width": 740, "height": 360}
WIDE: ViewportSize = {"width": 1280, "height": 800}
CHATS = 120
# Whether a list shows a row (or a heading between rows) at these fractions of its height.
FULL = """async ({ list, rows }) => {
  const scroller = document.querySelector(`[data-testid="${list}"]`)
  const { left, top, width, height } = scroller.getBoundingClientRect()
  const at = (part) => document.elementsFromPoint(left + width / 2, top + height * part)
  return height > 100 && [0.3, 0.5, 0.7, 0.95].every((part) =>
    at(part).some((element) => scroller.contains(element) && element.closest(rows)))
}"""
IN_SIGHT = """list => {
  const { top, bottom } = list.getBoundingClientRect()
  const inSight = (row) => row.getBoundingClientRect().top >= top && row.getBoundingClientRect().bottom <= bottom
  return [...list.querySelectorAll('[data-testid="chat-item"], [data-testid="message"]')].find(inSight)?.textContent
}"""


def is_full(visitor: Visitor, list_: str, rows: str = "[data-testid='chat-item'], h2") -> None:
    visitor.eventually(FULL, {"list": list_, "rows": rows})


def with_many_chats(arrive: Arrive, stack: Stack) -> Visitor:
    ada = arrive("Ada", viewport=PHONE)
    put_plenty(stack, str(ada.user(ada).get_attribute("data-user-id")), 1, CHATS)
    ada.page.reload()
    expect(ada.part("chat-item").first).to_have_attribute("aria-setsize", re.compile("1[0-9][0-9]"))
    return ada


def back(visitor: Visitor) -> None:
    visitor.page.evaluate("history.back()")


def test_a_list_that_was_hidden_while_it_was_loaded_is_full_when_it_is_shown(arrive: Arrive, stack: Stack) -> None:
    ada = with_many_chats(arrive, stack)
    ada.open("Endless talk")
    ada.page.reload()
    expect(ada.part("composer")).to_be_visible()
    expect(ada.part("chat-item").first).to_be_attached()
    back(ada)
    is_full(ada, "chat-list")
    chats = ada.part("chat-list")
    chats.evaluate("list => list.scrollTo(0, list.scrollHeight / 2)")
    is_full(ada, "chat-list")
    for viewport in (TURNED, PHONE, WIDE, PHONE):
        ada.page.set_viewport_size(viewport)
        is_full(ada, "chat-list")
    for size in ("200%", "70%", "100%"):
        ada.page.evaluate("size => document.documentElement.style.fontSize = size", size)
        is_full(ada, "chat-list")


def test_one_comes_back_to_where_one_was_in_the_list_of_chats(arrive: Arrive, stack: Stack) -> None:
    ada = with_many_chats(arrive, stack)
    chats = ada.part("chat-list")
    chats.evaluate("list => list.scrollTo(0, 2500)")
    is_full(ada, "chat-list")
    before = chats.evaluate(settled(IN_SIGHT))
    ada.page.locator("[data-testid='chat-item'] a").get_by_text(re.compile("Room 0[4-7]")).locator(
        "visible=true"
    ).first.evaluate("link => link.closest('a').click()")
    expect(ada.part("composer")).to_be_visible()
    back(ada)
    is_full(ada, "chat-list")
    assert chats.evaluate(settled(IN_SIGHT)) == before


def test_the_history_stays_full_and_in_place_when_the_page_is_turned(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada", viewport=PHONE)
    fill(stack, ada.create_chat("Turning"), "scribe")
    ada.page.reload()
    expect(ada.part("message").first).to_be_visible()
    messages = ada.part("message-list")
    for _ in range(3):
        messages.evaluate("list => list.scrollTo(0, 0)")
        is_full(ada, "message-list", ".list__rows, .list__content > :first-child")
    messages.evaluate("list => list.scrollTo(0, 1200)")
    is_full(ada, "message-list", "[data-testid='message']")
    for viewport in (TURNED, PHONE, WIDE, PHONE):
        ada.page.set_viewport_size(viewport)
        is_full(ada, "message-list", "[data-testid='message']")


def test_a_search_for_messages_takes_its_words_along_and_leaves_all_chats_behind(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Orchard")
    expect(ada.say("pears and plums")).to_have_attribute("data-status", "saved")
    field = ada.part("lobby-search")
    field.fill("plums")
    expect(ada.chat("Orchard")).to_have_count(0)
    field.press("Enter")
    expect(ada.part("message-search")).to_have_value("plums")
    expect(ada.part("search-result")).to_have_count(1)
    expect(field).to_have_value("")
    expect(ada.chat("Orchard")).to_be_visible()
    ada.part("search-result").click()
    expect(ada.message("pears and plums")).to_be_visible()
    back(ada)
    expect(ada.part("search-result")).to_be_visible()
    expect(ada.chat("Orchard")).to_be_visible()
    field.fill("plums")
    ada.part("search-messages").click()
    expect(ada.chat("Orchard")).to_be_visible()


def test_a_filter_that_hides_all_chats_says_so_and_has_a_way_out(arrive: Arrive) -> None:
    ada = arrive("Ada", viewport=PHONE)
    ada.create_chat("Greenhouse")
    field = ada.part("lobby-search")
    ada.page.get_by_role("link", name="Back to all chats").click()
    field.fill("no such place")
    expect(ada.part("chat-list")).to_contain_text("No chats or people found.")
    ada.part("show-all-chats").click()
    expect(ada.chat("Greenhouse")).to_be_visible()
    expect(field).to_be_focused()
    field.fill(ada.name)
    expect(ada.part("chat-list")).to_contain_text("No chats found.")
    field.press("Escape")
    expect(ada.chat("Greenhouse")).to_be_visible()
    field.fill("Green")
    ada.open("Greenhouse")
    ada.page.get_by_role("link", name="Back to all chats").click()
    expect(field).to_have_value("")
