"""Ghosts: connections that Web PubSub does not know, the slots they hold, and users who are online without any.

They are removed by the rules of presence, which announce that the users are offline.
"""

from collections.abc import AsyncIterator

from shared.backend import Actor, Backend
from shared.cleanup.removal import Removal, chosen, everything
from shared.model.records import OnlineUser, Slot
from shared.rules.connection import slots
from shared.rules.presence import announcing, ghosts, online

PAGE = 1_000
OWES = announcing.READER + "cleanup"


async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Connections first, because removing a user's last one takes the user offline."""

    async def closed(one: tuple[str, str]) -> Removal | None:
        user_id, connection_id = one
        if await backend.sender.is_open(connection_id):
            return None
        return Removal(1, lambda: _ended(backend, Actor(user_id, connection_id)))

    async def alone(user: OnlineUser) -> Removal | None:
        may_stay = ghosts.is_recent(backend, user) and not user.owes
        if may_stay or await backend.store.presence.connections(user.user_id):
            return None
        return Removal(1, lambda: _vanished(backend, user))

    async def empty(one: tuple[str, Slot]) -> Removal | None:
        user_id, slot = one
        if slots.is_recent(backend, slot) or await backend.sender.is_open(slot.connection_id):
            return None
        return Removal(1, lambda: backend.store.slots.free(user_id, slot))

    async for found in chosen(backend.store.sweep().connections(), closed):
        yield found
    async for found in chosen(backend.store.sweep().slots(), empty):
        yield found
    online = everything(lambda after: backend.store.presence.all_online(after, PAGE))
    async for found in chosen(online, alone):
        yield found


async def _ended(backend: Backend, who: Actor) -> bool:
    await online.disconnected(backend, who)
    return True


async def _vanished(backend: Backend, user: OnlineUser) -> bool:
    # Takes over the announcement that an earlier run or an abandoned event still owes.
    return await ghosts.verified(backend, user, user.owes or OWES) is None
