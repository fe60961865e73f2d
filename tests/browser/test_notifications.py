"""Notifications and sounds for messages while the page is hidden, according to the user's preferences."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.absence import WATCHED, go_away
from tests.browser.conftest import Arrive, Visitor, copy_cookies
from tests.browser.sending import send


@pytest.fixture(scope="module")
def browser(whole_browser: Browser) -> Browser:
    return whole_browser


KEPT = """
async ([where, wanted]) => {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${where} `)).sort()
  return JSON.stringify(keys.map((key) => localStorage.getItem(key))) === JSON.stringify(wanted)
}
"""
# Chromium forgets what is listed while it is being shown, so this takes turns with the page.
SHOWN = """
async (wanted) => {
  const worker = await navigator.serviceWorker.ready
  const list = () => worker.getNotifications()
  const listed = await navigator.locks.request('chatr.system-notifications', list)
  return JSON.stringify(listed.map(({ title, body }) => `${title}: ${body}`)) === JSON.stringify(wanted)
}
"""
# The event that the service worker gets when somebody clicks the current notification.
CLICK = """
async () => {
  const [notification] = await registration.getNotifications()
  dispatchEvent(new NotificationEvent('notificationclick', { notification }))
}
"""


def watched(arrive: Arrive, name: str) -> Visitor:
    visitor = arrive()
    visitor.page.context.grant_permissions(["notifications"])
    visitor.page.add_init_script(WATCHED)
    visitor.join_as_guest(name)
    visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return visitor


def switch_on(visitor: Visitor, testid: str) -> None:
    visitor.part("profile-menu").click()
    visitor.part(testid).click()
    expect(visitor.part(testid)).to_have_attribute("aria-checked", "true")
    visitor.page.keyboard.press("Escape")


def shows(visitor: Visitor, *notifications: str) -> None:
    visitor.eventually(SHOWN, list(notifications))


def has_told(visitor: Visitor, *texts: str) -> None:
    visitor.eventually(KEPT, ["told", list(texts)])


def has_chimed(visitor: Visitor, times: int) -> None:
    visitor.eventually(KEPT, ["chimes", ["chime"] * times])


def said(visitor: Visitor, other: Visitor, text: str) -> None:
    """Sends a message, and waits until the other person, who is not looking, has it counted as unread."""
    expect(visitor.say(text)).to_have_attribute("data-status", "saved")
    expect(other.message(text)).to_be_attached()


def test_the_system_tells_of_messages_while_the_page_is_hidden_and_a_click_opens_the_chat(arrive: Arrive) -> None:
    ada, grace = watched(arrive, "Ada"), arrive("Grace")
    ada.create_chat("Far field")
    grace.open("Far field")
    go_away(ada)
    said(grace, ada, "before it was chosen")
    go_away(ada, False)
    switch_on(ada, "notifications")
    ada.create_chat("Near field")
    expect(grace.say("while she looks")).to_have_attribute("data-status", "saved")
    expect(ada.chat("Far field").get_by_test_id("unread")).to_be_visible()
    go_away(ada)
    expect(grace.say("while she is away")).to_have_attribute("data-status", "saved")
    has_told(ada, "while she is away")
    ada.page.goto(ada.url)
    # Chats are remembered; who is online is only known when she is connected.
    expect(ada.user(ada)).to_be_visible()
    go_away(ada)
    expect(grace.say("anybody?")).to_have_attribute("data-status", "saved")
    shows(ada, f"Guest {grace.name} in Far field: anybody?")
    expect(grace.say("hello?")).to_have_attribute("data-status", "saved")
    shows(ada, f"Guest {grace.name} in Far field: hello?")
    ada.page.context.service_workers[0].evaluate(CLICK)
    expect(ada.page).to_have_url(re.compile("/chat/"))
    expect(ada.message("hello?")).to_be_visible()
    shows(ada)


def test_a_chat_tells_of_what_was_chosen_for_it(arrive: Arrive) -> None:
    ada, grace = watched(arrive, "Ada"), arrive("Grace")
    ada.create_chat("Chatty field")
    grace.open("Chatty field")
    switch_on(ada, "notifications")
    for choice in ("Nothing", "Mentions only", "All messages"):
        go_away(ada, False)
        ada.part("chat-menu").click()
        ada.page.get_by_role("menuitemradio", name=choice).click()
        go_away(ada)
        for text in (f"{choice} chosen", f"@{ada.name} {choice}"):
            said(grace, ada, text)
    has_told(ada, f"@{ada.name} Mentions only", "All messages chosen", f"@{ada.name} All messages")


def test_a_sound_is_played_only_when_it_was_switched_on(arrive: Arrive) -> None:
    ada, grace = watched(arrive, "Ada"), arrive("Grace")
    ada.create_chat("Loud field")
    grace.open("Loud field")
    go_away(ada)
    said(grace, ada, "quietly")
    has_chimed(ada, 0)
    go_away(ada, False)
    switch_on(ada, "sound")
    said(grace, ada, "while she looks")
    has_chimed(ada, 0)
    go_away(ada)
    said(grace, ada, "aloud")
    has_chimed(ada, 1)


def test_what_was_told_goes_when_it_is_read_here_or_elsewhere_or_taken_back_or_its_chat_is_deleted(
    arrive: Arrive,
) -> None:
    ada, grace, phone = watched(arrive, "Ada"), arrive("Grace"), arrive()
    copy_cookies(ada.page.context, phone.page.context)
    chat_id = grace.create_chat("Told field")
    ada.open("Told field")
    expect(ada.part("composer")).to_be_visible()
    switch_on(ada, "notifications")

    def told(text: str) -> str:
        go_away(ada)
        said(grace, ada, text)
        shows(ada, f"Guest {grace.name} in Told field: {text}")
        return str(grace.message(text).get_attribute("data-message-id"))

    told("read here")
    go_away(ada, False)
    shows(ada)
    told("read on another device")
    phone.page.goto(f"{phone.url}/chat/{chat_id}")
    expect(phone.message("read on another device")).to_be_visible()
    shows(ada)
    phone.page.goto("about:blank")
    send(grace, "deleteMessage", chatId=chat_id, id=told("taken back"))
    shows(ada)
    told("the last word")
    grace.part("chat-delete").first.click()
    grace.part("chat-delete-confirm").click()
    shows(ada)


def test_what_another_tab_has_told_goes_when_it_is_read_also_when_that_tab_is_closed(arrive: Arrive) -> None:
    ada, grace = watched(arrive, "Ada"), arrive("Grace")
    ada.create_chat("Left field")
    grace.open("Left field")
    switch_on(ada, "notifications")
    there = ada.page.url
    go_away(ada)
    said(grace, ada, "to the first tab")
    shows(ada, f"Guest {grace.name} in Left field: to the first tab")
    other = Visitor(ada.page.context.new_page(), ada.url, ada.problems, ada.name)
    other.page.add_init_script(WATCHED)
    ada.page.close()
    other.page.goto(ada.url)
    expect(other.chat("Left field").get_by_test_id("unread")).to_have_text("1")
    shows(other, f"Guest {grace.name} in Left field: to the first tab")
    other.page.goto(there)
    expect(other.message("to the first tab")).to_be_visible()
    shows(other)


def test_of_several_tabs_one_tells_and_none_while_one_of_them_is_looked_at(arrive: Arrive) -> None:
    ada, grace = watched(arrive, "Ada"), arrive("Grace")
    ada.create_chat("Wide field")
    grace.open("Wide field")
    for testid in ("notifications", "sound"):
        switch_on(ada, testid)
    other = Visitor(ada.page.context.new_page(), ada.url, ada.problems, ada.name)
    other.page.add_init_script(WATCHED)
    other.page.goto(ada.page.url)
    expect(other.user(ada)).to_be_visible()
    # Until its history is there a chat is not seen, and what comes is news.
    expect(other.part("message-list")).to_have_attribute("aria-live", "polite")
    go_away(ada)
    for text in ("while she looks at the other tab", "while she is away", "and for long"):
        said(grace, other, text)
        expect(ada.message(text)).to_be_attached()
        go_away(other)
    has_told(ada, "while she is away", "and for long")
    has_chimed(ada, 2)
