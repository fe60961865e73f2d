"""Guests whose cookie must have expired: they leave their chats by the ordinary rules, then their profile is removed.

Each guest sign-in gets a new id, so nobody ever comes back as one of these guests.
"""

import asyncio
from collections.abc import AsyncIterator

from shared.backend import Actor, Backend
from shared.cleanup.removal import Removal, chosen
from shared.flow.concurrency import each
from shared.model.clock import SECOND
from shared.model.records import Membership
from shared.ports.sweep import OldProfile
from shared.rules.chats import leaving
from shared.trust.guests import LIFETIME_SECONDS, PREFIX
from shared.wire.events import LeaveChat

# A token from the cookie's last moment opens connections for another hour; the rest covers clock skew.
GRACE_SECONDS = 24 * 3600


async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Guests whose profile is older than the lifetime of a cookie, and who are not connected."""
    before = backend.clock() - (LIFETIME_SECONDS + GRACE_SECONDS) * SECOND
    # If two guests left their private chat concurrently, neither would be the last one.
    one_at_a_time = asyncio.Lock()

    async def expired(profile: OldProfile) -> Removal | None:
        if await backend.sender.is_connected(profile.user_id):
            return None
        own_rows = await memberships_of(backend, profile.user_id)
        return Removal(1 + 2 * len(own_rows), lambda: _end(backend, profile, one_at_a_time))

    async for found in chosen(backend.store.sweep().profiles(PREFIX, before), expired):
        yield found


async def memberships_of(backend: Backend, user_id: str) -> list[Membership]:
    """All memberships of a user, including those that are ending."""
    return [own async for own in backend.store.sweep().memberships(user_id)]


async def _end(backend: Backend, profile: OldProfile, one_at_a_time: asyncio.Lock) -> bool:
    """Removes the profile last, because after a fault the next run finds the guest by it."""
    async with one_at_a_time:
        if await backend.sender.is_connected(profile.user_id):
            return False
        await each(await memberships_of(backend, profile.user_id), lambda own: leave(backend, own))
        return await backend.store.users.forget(profile.user_id, profile.version)


async def leave(backend: Backend, own: Membership) -> None:
    """Ends a guest's membership. A private chat without other members is deleted, since nobody can open it again."""
    if own.kind == "private":
        roster = await backend.store.chats.roster(own.chat_id, 2)
        if roster and not roster.chat.deleted and all(one.user_id == own.user_id for one in roster.members):
            await backend.store.chats.delete(roster, unless_joined=True, at=backend.clock())
    await leaving.leave(backend, Actor(own.user_id, ""), LeaveChat(own.chat_id))
