"""axe finds no problem in any state of the page. The test loads it from node_modules."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.conftest import Arrive, Scheme, Visitor


def states(ada: Visitor, bob: Visitor) -> Iterator[str]:
    """Brings the page into one state after another, and yields their names."""
    page = ada.page
    page.goto(ada.url)
    expect(ada.part("guest-name")).to_be_visible()
    yield "sign-in"
    ada.part("guest-join").click()
    yield "sign-in with a problem"
    ada.join_as_guest("Ada")
    yield "lobby"
    ada.part("new-chat").first.click()
    expect(ada.part("new-chat-name")).to_be_visible()
    yield "new chat"
    page.keyboard.press("Escape")
    ada.create_chat(f"Looked at by {ada.name}")
    ada.say("Hello *there*, see `code`")
    # Formatted as soon as what formats is loaded.
    expect(ada.message("Hello there, see code")).to_have_attribute("data-status", "saved")
    yield "chat"
    bob.open(f"Looked at by {ada.name}")
    ada.part("composer").press_sequentially("@bob")
    expect(ada.part("mention-option")).to_have_count(1)
    yield "people to mention"
    ada.part("composer").fill("")
    ada.part("chat-menu").click()
    expect(ada.part("chat-invite")).to_be_visible()
    yield "chat menu"
    ada.part("chat-invite").click()
    expect(ada.part("invite-link")).to_be_visible()
    yield "share"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Members", exact=True).click()
    expect(ada.part("member-list")).to_be_visible()
    yield "members"
    page.keyboard.press("Escape")
    ada.part("chat-menu").click()
    ada.part("chat-menu-delete").click()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    yield "delete"
    page.keyboard.press("Escape")
    page.goto(f"{ada.url}/search?q=hello")
    expect(ada.part("search-result").first).to_be_visible()
    yield "search"
    ada.part("profile-menu").click()
    expect(ada.part("shortcuts-open")).to_be_visible()
    yield "profile menu"
    ada.part("shortcuts-open").click()
    expect(ada.part("shortcuts")).to_be_visible()
    yield "shortcuts"
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(ada.part("switcher")).to_be_visible()
    yield "switcher"
    page.keyboard.press("Escape")
    page.goto(f"{ada.url}/join/nowhere")
    expect(ada.part("invite-nowhere")).to_be_visible()
    yield "a link that leads nowhere"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(arrive: Arrive, scheme: Scheme, tmp_path: Path) -> None:
    ada = arrive(color_scheme=scheme)
    found = {state: faults(ada.page) for state in states(ada, arrive("Bob"))}
    assert {state: list_ for state, list_ in found.items() if list_} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_muted_chat_says_so_by_name_and_its_quiet_counts_are_read_well(arrive: Arrive, scheme: Scheme) -> None:
    ada, grace = arrive("Ada", color_scheme=scheme), arrive("Grace")
    ada.create_chat(f"Quiet {scheme}")
    grace.open(f"Quiet {scheme}")
    ada.part("chat-menu").click()
    ada.page.get_by_role("menuitemradio", name="Nothing").click()
    sign = ada.page.get_by_role("img", name="Muted", exact=True)
    # In the list and above the messages.
    expect(sign).to_have_count(2)
    ada.create_chat(f"Loud {scheme}")
    expect(sign).to_have_count(1)
    expect(grace.say(f"@{ada.name} hello")).to_have_attribute("data-status", "saved")
    expect(ada.chat(f"Quiet {scheme}").get_by_test_id("unread")).to_be_visible()
    expect(ada.chat(f"Quiet {scheme}").get_by_test_id("unread-mentions")).to_be_visible()
    assert faults(ada.page) == []
