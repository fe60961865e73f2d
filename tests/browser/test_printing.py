"""Printing: everything of a chat that is loaded, black on white, without controls."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive, Visitor
from tests.browser.histories import MESSAGES, TOP, fill
from tests.stack import Stack

STYLE = "(element, name) => getComputedStyle(element)[name]"
# A sheet of A4 has room for about 25 messages of one line.
FEWEST_SHEETS = MESSAGES // 50


def style(part: Locator, name: str) -> str:
    return str(part.evaluate(STYLE, name))


def read_all_of(ada: Visitor, stack: Stack, name: str) -> None:
    """Loads a long history completely, and scrolls to its beginning."""
    fill(stack, ada.create_chat(name), "scribe")
    ada.page.reload()
    expect(ada.message(f"line {MESSAGES - 1}")).to_be_visible()
    for number in range(MESSAGES - 100, -50, -50):
        ada.part("message-list").evaluate("list => list.scrollTo(0, 0)")
        expect(ada.message(f"line {max(0, number)}")).to_be_attached()
    ada.part("message-list").evaluate("list => list.scrollTo(0, 300)")
    expect(ada.message(f"line {MESSAGES - 1}")).to_have_count(0)


def test_all_messages_that_are_loaded_are_printed_and_the_reader_stays_where_they_were(
    arrive: Arrive, stack: Stack
) -> None:
    ada = arrive("Ada")
    read_all_of(ada, stack, "Almanac")
    before = ada.message("line 8").evaluate(TOP)
    sheets = len(re.findall(rb"/Type /Page\b", ada.page.pdf(format="A4")))
    assert sheets >= FEWEST_SHEETS
    expect(ada.message(f"line {MESSAGES - 1}")).to_have_count(0)
    assert abs(ada.message("line 8").evaluate(TOP) - before) <= 2
    ada.page.emulate_media(media="print")
    expect(ada.part("message")).to_have_count(MESSAGES)
    expect(ada.message("line 0")).to_be_visible()
    expect(ada.page.get_by_role("heading", name="Almanac")).to_be_visible()
    ada.page.emulate_media(media="screen")
    expect(ada.message(f"line {MESSAGES - 1}")).to_have_count(0)
    ada.eventually(
        "async ([id, top]) => Math.abs("
        "document.querySelector(`[data-message-id='${id}']`).getBoundingClientRect().top - top) <= 2",
        [ada.message("line 8").get_attribute("data-message-id"), before],
    )


def test_what_is_not_loaded_is_neither_fetched_nor_kept_quiet_on_paper(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    # What she wrote herself is read: of anything else the unread part would be fetched.
    fill(stack, ada.create_chat("Annals"), str(ada.user(ada).get_attribute("data-user-id")))
    ada.page.reload()
    expect(ada.message(f"line {MESSAGES - 1}")).to_be_visible()
    ada.page.wait_for_load_state("networkidle")
    loaded = ada.part("message").count()
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(request.url))
    ada.page.emulate_media(media="print")
    expect(ada.page.get_by_text("Earlier messages aren't part of this printout.")).to_be_visible()
    expect(ada.part("message")).to_have_count(loaded)
    ada.page.emulate_media(media="screen")
    expect(ada.part("composer")).to_be_in_viewport()
    expect(ada.message(f"line {MESSAGES - 1}")).to_be_in_viewport()
    # What is new is looked for once more soon after a page has connected; nothing that is older is.
    assert [url for url in asked if "/messages" in url and "before=" in url] == []


def test_a_printed_chat_is_black_on_white_and_says_who_wrote_and_when(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada", color_scheme="dark")
    ada.create_chat("Minutes")
    long = "\n\n".join(f"point {number}" for number in range(60))
    expect(ada.say(long.splitlines()[0])).to_have_attribute("data-status", "saved")
    ada.part("composer").fill(long)
    ada.part("send").click()
    last = ada.part("message").last
    expect(last).to_have_attribute("data-status", "saved")
    expect(ada.part("message-more")).to_be_visible()
    ada.page.keyboard.press("Control+k")
    expect(ada.part("switcher")).to_be_visible()
    ada.page.emulate_media(media="print")
    for part in ("switcher", "composer", "chat-list", "message-more", "leave-chat", "chat-menu"):
        expect(ada.part(part).first).to_be_hidden()
    text = last.get_by_test_id("message-text")
    assert style(text, "color") == "rgb(0, 0, 0)"
    assert style(ada.page.locator("body"), "backgroundColor") == "rgb(255, 255, 255)"
    assert style(text.locator(".."), "borderStyle") == "solid"
    assert text.evaluate("text => text.scrollHeight - text.clientHeight") <= 0
    assert {style(row, "breakInside") for row in ada.part("message").all()} == {"avoid"}
    author = ada.part("message-author").first
    assert author.evaluate("author => author.getBoundingClientRect().width") > 10
    expect(author).to_have_text(ada.name)
    expect(last.get_by_role("time")).to_be_visible()
    # Today is another day for whoever reads it.
    expect(ada.page.get_by_text("Today", exact=True)).to_have_count(0)
    expect(ada.page.get_by_text(re.compile(r"^\w+ \d+, 20\d\d$"))).to_be_visible()


def test_printing_is_not_reading(arrive: Arrive, stack: Stack) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Gazette")
    grace.open("Gazette")
    expect(grace.say("the first word")).to_have_attribute("data-status", "saved")
    expect(ada.message("the first word")).to_be_visible()
    ada.page.set_viewport_size({"width": 900, "height": 400})
    for number in range(12):
        expect(ada.say(f"filling {number}")).to_have_attribute("data-status", "saved")
    ada.part("message-list").evaluate("list => list.scrollTo(0, 0)")
    expect(ada.part("jump-newest")).to_be_visible()
    grace.say("not seen yet")
    expect(ada.chat("Gazette").get_by_test_id("unread")).to_have_text("1")
    ada.page.emulate_media(media="print")
    expect(ada.page.get_by_test_id("composer")).to_be_hidden()
    ada.page.pdf()
    ada.page.emulate_media(media="screen")
    expect(ada.part("jump-newest")).to_be_visible()
    expect(ada.chat("Gazette").get_by_test_id("unread")).to_have_text("1")
