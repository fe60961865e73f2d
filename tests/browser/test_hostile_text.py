"""Messages beyond the page's own limits are shown on a phone without breaking the layout."""

import uuid

from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.screens import PHONE
from tests.browser.sending import FORGE

HUGE = 100_000
TEXTS = {
    "a word": "w" * HUGE,
    "code": "```\n" + "x" * HUGE + "\n```",
    "quotes": ">" * 10_000 + "quoted",
    "lists": "- " * 10_000 + "listed",
    "marks on letters": ("Z" + "\u0351\u036b\u0343\u0329" * 40 + " ") * 100,
    "overrides": "\u202e\u2067" * 500 + "backwards **and** bold",
    "right to left": "\u05e9\u05dc\u05d5\u05dd **\u05e2\u05d5\u05dc\u05dd** 123 " * 50,
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 300,
    "nulls": "a\0b **c**\0",
    "lines": "line\n" * 3_000,
    "delimiters": "_a" * 2_000,
}
TOO_WIDE = "element => element.scrollWidth > element.clientWidth"
# Elements that stick out of the list, or cover the composer.
ASTRAY = """list => {
  const { left, right } = list.getBoundingClientRect()
  const boxes = [...list.querySelectorAll('[data-testid="message"]')].map((row) => row.getBoundingClientRect())
  return boxes.filter((box) => box.left < left || box.right > right).length
}"""


def test_no_text_that_a_member_sends_by_itself_breaks_the_layout(arrive: Arrive) -> None:
    eve, grace = arrive("Eve"), arrive("Grace", **PHONE)
    chat_id = eve.create_chat("Anything goes")
    grace.open("Anything goes")
    sent = [{"id": str(uuid.uuid4()), "message": text, "fromUserName": "Eve"} for text in TEXTS.values()]
    assert eve.page.evaluate(FORGE, [chat_id, sent]) == [True] * len(sent)
    expect(grace.part("message")).to_have_count(len(sent))
    assert not grace.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    messages = grace.part("message-list")
    assert not messages.evaluate(TOO_WIDE)
    assert messages.evaluate(ASTRAY) == 0
    heights = grace.part("message-text").evaluate_all("all => all.map(element => element.clientHeight / innerHeight)")
    assert max(heights) <= 0.8
    grace.part("composer").fill("still **here**")
    grace.part("send").click()
    expect(grace.part("message-text").last).to_have_text("still here")
    expect(grace.part("message").last).to_have_attribute("data-status", "saved")
    expect(grace.part("message-text").last).to_be_in_viewport()
