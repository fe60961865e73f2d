"""Where nothing is yet, the page offers what begins something: a chat, and the link that brings others."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visitor
from tests.browser.test_shell import create_group
from tests.stack import Stack, started

Arrive = Callable[..., Visitor]
# Calls of the API that wait until the test lets them through.
HELD_ANSWERS = """
const { fetch } = window
const held = { '/me/chats': Promise.withResolvers(), '/messages': Promise.withResolvers() }
window.letThrough = name => held[name].resolve()
window.fetch = async (address, init) => {
  for (const name in held) if (address.includes(name)) await held[name].promise
  return fetch(address, init)
}
"""
FORGET_CHATS = "localStorage.removeItem('chatr.cache/chats')"
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
