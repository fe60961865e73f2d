"""Navigation uses real links, which can be opened in a new tab and by URL."""

from collections.abc import Sequence
from typing import Literal, TypedDict, Unpack

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Arrive, Visitor
from tests.browser.talk import open_menu


class Click(TypedDict, total=False):
    """How a link is clicked, as Playwright names it."""

    modifiers: Sequence[Literal["Control", "Shift"]]
    button: Literal["middle"]


def opened(visitor: Visitor, link: Locator, **how: Unpack[Click]) -> Page:
    """The tab that a click opens, while the current one does not navigate."""
    address = visitor.page.url
    with visitor.page.context.expect_page() as tab:
        link.click(**how)
    assert visitor.page.url == address
    return tab.value


@pytest.mark.parametrize("how", [{"modifiers": ["Control"]}, {"button": "middle"}, {"modifiers": ["Shift"]}], ids=str)
def test_chats_people_results_and_quotes_open_in_another_tab(arrive: Arrive, how: Click) -> None:
    ada, bob = arrive("Ada"), arrive("Bob")
    ada.create_chat(f"Crossing {ada.name}")
    question = ada.say("which way?")
    expect(question).to_have_attribute("data-status", "saved")
    open_menu(question)
    ada.part("menu-reply").click()
    expect(ada.say("that way")).to_have_attribute("data-status", "saved")
    expect(opened(ada, ada.part("quoted"), **how).get_by_text("which way?").first).to_be_visible()
    tab = opened(ada, ada.chat(ada.name).get_by_role("link"), **how)
    expect(tab.get_by_test_id("composer")).to_be_visible()
    ada.part("lobby-search").fill("which")
    ada.part("search-messages").click()
    expect(ada.part("search-result").first).to_be_visible()
    tab = opened(ada, ada.part("search-result").first, **how)
    expect(tab.get_by_test_id("message-text").filter(has_text="which way?")).to_be_visible()
    # Whom one has not written to is told only when one wants to.
    tab = opened(ada, ada.user(bob).get_by_role("link"), **how)
    tab.get_by_test_id("open-private").click()
    expect(tab.get_by_test_id("composer")).to_be_visible()
    expect(bob.chat(ada.name).last).to_be_visible()
    tab = opened(ada, ada.user(bob).get_by_role("link"), **how)
    expect(tab.get_by_test_id("composer")).to_be_visible()


def test_the_address_of_a_chat_works_for_members_others_and_strangers(arrive: Arrive) -> None:
    ada, bob, stranger = arrive("Ada"), arrive("Bob"), arrive()
    chat_id = ada.create_chat("Address")
    tab = ada.page.context.new_page()
    tab.goto(f"{ada.url}/chat/{chat_id}")
    expect(tab.get_by_test_id("composer")).to_be_visible()
    other = opened(bob, bob.chat("Address").get_by_role("link"), modifiers=["Control"])
    other.get_by_role("button", name="Join this chat").click()
    expect(other.get_by_test_id("composer")).to_be_visible()
    stranger.page.goto(f"{ada.url}/chat/{chat_id}")
    stranger.part("guest-name").fill("Someone new")
    stranger.part("guest-join").click()
    stranger.page.get_by_role("button", name="Join this chat").click()
    expect(stranger.part("composer")).to_be_visible()
