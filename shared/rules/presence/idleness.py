"""Marks connections as idle or active, and announces users who become idle or active by that."""

from shared.backend import Actor, Backend
from shared.flow.tries import tries
from shared.model.errors import Unavailable
from shared.model.records import Connection
from shared.rules.presence import announcing, connections
from shared.wire.events import UserEnterIdle, UserExitIdle


async def enter_idle(backend: Backend, by: Actor, event: UserEnterIdle) -> None:
    """Marks the sender's connection as idle; announced if all of the user's are. Raises TooManyRequests."""
    await _change_idle(backend, by, idle=True)


async def exit_idle(backend: Backend, by: Actor, event: UserExitIdle) -> None:
    """Marks the sender's connection as active; announced if the user was idle. Raises TooManyRequests."""
    await _change_idle(backend, by, idle=False)


async def _change_idle(backend: Backend, by: Actor, idle: bool) -> None:
    if not await backend.store.presence.set_idle(by.user_id, Connection(by.connection_id, idle)):
        return
    async for _ in tries(backend.pause):
        user = await backend.store.presence.online(by.user_id)
        # Nothing is announced before the first `userConnected`.
        if user is None or user.gone:
            return
        status = connections.status_of(await backend.store.presence.connections(by.user_id))
        # If this exceeds the rate limit, the connection's row is still right, and the next count corrects the user's.
        if user.status != status:
            announcing.CHANGES.take(user.changes, 1, backend.clock())
        if await announcing.set_status(backend, user, status, by.connection_id):
            return
    raise Unavailable
