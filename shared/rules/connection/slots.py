"""How many connections a user may have open at once: each takes one of the user's slots and gives it back at its end.

A slot is a row that only one can make, so the limit holds whatever instances are asked at once, for connections also
that never say ``userConnected``. Where all are taken, the service says which of them are held by connections that
have ended without our hearing of it. Must not know what a connection may do.
"""

import zlib
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import each
from shared.flow.deadline import GIVEN_UP
from shared.flow.tries import tries
from shared.model.clock import SECOND
from shared.model.errors import TooManyConnections, Unavailable
from shared.model.records import Slot

# The service is not asked about a connection that was confirmed, or began to open, so lately: it may not know it yet.
CONFIRMED_SECONDS = 30


async def take(backend: Backend, by: Actor) -> None:
    """Takes a slot for a connection that is being opened, once; raises TooManyConnections."""
    limit = backend.settings.connections_per_user
    # Spreads connections, so that mostly the first try finds a free one and nothing has to be read.
    spread = zlib.crc32(by.connection_id.encode())
    wanted = Slot(spread % limit, by.connection_id, backend.clock())
    async for _ in tries(backend.pause):
        if await backend.store.slots.take(by.user_id, wanted):
            return
        taken = await backend.store.slots.of_user(by.user_id)
        if any(one.connection_id == by.connection_id for one in taken):
            return
        held = {one.number for one in await _held(backend, by.user_id, taken)}
        free = [number for number in range(limit) if number not in held]
        wanted = Slot(free[spread % len(free)], by.connection_id, backend.clock())
    raise Unavailable


async def check(backend: Backend, user_id: str) -> None:
    """Raises TooManyConnections when a further connection of the user would be refused."""
    await _held(backend, user_id, await backend.store.slots.of_user(user_id))


async def give_back(backend: Backend, by: Actor) -> None:
    """Frees the slot of a connection that has ended; nothing happens when it has none."""
    taken = await backend.store.slots.of_user(by.user_id)
    own = [one for one in taken if one.connection_id == by.connection_id]
    await each(own, lambda one: backend.store.slots.free(by.user_id, one))


async def _held(backend: Backend, user_id: str, taken: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Those of the slots that stay taken; fewer than the limit, else raises TooManyConnections.

    Of many who find all taken one asks about each; the others wait for what that one hears.
    """
    limit = backend.settings.connections_per_user
    async for _ in tries(backend.pause):
        if len(taken) < limit:
            return taken
        doubtful = [slot for slot in taken if not is_recent(backend, slot)]
        if not doubtful:
            break
        unasked = [slot for slot in doubtful if backend.clock() - slot.asked > GIVEN_UP]
        await each(unasked, lambda slot: _verify(backend, user_id, slot))
        taken = await backend.store.slots.of_user(user_id)
    words = f"You have {limit} connections open, as many as you may; close one, in another tab or on another device."
    raise TooManyConnections(words, CONFIRMED_SECONDS)


async def _verify(backend: Backend, user_id: str, slot: Slot) -> None:
    """Frees a slot whose connection is gone, and remembers for a while that it is not; but for who is asking already.

    Who asks says so first: the bucket of a user's calls is large, and each of them would ask about every slot.
    """
    asked = await backend.store.slots.update(user_id, replace(slot, asked=backend.clock()))
    if asked is None:
        return
    if await backend.sender.is_open(slot.connection_id):
        await backend.store.slots.update(user_id, replace(asked, seen=backend.clock()))
    else:
        await backend.store.slots.free(user_id, asked)


def is_recent(backend: Backend, slot: Slot) -> bool:
    """Whether a slot was taken or confirmed so lately that the service is not asked."""
    return backend.clock() - slot.seen < CONFIRMED_SECONDS * SECOND
