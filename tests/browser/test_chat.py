"""An open chat: formatting, replying, editing, deleting; and the behaviour of its message list."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Arrive, Screen
from tests.browser.histories import TOP, fill
from tests.browser.screens import PHONE
from tests.browser.talk import open_menu, saved, talking
from tests.stack import Stack


def test_formatting_is_shown_and_hostile_text_is_only_text(arrive: Arrive) -> None:
    ada, grace = talking(arrive, "Text")
    asked: list[str] = []
    grace.page.on("request", lambda request: asked.append(request.url))
    ada.say("**bold** `code` https://example.org/\n\n> said\n\n```\n" + "x" * 500 + "\n```")
    shown = grace.part("message-text").first
    expect(shown.locator("strong")).to_have_text("bold")
    expect(shown.locator("blockquote")).to_have_text("said")
    link = shown.get_by_role("link")
    expect(link).to_have_attribute("href", "https://example.org/")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(link).to_have_attribute("target", "_blank")
    hostile = '<img src="https://example.org/x.png" onerror="document.title=1"> [x](javascript:alert(1)) ![p](https://example.org/p.png)'
    ada.say(hostile)
    expect(grace.part("message-text").nth(1)).to_have_text(hostile)
    expect(grace.part("message-list").locator("img, script, iframe")).to_have_count(0)
    assert [url for url in asked if "example.org" in url] == []


# Records the colour of a message's text when it appears.
NOTE_COLOURS = """
list => {
  window.colours = []
  new MutationObserver(() => {
    for (const text of list.querySelectorAll('[data-testid="message-text"]')) {
      if (text.textContent.includes('**')) colours.push(getComputedStyle(text).color)
    }
  }).observe(list, { childList: true, subtree: true })
}
"""


def test_text_is_not_seen_raw_before_it_can_be_formatted(arrive: Arrive) -> None:
    ada, grace = talking(arrive, "Raw text")
    held: list[Route] = []
    grace.page.route("**/assets/format-*.js", lambda route: held.append(route))
    grace.part("message-list").evaluate(NOTE_COLOURS)
    with grace.page.expect_request("**/assets/format-*.js"):
        ada.say("**bold**")
    expect(grace.part("message-text")).to_have_text("**bold**")
    assert set(grace.page.evaluate("colours")) == {"rgba(0, 0, 0, 0)"}
    held.pop().continue_()
    expect(grace.part("message-text").locator("strong")).to_have_text("bold")
    expect(grace.part("message-text")).not_to_have_css("color", "rgba(0, 0, 0, 0)")


@pytest.mark.parametrize("screen", [{}, PHONE])
def test_a_short_text_stands_on_one_line(arrive: Arrive, screen: Screen) -> None:
    ada = arrive("Ada", **screen)
    ada.create_chat("One small line" if screen else "One line")
    said = ada.say("Coffee is on me, tea too").get_by_test_id("message-text")
    lines = """element => {
        const range = document.createRange()
        range.selectNodeContents(element.querySelector('p').firstChild)
        return range.getClientRects().length
    }"""
    expect(said.locator("p")).to_be_visible()
    assert said.evaluate(lines) == 1


@pytest.mark.parametrize("screen", [{}, PHONE])
def test_no_text_breaks_the_layout(arrive: Arrive, screen: Screen) -> None:
    ada = arrive("Ada", **screen)
    ada.create_chat("Narrow sheet" if screen else "Wide sheet")
    for text in (
        "w" * 3_900,
        "a" + "\u0301" * 3_900,
        ">" * 3_000 + "x",
        "שלום **עולם** \u202e abc",
        "```\n" + "y" * 3_900,
    ):
        ada.say(text)
    expect(ada.part("message")).to_have_count(5)
    expect(ada.part("message").last).to_have_attribute("data-status", "saved")
    too_wide = "element => element.scrollWidth > element.clientWidth"
    assert not ada.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not ada.part("message-list").evaluate(too_wide)
    assert ada.part("message-text").last.locator("pre").evaluate(too_wide)
    heights = ada.part("message-text").evaluate_all("all => all.map(element => element.clientHeight / innerHeight)")
    assert max(heights) <= 0.8


def test_a_reply_shows_what_it_answers_and_leads_there(arrive: Arrive) -> None:
    ada, grace = talking(arrive, "Replies")
    asked = saved(ada, "Who was first?")
    for number in range(30):
        saved(ada, f"filler {number}")
    expect(grace.message("filler 29")).to_be_visible()
    question = grace.message("Who was first?")
    question.scroll_into_view_if_needed()
    open_menu(question)
    grace.part("menu-reply").click()
    expect(grace.part("composer")).to_be_focused()
    expect(grace.part("composer-context")).to_contain_text("Who was first?")
    grace.part("composer").press_sequentially("You were")
    grace.part("composer").press("Enter")
    expect(grace.part("composer-context")).to_have_count(0)
    quoted = ada.message("You were").get_by_test_id("quoted")
    expect(quoted).to_contain_text("Who was first?")
    expect(asked).not_to_be_in_viewport()
    quoted.click()
    expect(asked).to_be_in_viewport()
    expect(asked).to_be_focused()
    open_menu(asked)
    ada.part("menu-delete").click()
    ada.part("message-delete-confirm").click()
    expect(asked).to_have_count(0)
    expect(grace.message("You were").get_by_test_id("quoted")).to_have_text("This message is no longer available.")


def test_an_answered_message_far_up_is_fetched(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    chat_id = ada.create_chat("Far up")
    fill(stack, chat_id, "scribe")
    ada.page.reload()
    ada.open("Far up")
    expect(ada.part("message")).to_have_count(50)
    ada.part("message-list").evaluate("list => list.scrollTo(0, 0)")
    expect(ada.part("message")).to_have_count(100)
    far_id = ada.part("message").nth(5).get_attribute("data-message-id")
    far = ada.page.locator(f'[data-message-id="{far_id}"]')
    open_menu(far)
    ada.part("menu-reply").click()
    ada.say("an answer")
    expect(ada.part("message").last).to_have_attribute("data-status", "saved")
    ada.page.reload()
    ada.open("Far up")
    expect(ada.part("quoted")).to_have_text("An earlier message")
    ada.part("quoted").click()
    expect(far).to_be_in_viewport()
    expect(ada.part("jump-newest")).to_be_visible()
    ada.part("jump-newest").click()
    expect(ada.message("an answer")).to_be_in_viewport()


def test_the_menu_works_by_keyboard_alone(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Keyboard")
    saved(ada, "first")
    saved(ada, "second")
    expect(ada.part("composer")).to_be_focused()
    ada.part("message-list").focus()
    ada.page.keyboard.press("Enter")
    expect(ada.message("second")).to_be_focused()
    ada.page.keyboard.press("ArrowUp")
    expect(ada.message("first")).to_be_focused()
    expect(ada.message("first").get_by_test_id("message-react")).to_be_visible()
    for _ in range(3):
        ada.page.keyboard.press("Tab")
    expect(ada.message("first").get_by_test_id("message-menu")).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_role("menu")).to_be_visible()
    ada.page.keyboard.press("End")
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_role("alertdialog")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("alertdialog")).to_have_count(0)
    expect(ada.message("first")).to_be_focused()


def test_one_edits_and_deletes_what_is_ones_own(arrive: Arrive) -> None:
    ada, grace = talking(arrive, "Editing")
    saved(ada, "Helo")
    saved(grace, "of grace")
    ada.part("composer").press("ArrowUp")
    expect(ada.part("composer")).to_have_value("Helo")
    ada.part("composer").press("Escape")
    expect(ada.part("composer")).to_have_value("")
    ada.part("composer").press("ArrowUp")
    ada.part("composer").fill("Hello")
    ada.part("composer").press("Enter")
    for visitor in (ada, grace):
        expect(visitor.message("Hello").get_by_test_id("message-edited")).to_be_visible()
    open_menu(grace.message("Hello"))
    expect(grace.part("menu-copy")).to_be_visible()
    expect(grace.part("menu-edit")).to_have_count(0)
    expect(grace.part("menu-delete")).to_have_count(0)
    grace.page.keyboard.press("Escape")
    open_menu(ada.message("of grace"))
    expect(ada.part("menu-edit")).to_have_count(0)
    ada.part("menu-delete").click()
    ada.part("message-delete-confirm").click()
    expect(grace.message("of grace")).to_have_count(0)


def test_on_a_phone_every_message_has_a_button_for_its_menu(arrive: Arrive) -> None:
    ada = arrive("Ada", **PHONE)
    ada.create_chat("Phone")
    message = saved(ada, "tap me")
    message.get_by_test_id("message-menu").tap()
    ada.part("menu-edit").tap()
    expect(ada.part("composer")).to_have_value("tap me")


def test_a_line_stands_above_what_is_new(arrive: Arrive) -> None:
    ada, grace = talking(arrive, "News")
    saved(ada, "old")
    expect(grace.message("old")).to_be_visible()
    saved(grace, "seen")
    grace.create_chat("Elsewhere")
    saved(ada, "new one")
    saved(ada, "new two")
    expect(grace.chat("News").get_by_test_id("unread")).to_have_text("2")
    grace.open("News")
    expect(grace.part("new-divider")).to_have_count(1)
    following = "element => element.nextElementSibling.dataset.messageId"
    assert grace.part("new-divider").evaluate(following) == grace.message("new one").get_attribute("data-message-id")
    saved(grace, "thanks")
    expect(grace.part("new-divider")).to_have_count(0)


def test_what_arrives_while_one_reads_further_up_moves_nothing_and_is_counted(arrive: Arrive, stack: Stack) -> None:
    ada, grace = talking(arrive, "Upwards")
    for number in range(40):
        saved(ada, f"line {number}")
    expect(grace.message("line 39")).to_be_in_viewport()
    grace.part("message-list").evaluate("list => list.scrollBy(0, -600)")
    expect(grace.part("jump-newest")).to_be_visible()
    place = "list => [...list.querySelectorAll('[data-message-id]')].find(row => row.getBoundingClientRect().top > 200)"
    read_id = grace.part("message-list").evaluate(f"list => (({place})(list)).dataset.messageId")
    read = grace.page.locator(f'[data-message-id="{read_id}"]')
    before = read.evaluate(TOP)
    saved(ada, "late one")
    saved(ada, "late two")
    expect(grace.part("jump-newest")).to_have_text(re.compile("2 new messages"))
    open_menu(ada.message("line 39"))
    ada.part("quick-reaction").first.click()
    expect(grace.part("reaction")).to_be_attached()
    assert abs(read.evaluate(TOP) - before) < 2
    grace.part("jump-newest").click()
    expect(grace.message("late two")).to_be_in_viewport()
    expect(grace.part("jump-newest")).to_have_count(0)


def test_in_a_moderated_chat_all_of_it_works_too(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Moderated", moderated=True)
    grace.open("Moderated")
    saved(ada, "question")
    open_menu(grace.message("question"))
    grace.part("menu-reply").click()
    grace.part("composer").press_sequentially("answer")
    grace.part("composer").press("Enter")
    expect(ada.message("answer").get_by_test_id("quoted")).to_contain_text("question")
    open_menu(ada.message("answer"))
    ada.part("quick-reaction").first.click()
    expect(grace.message("answer").get_by_test_id("reaction")).to_be_visible()
