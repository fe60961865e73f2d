"""A search result is shown in its place in the history, however far up, and Back leads to the results."""

import re
import time
import uuid

from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.groups import choose, create_group
from tests.browser.histories import MESSAGES, fill, keep
from tests.browser.searching import exactly, search
from tests.browser.talk import open_menu
from tests.stack import Stack

# Records the ids of highlighted messages, since a highlight lasts only a moment.
NOTE_MARKED = """
window.marked = new Set()
new MutationObserver(() => {
  for (const message of document.querySelectorAll('.message--flashing')) marked.add(message.dataset.messageId)
}).observe(document, { subtree: true, childList: true, attributeFilter: ['class'] })
"""


def test_a_result_leads_to_the_message_far_up_marks_it_and_back_leads_to_the_results(
    arrive: Arrive, stack: Stack
) -> None:
    ada = arrive("Ada")
    chat_id = ada.create_chat("Haystack")
    fill(stack, chat_id, "scribe")
    ada.page.goto("about:blank")
    keep(stack, chat_id, [("scribe", "news", time.time_ns() // 1_000)])
    ada.page.goto(ada.url)
    unread = ada.chat("Haystack").get_by_test_id("unread")
    expect(unread).to_be_visible()
    ada.page.evaluate(NOTE_MARKED)
    results = search(ada, "line 12")
    found = exactly(results, "line 12")
    found.click()
    needle = ada.message("line 12")
    expect(needle).to_be_in_viewport()
    ada.page.wait_for_function("id => marked.has(id)", arg=needle.get_attribute("data-message-id"))
    expect(ada.page.locator(".message--flashing")).to_have_count(0)
    expect(ada.page).to_have_url(re.compile(f"message={needle.get_attribute('data-message-id')}"))
    # What one came for is not the end: that is still unread.
    expect(ada.part("jump-newest")).to_be_visible()
    expect(unread).to_be_visible()
    ada.page.go_back()
    expect(found).to_be_in_viewport()
    expect(found).to_be_focused()
    ada.page.go_forward()
    expect(needle).to_be_in_viewport()


def test_the_address_of_a_message_works_by_itself(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    fill(stack, ada.create_chat("Address book"), "scribe")
    ada.page.goto(ada.url)
    exactly(search(ada, "line 30"), "line 30").click()
    expect(ada.message("line 30")).to_be_in_viewport()
    ada.page.reload()
    expect(ada.message("line 30")).to_be_in_viewport()
    expect(ada.message("line 30")).to_be_focused()


def test_of_a_message_that_is_gone_one_is_told_and_sees_the_newest(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    chat_id = ada.create_chat("Thin air")
    fill(stack, chat_id, "scribe")
    ada.page.goto(f"{ada.url}/chat/{chat_id}?message={uuid.uuid4()}")
    expect(ada.part("toast")).to_contain_text(["This message is no longer available."])
    expect(ada.message(f"line {MESSAGES - 1}")).to_be_in_viewport()
    expect(ada.part("jump-newest")).to_have_count(0)


def test_a_message_in_a_group_of_others_is_not_shown_and_said_so_kindly(arrive: Arrive) -> None:
    ada, eve = arrive("Ada"), arrive("Eve")
    chat_id = create_group(ada, "Closed circle")
    secret = ada.say("the secret")
    expect(secret).to_have_attribute("data-status", "saved")
    eve.page.goto(f"{eve.url}/chat/{chat_id}?message={secret.get_attribute('data-message-id')}")
    expect(eve.page.get_by_role("heading", name="This chat isn't available.")).to_be_visible()
    expect(eve.part("message")).to_have_count(0)


def test_what_is_found_in_one_chat_goes_on_there_until_all_is_shown(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    fill(stack, ada.create_chat("Deep haystack"), "scribe")
    ada.page.goto(ada.url)
    results = search(ada, "line 1")
    expect(results).to_have_count(25)
    ada.part("search-more-in").click()
    expect(ada.part("search-scope")).to_contain_text("Deep haystack” only. Search all")
    for at_least in (25, 50, 75, 100, 125):
        expect(results.nth(at_least - 1)).to_be_attached()
        ada.part("search-more").click()
    expect(ada.part("search-more")).to_have_count(0)
    expect(exactly(results, "line 1")).to_be_attached()
    assert (
        len(set(results.all_inner_texts())) == results.count() == sum("1" in str(number) for number in range(MESSAGES))
    )


def test_the_menu_of_a_chat_leads_to_a_search_in_it(arrive: Arrive) -> None:
    ada = arrive("Ada")
    for room in ("Here only", "There only"):
        ada.create_chat(room)
        expect(ada.say(f"apples of {room}")).to_have_attribute("data-status", "saved")
    choose(ada, "chat-search")
    expect(ada.part("message-search")).to_be_focused()
    ada.part("message-search").fill("apples")
    ada.page.keyboard.press("Enter")
    expect(ada.part("search-result")).to_have_count(1)
    expect(ada.part("search-result")).to_contain_text("apples of There only")
    ada.page.get_by_role("link", name="Search all your chats").click()
    expect(ada.part("search-result")).to_have_count(2)


def test_results_and_quotes_are_read_without_marks_but_for_what_only_the_typed_text_has(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Menus")
    typed = "Is **lunch** on the [menu](https://example.org/kitchen)?"
    ada.part("composer").fill(typed)
    ada.part("composer").press("Enter")
    question = ada.message("Is lunch on the menu?")
    expect(question).to_have_attribute("data-status", "saved")
    open_menu(question)
    ada.part("menu-reply").click()
    expect(ada.part("composer-context")).to_contain_text("Is lunch on the menu?")
    expect(ada.say("Soup").get_by_test_id("quoted")).to_contain_text("Is lunch on the menu?")
    open_menu(question)
    ada.part("menu-delete").click()
    expect(ada.page.get_by_role("alertdialog")).to_contain_text("Is lunch on the menu?")
    ada.page.keyboard.press("Escape")
    expect(search(ada, "lunch menu")).to_contain_text("Is lunch on the menu?")
    expect(search(ada, "kitchen")).to_contain_text(typed)
