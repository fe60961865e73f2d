"""Chats with long histories, written directly into storage, and a visitor's position in one."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace

from azure.data.tables.aio import TableServiceClient
from playwright.sync_api import expect

from shared.adapters.tables.messages import Messages
from shared.adapters.tables.store import TableStore
from shared.model.records import Head, Message
from tests.browser.conftest import Arrive, Visitor
from tests.browser.plenty import COLLECTED, Batches, with_storage
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

    async def write(service: TableServiceClient) -> None:
        store, collected = TableStore(service), Batches.of(service, "messages")
        messages = [Message(str(uuid.uuid4()), author, "Scribe", text, moment) for author, text, moment in said]
        for author in {message.author for message in messages}:
            await store.messages.admit(chat_id, author)
        for message in messages[:-1]:
            await Messages(collected).save(chat_id, message, Head(0, COLLECTED))
        await collected.flush()
        # The last message is saved as usual, which also updates how far the history has come.
        await store.messages.save(chat_id, messages[-1], await store.messages.head(chat_id))
        roster = await store.chats.roster(chat_id, 100) if before_anybody else None
        for member in roster.members if roster else ():
            place = await store.memberships.read(member.user_id, chat_id)
            assert place and await store.memberships.update(replace(place, since=messages[-1].time))

    with_storage(stack, write)


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
