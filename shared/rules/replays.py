"""Deduplicates events that are not idempotent: a redelivered one gets the stored answer and is not processed again.

Web PubSub delivers at least once: it redelivers an event whose answer it did not get, under the same id, which is
unique per connection. Events that were refused or failed are not stored: they are redelivered to be processed again.
"""

import hashlib
from collections.abc import Awaitable, Callable

import msgspec

from shared.backend import Actor, Backend
from shared.model.records import Performed
from shared.wire import payloads
from shared.wire.chat_events import ToBrowser
from shared.wire.events import FromBrowser


async def once(
    backend: Backend, by: Actor, event: FromBrowser, rule: Callable[[], Awaitable[ToBrowser | None]]
) -> ToBrowser | None:
    """The answer to the sender: the stored one if this event was processed before, else that of ``rule``."""
    if not (event.once and by.event_id):
        return await rule()
    before = await backend.store.events.read(by.connection_id, by.event_id)
    if before is not None and before.digest == digest(event):
        return payloads.deserialized(before.answer)
    heard = await rule()
    answer = payloads.serialized(heard)
    await backend.store.events.remember(
        Performed(by.connection_id, by.event_id, digest(event), answer, backend.clock())
    )
    return heard


def digest(event: FromBrowser) -> str:
    """Distinguishes events with the same id, so that none gets the answer of another."""
    return hashlib.sha256(event.name.encode() + b" " + msgspec.json.encode(event)).hexdigest()
