"""Limits the open connections per user: each takes one of the user's slots and frees it when it ends.

A slot is a row that only one connection can insert. So the limit holds across instances, and also for connections that
never send ``userConnected``. If all slots are taken, the service is asked which of their connections are still open,
since we may have missed the end of some.
"""

import zlib
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import each
from shared.flow.deadline import ABANDONED_AFTER
from shared.flow.tries import tries
from shared.model.clock import SECOND
from shared.model.errors import TooManyConnections, Unavailable
from shared.model.records import Slot

# A connection that was confirmed, or began to open, more recently is not checked: the service may not know it yet.
CONFIRMED_SECONDS = 30


async def take(backend: Backend, by: Actor) -> None:
    """Takes a slot for a connection that is being opened, once; raises TooManyConnections."""
    limit = backend.settings.connections_per_user
    # Spreads connections over the slots, so that the first attempt mostly finds a free one without a read.
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
    """Raises TooManyConnections if another connection of the user would be refused."""
    await _held(backend, user_id, await backend.store.slots.of_user(user_id))


async def give_back(backend: Backend, by: Actor) -> None:
    """Frees the slot of a connection that has ended, if it has one."""
    taken = await backend.store.slots.of_user(by.user_id)
    own = [one for one in taken if one.connection_id == by.connection_id]
    await each(own, lambda one: backend.store.slots.free(by.user_id, one))


async def _held(backend: Backend, user_id: str, taken: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """The slots that are really taken, fewer than the limit; else raises TooManyConnections.

    If many calls find all slots taken, one of them checks each slot, and the others wait for the result.
    """
    limit = backend.settings.connections_per_user
    async for _ in tries(backend.pause):
        if len(taken) < limit:
            return taken
        doubtful = [slot for slot in taken if not is_recent(backend, slot)]
        if not doubtful:
            break
        unasked = [slot for slot in doubtful if backend.clock() - slot.asked > ABANDONED_AFTER]
        await each(unasked, lambda slot: _verify(backend, user_id, slot))
        taken = await backend.store.slots.of_user(user_id)
    words = f"You have reached the limit of {limit} open connections; close one in another tab or on another device."
    raise TooManyConnections(words, CONFIRMED_SECONDS)


async def _verify(backend: Backend, user_id: str, slot: Slot) -> None:
    """Asks the service about a slot's connection, unless another call is asking: frees the slot or confirms it.

    The slot is marked before asking. Otherwise each of a user's many calls would ask about every slot.
    """
    asked = await backend.store.slots.update(user_id, replace(slot, asked=backend.clock()))
    if asked is None:
        return
    if await backend.sender.is_open(slot.connection_id):
        await backend.store.slots.update(user_id, replace(asked, seen=backend.clock()))
    else:
        await backend.store.slots.free(user_id, asked)


def is_recent(backend: Backend, slot: Slot) -> bool:
    """Whether a slot was taken or confirmed so recently that the service is not asked."""
    return backend.clock() - slot.seen < CONFIRMED_SECONDS * SECOND
