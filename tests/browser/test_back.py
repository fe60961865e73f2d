"""The browser's Back closes an overlay, and the screen behind it stays."""

import re
from typing import Unpack

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import Arrive, Screen, Visitor
from tests.browser.going_back import back

PHONE: ViewportSize = {"width": 360, "height": 740}
WIDE: ViewportSize = {"width": 1280, "height": 800}


def in_a_chat(arrive: Arrive, name: str, **screen: Unpack[Screen]) -> tuple[Visitor, str]:
    ada = arrive("Ada", **screen)
    chat_id = ada.create_chat(name)
    expect(ada.say("hello")).to_have_attribute("data-status", "saved")
    return ada, chat_id


@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
def test_back_closes_members_menu_and_dialog_and_only_then_leads_to_the_lists(
    arrive: Arrive, viewport: ViewportSize
) -> None:
    ada, chat_id = in_a_chat(arrive, f"Deep field {viewport['width']}", viewport=viewport)
    ada.page.get_by_role("button", name="1 member").click()
    expect(ada.page.get_by_role("dialog")).to_be_visible()
    back(ada)
    expect(ada.page.get_by_role("dialog")).to_have_count(0)
    ada.part("chat-menu").click()
    expect(ada.page.get_by_role("menu")).to_be_visible()
    back(ada)
    expect(ada.page.get_by_role("menu")).to_have_count(0)
    ada.part("chat-menu").click()
    ada.part("chat-menu-delete").click()
    expect(ada.page.get_by_role("alertdialog")).to_be_visible()
    back(ada)
    expect(ada.page.get_by_role("alertdialog")).to_have_count(0)
    expect(ada.page).to_have_url(re.compile(chat_id))
    back(ada)
    expect(ada.page).to_have_url(f"{ada.url}/")


def test_what_is_closed_by_hand_needs_no_back_and_calls_off_no_way_out(arrive: Arrive) -> None:
    ada, _ = in_a_chat(arrive, "Clear field", viewport=PHONE)
    message = ada.message("hello")
    for close in ("Escape", "Choose"):
        message.hover()
        message.get_by_test_id("message-menu").click()
        expect(ada.page.get_by_role("menu")).to_be_visible()
        if close == "Escape":
            ada.page.keyboard.press("Escape")
        else:
            ada.part("menu-delete").click()
            ada.page.get_by_role("button", name="Cancel").click()
    expect(ada.page.get_by_role("alertdialog")).to_have_count(0)
    back(ada)
    expect(ada.page).to_have_url(f"{ada.url}/")
    ada.part("profile-menu").click()
    expect(ada.page.get_by_role("menu")).to_be_visible()
    ada.page.keyboard.press("Escape")
    ada.page.goto(f"{ada.url}/join/nonsense")
    expect(ada.part("invite-nowhere")).to_be_visible()


def test_back_ends_the_search_in_the_lists_and_what_it_led_to_first(arrive: Arrive) -> None:
    ada, chat_id = in_a_chat(arrive, "Found field", viewport=PHONE)
    back(ada)
    ada.part("lobby-search").fill("Found")
    ada.chat("Found field").click()
    expect(ada.page).to_have_url(re.compile(chat_id))
    back(ada)
    expect(ada.part("lobby-search")).to_have_value("Found")
    expect(ada.page).to_have_url(f"{ada.url}/")
    back(ada)
    expect(ada.part("lobby-search")).to_have_value("")
    expect(ada.part("new-chat").first).to_be_visible()


def test_a_dialog_that_leads_on_and_a_page_loaded_again_leave_nothing_to_go_back_from(arrive: Arrive) -> None:
    ada, first = in_a_chat(arrive, "First field", viewport=WIDE)
    ada.create_chat("Second field")
    back(ada)
    expect(ada.page).to_have_url(re.compile(first))
    ada.page.get_by_role("button", name="Members", exact=True).click()
    expect(ada.page.get_by_role("dialog")).to_be_visible()
    ada.page.reload()
    expect(ada.message("hello")).to_be_visible()
    expect(ada.page).to_have_url(re.compile(first))
    back(ada)
    expect(ada.page).to_have_url(f"{ada.url}/")
