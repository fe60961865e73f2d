"""A user with hundreds of chats and thousands of messages: the page renders only a part of them at a time."""

from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.plenty import put_plenty
from tests.browser.scrolling import scroll
from tests.running import PATIENCE
from tests.stack import Stack

MESSAGES, CHATS = 2_000, 500
MOST_MESSAGES, MOST_CHATS = 300, 160
WALKED = 200


def test_of_many_chats_and_messages_a_bounded_part_is_on_the_page(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    # Loading 500 chats and reading 2,000 messages in a row takes more tokens than a user has at once: on a fast machine
    # the page is asked to wait, and does.
    ada.accept("429")
    user_id = str(ada.user(ada).get_attribute("data-user-id"))
    put_plenty(stack, user_id, MESSAGES, CHATS)
    ada.page.reload()
    chats = ada.part("chat-item")
    # Ten pages of lists, one after another, and perhaps a wait between two.
    expect(chats.first).to_have_attribute("aria-setsize", str(CHATS), timeout=30_000 * PATIENCE)
    last = ada.chat(f"Room {CHATS - 1:03}")
    expect(last).to_have_count(0)
    assert scroll(ada.part("chat-list"), "chat-item", 0.8) <= MOST_CHATS
    expect(last).to_have_attribute("aria-posinset", str(CHATS))
    last.click()
    expect(ada.part("composer")).to_be_visible()
    ada.part("lobby-search").fill("endless")
    expect(chats).to_have_count(1)
    ada.part("lobby-search").fill("")
    ada.open("Endless talk")
    expect(ada.part("message").last).to_contain_text(f"{MESSAGES - 1}:")
    upwards = scroll(ada.part("message-list"), "message", -4, until=".top__beginning")
    expect(ada.part("message").first).to_contain_text("0: Good morning!")
    downwards = scroll(ada.part("message-list"), "message", 4)
    expect(ada.part("message").last).to_contain_text(f"{MESSAGES - 1}:")
    assert max(upwards, downwards) <= MOST_MESSAGES


def test_the_list_of_many_chats_is_walked_through_with_the_keyboard(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    put_plenty(stack, str(ada.user(ada).get_attribute("data-user-id")), 1, WALKED)
    ada.page.reload()
    expect(ada.part("chat-item").first).to_have_attribute("aria-setsize", str(WALKED))
    ada.part("lobby-search").click()
    place = "document.activeElement.closest('[aria-posinset]')?.getAttribute('aria-posinset')"
    for number in range(1, 130):
        ada.page.keyboard.press("Tab")
        assert ada.page.evaluate(place) == str(number)
