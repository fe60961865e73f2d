"""Becoming idle, and becoming active again."""

from shared.backend import Actor, Backend
from shared.flow.tries import tries
from shared.model.errors import Unavailable
from shared.model.records import Connection
from shared.rules.presence import announcing, online
from shared.wire.events import UserEnterIdle, UserExitIdle


async def enter_idle(backend: Backend, by: Actor, event: UserEnterIdle) -> None:
    """Marks the sender's connection as idle. Announced once all of the user's are. Raises TooManyRequests."""
    await _change(backend, by, idle=True)


async def exit_idle(backend: Backend, by: Actor, event: UserExitIdle) -> None:
    """Marks the sender's connection as active. Announced if the user was idle. Raises TooManyRequests."""
    await _change(backend, by, idle=False)


async def _change(backend: Backend, by: Actor, idle: bool) -> None:
    if not await backend.store.presence.set_idle(by.user_id, Connection(by.connection_id, idle)):
        # It is counted, as active, with its `userConnected`.
        return
    async for _ in tries(backend.pause):
        user = await backend.store.presence.online(by.user_id)
        if user is None or user.gone:
            return
        status = online.status_of(await backend.store.presence.connections(by.user_id))
        # The connection's row is right even if this is too often. Whoever counts them next corrects the user's row.
        if user.status != status:
            announcing.CHANGES.take(user.changes, 1, backend.clock())
        if await announcing.set_status(backend, user, status, by.connection_id):
            return
    raise Unavailable
