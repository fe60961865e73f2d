"""Becoming idle and coming back."""

from shared.backend import Actor, Backend
from shared.flow.tries import tries
from shared.model.errors import Unavailable
from shared.model.records import Connection
from shared.rules.presence import announcing, connections
from shared.wire.events import UserEnterIdle, UserExitIdle


async def enter_idle(backend: Backend, by: Actor, event: UserEnterIdle) -> None:
    """The sender's connection is idle; announced when all of the user's are. Raises TooManyRequests."""
    await _change_idle(backend, by, idle=True)


async def exit_idle(backend: Backend, by: Actor, event: UserExitIdle) -> None:
    """The sender's connection is in use again; announced when the user was idle. Raises TooManyRequests."""
    await _change_idle(backend, by, idle=False)


async def _change_idle(backend: Backend, by: Actor, idle: bool) -> None:
    if not await backend.store.presence.set_idle(by.user_id, Connection(by.connection_id, idle)):
        return
    async for _ in tries(backend.pause):
        user = await backend.store.presence.online(by.user_id)
        # Before its `userConnected` a connection is nobody's news.
        if user is None or user.gone:
            return
        status = connections.status_of(await backend.store.presence.connections(by.user_id))
        # The connections' rows are true even if this is too often: whoever counts them next mends the user's.
        if user.status != status:
            announcing.CHANGES.take(user.changes, 1, backend.clock())
        if await announcing.bring(backend, user, status, by.connection_id):
            return
    raise Unavailable
