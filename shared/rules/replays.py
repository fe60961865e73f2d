"""An event that is delivered again is answered as before, not performed again, where a late repetition would do harm.

Web PubSub repeats an event whose answer it did not get, with the same id, unique together with the connection's. What
was refused or failed is not remembered: performing it again is what a repetition is for. Must not know rules.
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
    """What the sender hears: from ``rule``, or what they heard when this very event was performed before."""
    if not (event.once and by.event_id):
        return await rule()
    before = await backend.store.events.read(by.connection_id, by.event_id)
    if before is not None and before.digest == digest(event):
        return payloads.restored(before.answer)
    heard = await rule()
    answer = payloads.kept(heard)
    await backend.store.events.remember(
        Performed(by.connection_id, by.event_id, digest(event), answer, backend.clock())
    )
    return heard


def digest(event: FromBrowser) -> str:
    """Tells events apart that come under one id, so that none is answered in another's place."""
    return hashlib.sha256(event.name.encode() + b" " + msgspec.json.encode(event)).hexdigest()
