"""More public chats than a page of their list: the others are found by scrolling, by a search and by URL."""

import re

from playwright.sync_api import Request, expect

from tests.browser.conftest import Arrive, Visitor
from tests.browser.plenty import put_plenty
from tests.browser.scrolling import scroll
from tests.stack import Stack

# Three pages. "Endless talk" may stand on any of them.
CHATS = 120
LIST = re.compile(r"/api/chats(\?|$)")


def asked(visitor: Visitor) -> list[str]:
    """The pages of the list that the visitor's browser requests from now on."""
    found: list[str] = []

    def note(request: Request) -> None:
        if LIST.search(request.url):
            found.append(request.url)

    visitor.page.on("request", note)
    return found


def test_a_long_list_of_public_chats_is_loaded_as_far_as_somebody_looks(arrive: Arrive, stack: Stack) -> None:
    put_plenty(stack, "somebody-else", messages=1, chats=CHATS)
    ada = arrive("Ada")
    pages = asked(ada)
    ada.page.reload()
    chats = ada.part("chat-item")
    expect(chats.first).to_have_attribute("aria-setsize", "50")
    assert len(pages) == 1
    scroll(ada.part("chat-list"), "chat-item", 0.8)
    expect(chats.last).to_have_attribute("aria-setsize", re.compile("100|120"))
    ada.page.reload()
    expect(chats.first).to_have_attribute("aria-setsize", "50")
    ada.part("lobby-search").fill("endless")
    expect(chats).to_have_count(1)
    chats.first.click()
    expect(ada.part("composer")).to_be_visible()

    grace = arrive("Grace")
    expect(grace.part("more-chats")).to_be_attached()
    grace.page.keyboard.press("Control+k")
    grace.part("switcher-field").fill("room 119")
    expect(grace.page.get_by_role("option")).to_have_count(1)

    # By its address, where it may stand further down than the list was loaded.
    last = sorted(re.findall("[0-9a-f-]{36}", " ".join(pages)))[-1]
    bob = arrive("Bob")
    pages = asked(bob)
    bob.page.goto(f"{stack.url}/chat/{last}")
    expect(bob.page.get_by_role("heading", level=1)).to_contain_text("You aren't in")
    assert len(pages) <= 2
