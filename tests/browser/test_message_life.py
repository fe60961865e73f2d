"""Changes to messages, and unread counts, as seen by other browsers and devices."""

import uuid

from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Visitor, copy_cookies
from tests.browser.sending import send

# Polls until it is true, from a page on which nothing is read.
READ_UP_TO = """
async ([chat, message]) => {
  const answer = await fetch('/api/me/chats')
  return (await answer.json()).chats?.[chat]?.lastRead === message
}
"""


def id_of(visitor: Visitor, text: str) -> str:
    return str(visitor.message(text).get_attribute("data-message-id"))


def test_others_see_an_edit_a_reaction_and_a_deletion_at_once_and_after_a_reload(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    chat_id = ada.create_chat("Life of a message")
    grace.open("Life of a message")
    for text in ("first", "second", "third"):
        expect(ada.say(text)).to_have_attribute("data-status", "saved")
    first, second = id_of(ada, "first"), id_of(ada, "second")
    send(ada, "editMessage", chatId=chat_id, id=first, message="the first")
    send(grace, "react", chatId=chat_id, id=first, emoji="👍", on=True)
    send(ada, "react", chatId=chat_id, id=first, emoji="👍", on=True)
    send(ada, "deleteMessage", chatId=chat_id, id=second)
    for visitor in (ada, grace):
        for again in (False, True):
            if again:
                visitor.page.reload()
            edited = visitor.message("the first")
            expect(edited.get_by_test_id("message-edited")).to_have_text("edited")
            expect(edited.get_by_test_id("reaction")).to_have_text("👍 2", use_inner_text=True)
            expect(visitor.part("message")).to_have_count(2)
            expect(visitor.message("second")).to_have_count(0)
    send(grace, "react", chatId=chat_id, id=first, emoji="👍", on=False)
    expect(ada.message("the first").get_by_test_id("reaction")).to_have_text("👍 1", use_inner_text=True)
    send(ada, "react", chatId=chat_id, id=first, emoji="👍", on=False)
    expect(ada.part("reaction")).to_have_count(0)


def test_what_is_read_on_one_device_is_read_on_the_other(arrive: Arrive) -> None:
    ada, phone, grace = arrive("Ada"), arrive(), arrive("Grace")
    copy_cookies(ada.page.context, phone.page.context)
    room = f"Two devices {uuid.uuid4().hex[:6]}"
    grace.create_chat(room)
    ada.open(room)
    ada.create_chat("Second thoughts")
    phone.page.goto(phone.url)
    for text in ("one", "two"):
        expect(grace.say(text)).to_have_attribute("data-status", "saved")
    for device in (ada, phone):
        expect(device.chat(room).get_by_test_id("unread")).to_have_text("2")
    phone.page.reload()
    expect(phone.chat(room).get_by_test_id("unread")).to_have_text("2")
    ada.open(room)
    for device in (ada, phone):
        expect(device.chat(room).get_by_test_id("unread")).to_have_count(0)
    phone.page.reload()
    expect(phone.chat(room)).to_be_visible()
    expect(phone.chat("Second thoughts")).to_be_visible()
    expect(phone.chat(room).get_by_test_id("unread")).to_have_count(0)


def test_what_was_seen_just_before_the_page_went_is_read(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    chat_id = ada.create_chat("Last glance")
    grace.open("Last glance")
    # What has just arrived is told after two seconds; the page is gone before.
    expect(ada.say("last word")).to_have_attribute("data-status", "saved")
    seen = id_of(grace, "last word")
    grace.page.goto(grace.url)
    grace.eventually(READ_UP_TO, [chat_id, seen])
    expect(grace.chat("Last glance").get_by_test_id("unread")).to_have_count(0)
