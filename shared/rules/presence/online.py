"""Going online with the first connection, and offline with the last."""

from collections.abc import Sequence
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import each, results
from shared.flow.tries import tries
from shared.model.errors import Unavailable
from shared.model.records import Connection, OnlineUser, Status
from shared.rules.presence import announcing
from shared.rules.presence.announcing import as_seen
from shared.rules.profiles import named
from shared.wire.chat_events import UserOnline
from shared.wire.events import UserConnected


async def connected(backend: Backend, by: Actor, event: UserConnected) -> UserOnline:
    """Counts a connection and announces a user who was not online. Returns the user as the others see them.

    A connection that has closed meanwhile does not count: its ``disconnected`` may have come before.
    """
    profile, is_open, _ = await results(
        named(backend, by.user_id, event.user_name, event.user_provider),
        backend.sender.is_open(by.connection_id),
        backend.store.presence.put_connection(by.user_id, Connection(by.connection_id, idle=False)),
    )
    now = backend.clock()
    changes = announcing.CHANGES.take(0, 1, now)
    user = OnlineUser(by.user_id, profile.name, profile.provider, False, now, owes=by.connection_id, changes=changes)
    if is_open:
        await _appear(backend, by, user)
    else:
        await backend.store.presence.drop_connection(by.user_id, by.connection_id)
    return as_seen(user)


async def _appear(backend: Backend, by: Actor, user: OnlineUser) -> None:
    """Writes that a user is here, and announces it if nobody knows."""
    async for number in tries(backend.pause):
        if appeared := await backend.store.presence.appear(user):
            await announcing.announce(backend, appeared, by.connection_id)
            return
        before = await backend.store.presence.online(user.user_id)
        if before is None:
            continue
        # Written even if nothing changes, so that a disconnect fails that counted the connections before.
        same = announcing.unmarked(replace(before, name=user.name, provider=user.provider, seen=user.seen))
        claimed = announcing.claim(same, "here", by.connection_id, user.seen)
        if claimed is None and number:
            # Another call has written the row since this connection was counted, which comes to the same.
            return
        if row := await backend.store.presence.update(claimed or same):
            if row.owes == by.connection_id:
                await announcing.announce(backend, row, by.connection_id)
            return
    raise Unavailable


async def disconnected(backend: Backend, by: Actor) -> None:
    """Stops counting a connection and announces a user whose last it was. Late and repeated calls announce nothing.

    Only connections that the service still knows keep a user online: the ``disconnected`` of another may be lost.
    """
    await backend.store.presence.drop_connection(by.user_id, by.connection_id)
    async for _ in tries(backend.pause):
        # The row is read first: a connect that comes between the reads rewrites it, and the claim then fails.
        user = await backend.store.presence.online(by.user_id)
        if user is None:
            return
        rest = await open_connections(backend, by.user_id)
        if await announcing.set_status(backend, user, status_of(rest), by.connection_id):
            return
    raise Unavailable


def status_of(connections: Sequence[Connection]) -> Status:
    """The status of a user who has these connections."""
    if not connections:
        return "offline"
    return "idle" if all(connection.idle for connection in connections) else "here"


async def open_connections(backend: Backend, user_id: str) -> tuple[Connection, ...]:
    """Those of a user's connections that the service knows too. The others are dropped."""
    known = await backend.store.presence.connections(user_id)
    there = await each(known, lambda one: backend.sender.is_open(one.id))
    ghosts = [one for one, is_there in zip(known, there, strict=True) if not is_there]
    await each(ghosts, lambda one: backend.store.presence.drop_connection(user_id, one.id))
    return tuple(one for one in known if one not in ghosts)
