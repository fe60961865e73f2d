"""Signed-out users: a guest is removed at once, and the revocation mark when all credentials have expired anyway."""

import asyncio
from collections.abc import AsyncIterator

from shared.backend import Backend
from shared.cleanup.guests import GRACE_SECONDS, leave, memberships_of
from shared.cleanup.removal import Removal, chosen
from shared.flow.concurrency import each
from shared.model.clock import SECOND
from shared.ports.sweep import Revoked
from shared.trust.guests import LIFETIME_SECONDS, is_guest


async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Guests who have signed out, with their leftovers and open connections, and marks that are no longer needed."""

    # If two guests left their private chat concurrently, neither would be the last one.
    one_at_a_time = asyncio.Lock()

    async def leftover(mark: Revoked) -> Removal | None:
        outlived = mark.time < backend.clock() - (LIFETIME_SECONDS + GRACE_SECONDS) * SECOND
        if not is_guest(mark.user_id):
            return Removal(1, lambda: _forget(backend, mark)) if outlived else None
        own_rows = await memberships_of(backend, mark.user_id)
        there = await backend.sender.is_connected(mark.user_id) or await backend.store.users.read(mark.user_id)
        if not own_rows and not there and not outlived:
            return None
        return Removal(1 + 2 * len(own_rows), lambda: _end(backend, mark, outlived, one_at_a_time))

    async for found in chosen(backend.store.sweep().revoked(), leftover):
        yield found


async def _end(backend: Backend, mark: Revoked, outlived: bool, one_at_a_time: asyncio.Lock) -> bool:
    """Closes connections first: one that the sign-out could not close can still send."""
    await backend.sender.end_others(mark.user_id, ())
    async with one_at_a_time:
        await each(await memberships_of(backend, mark.user_id), lambda own: leave(backend, own))
    profiles = [one async for one in backend.store.sweep().profiles(mark.user_id, _any_time(backend))]
    gone = await each(profiles, lambda one: backend.store.users.forget(one.user_id, one.version))
    return await _forget(backend, mark) if outlived else any(gone)


def _any_time(backend: Backend) -> int:
    return backend.clock() + GRACE_SECONDS * SECOND


async def _forget(backend: Backend, mark: Revoked) -> bool:
    return await backend.store.users.forget_revoked(mark.user_id, mark.version)
