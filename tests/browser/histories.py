"""Chats with long histories, written directly into storage, and a visitor's position in one."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from playwright.sync_api import expect

from shared.adapters.tables.store import with_connection_string
from shared.model.records import Message
from tests.browser.conftest import Arrive, Visitor
from tests.conftest import AZURITE_KEY
from tests.stack import Stack

MESSAGES = 230


TOP = "element => element.getBoundingClientRect().top"


def fill(stack: Stack, chat_id: str, author: str) -> None:
    """Adds a long history to a chat, as if it was written before anybody joined, so that nothing of it is unread."""
    before = time.time_ns() // 1_000 - 600_000_000
    said = [(author, f"line {number}", before + number * 1_000) for number in range(MESSAGES)]
    keep(stack, chat_id, said, before_anybody=True)


def keep(stack: Stack, chat_id: str, said: Sequence[tuple[str, str, int]], *, before_anybody: bool = False) -> None:
    """Adds messages (author, text, time in microseconds) to the history of a chat, oldest first.

    ``before_anybody``: as if all members had joined afterwards.
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


def in_a_read_chat(arrive: Arrive, stack: Stack, name: str) -> Visitor:
    """A person with a long history that is completely read, and another chat."""
    ada = arrive("Ada")
    fill(stack, ada.create_chat(name), "scribe")
    ada.create_chat(f"Beside {len(name)}")
    ada.page.reload()
    ada.open(name)
    expect(ada.part("message").first).to_be_visible()
    if ada.part("jump-newest").is_visible():
        ada.part("jump-newest").click()
    expect(ada.message("line 229")).to_be_in_viewport()
    expect(ada.chat(name).get_by_test_id("unread")).to_have_count(0)
    return ada
