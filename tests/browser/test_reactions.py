"""Reactions in the browser: from the menu, from the picker, by a click on one that is there."""

from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.talk import open_menu, saved, talking

# Requests for emoji data wait from now on until the test releases them.
HOLD_EMOJI = """
() => {
  const { fetch } = window
  const held = Promise.withResolvers()
  window.letThrough = held.resolve
  window.fetch = async (address, init) => {
    if (String(address).includes('/assets/data-')) await held.promise
    return fetch(address, init)
  }
}
"""


def test_reactions_come_from_the_menu_and_the_picker_and_are_toggled(arrive: Arrive) -> None:
    ada, grace = talking(arrive, "Reactions")
    saved(ada, "Cake at four")
    cake = grace.message("Cake at four")
    open_menu(cake)
    grace.part("quick-reaction").first.click()
    chip = ada.message("Cake at four").get_by_test_id("reaction")
    expect(chip).to_have_text("👍 1", use_inner_text=True)
    chip.hover()
    expect(ada.page.get_by_role("tooltip")).to_contain_text(grace.name)
    chip.click()
    expect(grace.part("reaction")).to_have_text("👍 2", use_inner_text=True)
    grace.part("reaction").click()
    expect(chip).to_have_text("👍 1", use_inner_text=True)
    cake.hover()
    grace.part("message-react").click()
    grace.part("emoji-search").fill("birthday cake")
    grace.part("emoji-search").press("Enter")
    expect(ada.part("reaction").filter(has_text="🎂")).to_be_visible()
    expect(grace.part("emoji-picker")).to_have_count(0)
    expect(cake).to_be_focused()


def test_enter_picks_the_first_emoji_also_when_they_are_still_on_their_way(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Fast fingers")
    cake = saved(ada, "Cake at five")
    ada.page.evaluate(HOLD_EMOJI)
    cake.hover()
    ada.part("message-react").click()
    ada.part("emoji-search").fill("birthday cake")
    ada.part("emoji-search").press("Enter")
    expect(ada.part("emoji-picker").get_by_role("status")).to_have_text("Loading emoji")
    ada.page.evaluate("letThrough()")
    expect(cake.get_by_test_id("reaction")).to_have_text("🎂 1", use_inner_text=True)
    expect(ada.part("emoji-picker")).to_have_count(0)


def test_on_a_phone_no_keyboard_comes_up_over_the_emoji(arrive: Arrive) -> None:
    ada = arrive("Ada", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    ada.create_chat("Pocket bakery")
    cake = ada.say("cake")
    expect(cake).to_have_attribute("data-status", "saved")
    cake.get_by_test_id("message-menu").tap()
    ada.part("menu-react").tap()
    expect(ada.part("emoji").first).to_be_visible()
    expect(ada.part("emoji-picker")).to_be_focused()
