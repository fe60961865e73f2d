"""Empty states: the page offers to create a chat, and to share its link."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive, Visitor, copy_cookies
from tests.browser.groups import create_group
from tests.browser.held_answers import FORGET_CHATS, HELD_ANSWERS
from tests.stack import Stack, started

NO_CLIPBOARD = "navigator.clipboard.writeText = () => Promise.reject(new Error('no'))"


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that nobody has used."""
    with started(tmp_path_factory.mktemp("empty")) as stack:
        yield stack


def copied(visitor: Visitor, button: Locator) -> str:
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button.click()
    expect(button).to_have_text("Copied")
    return str(visitor.page.evaluate("navigator.clipboard.readText()"))


def in_chat(visitor: Visitor) -> Locator:
    return visitor.part("message-list").get_by_test_id("copy-link")


def test_an_empty_lobby_offers_to_create_a_chat_and_to_copy_the_link(empty: Stack, arrive: Arrive) -> None:
    ada = arrive(at=empty)
    ada.join_as_guest("Ada")
    assert copied(ada, ada.part("copy-link")) == empty.url
    ada.part("chat-list").get_by_role("button", name="New chat").click()
    ada.part("new-chat-name").fill("First of all")
    ada.part("new-chat-create").click()
    expect(in_chat(ada)).to_be_visible()
    grace = arrive(at=empty)
    grace.join_as_guest("Grace")
    expect(ada.part("user-list").locator("..").get_by_test_id("copy-link")).to_have_count(0)


def test_a_new_chat_offers_its_link_until_somebody_has_come(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    chat_id = ada.create_chat("Come in")
    link = copied(ada, in_chat(ada))
    assert link == f"{ada.url}/chat/{chat_id}"
    grace.page.goto(link)
    grace.page.get_by_role("button", name="Join this chat").click()
    expect(grace.part("composer")).to_be_visible()
    expect(in_chat(ada)).to_have_count(0)
    expect(in_chat(grace)).to_have_count(0)


def test_a_new_group_offers_a_link_that_lets_others_in(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    create_group(ada, "Come in, you")
    grace.page.goto(copied(ada, in_chat(ada)))
    expect(grace.part("composer")).to_be_visible()
    expect(grace.page).to_have_url(re.compile("/chat/"))


def test_a_link_that_cannot_be_copied_is_shown(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.page.add_init_script(NO_CLIPBOARD)
    chat_id = ada.create_chat("By hand")
    ada.page.reload()
    in_chat(ada).click()
    expect(ada.part("copy-link-by-hand")).to_have_value(f"{ada.url}/chat/{chat_id}")


def test_while_lists_and_messages_are_on_their_way_their_places_are_drawn(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Slow day")
    expect(ada.say("worth waiting for")).to_have_attribute("data-status", "saved")
    ada.page.add_init_script(HELD_ANSWERS)
    ada.page.add_init_script(FORGET_CHATS)
    ada.page.reload()
    lists = ada.page.get_by_role("status", name="Loading chats and people")
    expect(lists).to_be_visible()
    ada.page.evaluate("letThrough('/me/chats')")
    expect(lists).to_have_count(0)
    messages = ada.page.get_by_role("status", name="Loading messages")
    expect(messages).to_be_visible()
    ada.page.evaluate("letThrough('/messages')")
    expect(ada.message("worth waiting for")).to_be_visible()
    expect(messages).to_have_count(0)


def test_who_comes_back_can_write_before_any_list_has_come(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Early days")
    ada.page.add_init_script(HELD_ANSWERS)
    ada.page.reload()
    expect(ada.chat("Early days")).to_be_visible()
    ada.part("composer").fill("Good morning")
    ada.part("send").click()
    expect(ada.part("composer")).to_have_value("")
    ada.page.evaluate("letThrough('/me/chats')")
    ada.page.evaluate("letThrough('/messages')")
    expect(ada.message("Good morning")).to_have_attribute("data-status", "saved")
    expect(ada.part("message")).to_have_count(1)


def test_whoever_signs_in_next_sees_no_chat_of_the_one_before(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Only mine")
    ada.page.reload()
    expect(ada.part("composer")).to_be_visible()
    ada.sign_out()
    expect(ada.part("guest-name")).to_be_visible()
    assert ada.page.evaluate("localStorage.getItem('chatr.cache/chats')") is None


def test_what_the_backend_refuses_at_the_door_is_said_in_words_of_the_page(arrive: Arrive) -> None:
    ada = arrive()
    ada.accept("status of 4")
    ada.page.goto(ada.url)
    raw = "The body is invalid: `userName` must be a name."
    for status, code, words in (
        (400, "BadRequest", "Try another"),
        (403, "Forbidden", "Guests aren't allowed"),
        (429, "TooManyRequests", "Try again in a minute"),
        (413, "NeverHeardOf", "Chatr couldn't do that"),
        (431, None, "Couldn't sign you in"),
    ):
        body = {"error": {"code": code, "message": raw}} if code else "<h1>Request Header Fields Too Large</h1>"
        ada.page.route(
            "**/api/guest",
            lambda route, _request, status=status, body=body: route.fulfill(
                status=status, **({"json": body} if isinstance(body, dict) else {"body": body})
            ),
        )
        ada.part("guest-name").fill("Ada")
        ada.part("guest-join").click()
        expect(ada.page.get_by_role("alert")).to_contain_text(words)
        expect(ada.page.get_by_role("alert")).not_to_contain_text("userName")
        ada.page.unroute("**/api/guest")


def test_a_guest_is_asked_before_they_sign_out_for_good(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Farewell")
    ada.part("composer").fill("one more thing")
    ada.part("sign-out").click()
    question = ada.page.get_by_role("alertdialog")
    expect(question).to_contain_text(ada.name)
    expect(question).to_contain_text("1 draft will be lost")
    ada.page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(ada.part("composer")).to_have_value("one more thing")
    ada.part("profile-menu").click()
    ada.page.get_by_role("menuitem", name="Sign out").click()
    # The connection ends before the answer, so that the page may have asked for another one.
    ada.accept("401")
    ada.part("sign-out-confirm").click()
    expect(ada.part("guest-name")).to_be_visible()
    kept = ada.page.evaluate("Object.keys(localStorage).filter((key) => !key.startsWith('chatr.preference/'))")
    assert kept == []


def test_who_signs_in_with_a_provider_is_asked_only_when_something_unsent_would_be_lost(arrive: Arrive) -> None:
    ada = arrive()
    ada.page.goto(f"{ada.url}/.auth/login/github")
    ada.page.locator("#userId").fill("4711")
    ada.page.locator("#userDetails").fill("ada-of-github")
    ada.page.locator("#submit").click()
    ada.create_chat("Provided")
    ada.part("composer").fill("wait")
    ada.part("sign-out").click()
    expect(ada.page.get_by_role("alertdialog")).to_have_text(re.compile("1 draft will be lost"))
    expect(ada.page.get_by_role("alertdialog")).not_to_contain_text("guest")
    ada.page.keyboard.press("Escape")
    ada.part("composer").fill("")
    ada.sign_out(asked=False)
    expect(ada.part("guest-name")).to_be_visible()


def test_a_page_whose_guest_signed_out_elsewhere_says_so_and_lets_somebody_in_again(arrive: Arrive) -> None:
    """A copy of the cookie in another browser, which no tab can notify."""
    ada, copy = arrive("Ada"), arrive()
    copy.accept("401")
    copy_cookies(ada.page.context, copy.page.context)
    copy.page.goto(copy.url)
    expect(copy.part("user-list")).to_contain_text(ada.name)
    ada.sign_out()
    expect(copy.part("signed-out")).to_contain_text(ada.name)
    copy.page.reload()
    expect(copy.part("guest-name")).to_be_visible()
    expect(copy.part("signed-out")).to_be_hidden()
    copy.join_as_guest("Grace")
