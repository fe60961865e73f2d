"""A long history in the browser: reading upwards brings all of it, and what is being read stays where it is."""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from playwright.sync_api import expect

from shared.adapters.tables.store import with_connection_string
from shared.model.records import Message
from tests.browser.conftest import Visitor
from tests.conftest import AZURITE_KEY
from tests.stack import Stack

Arrive = Callable[..., Visitor]

MESSAGES = 230
TOP = "element => element.getBoundingClientRect().top"


def fill(stack: Stack, chat_id: str, author: str) -> None:
    """Puts a long history into a chat, as if it had been written before anybody joined: nothing of it is unread."""
    before = time.time_ns() // 1_000 - 600_000_000
    said = [(author, f"line {number}", before + number * 1_000) for number in range(MESSAGES)]
    keep(stack, chat_id, said, before_anybody=True)


def keep(stack: Stack, chat_id: str, said: Sequence[tuple[str, str, int]], *, before_anybody: bool = False) -> None:
    """Puts messages into the history of a chat: author, text and time in microseconds, the oldest first.

    ``before_anybody``: as if all members had joined when they were there.
    """

    async def save_all() -> None:
        endpoint = f"http://127.0.0.1:{stack.ports.table}/devstoreaccount1"
        store = with_connection_string(
            f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AZURITE_KEY};TableEndpoint={endpoint};"
        )
        for author, text, moment in said:
            message = Message(str(uuid.uuid4()), author, "Scribe", text, moment)
            await store.messages.admit(chat_id, author)
            await store.messages.save(chat_id, message, await store.messages.head(chat_id))
        roster = await store.chats.roster(chat_id, 100) if before_anybody else None
        for member in roster.members if roster else ():
            place = await store.memberships.read(member.user_id, chat_id)
            assert place and await store.memberships.update(replace(place, since=said[-1][2]))
        await store.close()

    # The browser's own event loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, save_all()).result()


def test_scrolling_to_the_top_again_and_again_reaches_the_beginning(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    fill(stack, ada.create_chat("Long"), "scribe")
    ada.page.reload()
    ada.open("Long")
    expect(ada.message(f"line {MESSAGES - 1}")).to_be_visible()
    for page in (2, 3, 4, 5):
        ada.part("message-list").evaluate("list => list.scrollTo(0, 0)")
        expect(ada.message(f"line {max(0, MESSAGES - 50 * page)}")).to_be_attached()
    ada.part("message-list").evaluate("list => list.scrollTo(0, 0)")
    expect(ada.message("line 0")).to_be_visible()
    expect(ada.part("message").first).to_contain_text("line 0")


def test_what_is_too_high_for_the_screen_is_shown_in_full_when_asked_for(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Letters")
    ada.say("\n".join(f"verse {number}" for number in range(60)))
    text, more = ada.part("message-text"), ada.part("message-more")
    expect(more).to_have_attribute("aria-expanded", "false")
    assert text.evaluate("element => element.clientHeight < innerHeight")
    # Until then the line below it may change, and the end with it.
    expect(ada.part("message")).to_have_attribute("data-status", "saved")
    top = text.evaluate(TOP)
    # A click that has to be tried again scrolls first.
    more.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(ada.part("jump-newest")).to_be_visible()
    assert text.evaluate("element => element.scrollHeight === element.clientHeight")
    assert text.evaluate(TOP) == top
    ada.part("jump-newest").press("Enter")
    expect(ada.part("jump-newest")).to_have_count(0)
    expect(ada.part("message-list")).to_be_focused()
    more.click()
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(more).to_be_in_viewport()
    ada.say("a short one")
    expect(more).to_have_count(1)


def test_older_messages_come_in_without_moving_what_is_read(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    fill(stack, ada.create_chat("Steady"), "scribe")
    ada.page.reload()
    ada.open("Steady")
    oldest_shown = ada.message(f"line {MESSAGES - 50}")
    expect(oldest_shown).to_be_attached()
    ada.part("message-list").evaluate("list => list.scrollTo(0, 0)")
    expect(ada.part("message").nth(50)).to_be_attached()
    expect(oldest_shown).to_be_in_viewport()
