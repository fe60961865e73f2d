"""Adds and removes users' connections, and announces users who come online or go offline by that."""

from collections.abc import Sequence
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import each, results
from shared.flow.tries import tries
from shared.model.errors import Unavailable
from shared.model.records import Connection, OnlineUser, Status
from shared.rules.presence import announcing
from shared.rules.presence.audience import as_seen
from shared.rules.profiles import named
from shared.wire.chat_events import UserOnline
from shared.wire.events import UserConnected


async def connected(backend: Backend, by: Actor, event: UserConnected) -> UserOnline:
    """Adds a connection, and announces a user who was not online. Returns the event about the sender itself.

    A connection that has ended meanwhile is not added, since its ``disconnected`` may have been processed before.
    """
    profile, there, _ = await results(
        named(backend, by.user_id, event.user_name, event.user_provider),
        backend.sender.is_open(by.connection_id),
        backend.store.presence.put_connection(by.user_id, Connection(by.connection_id, idle=False)),
    )
    now = backend.clock()
    changes = announcing.CHANGES.take(0, 1, now)
    user = OnlineUser(by.user_id, profile.name, profile.provider, False, now, owes=by.connection_id, changes=changes)
    if not there:
        await backend.store.presence.drop_connection(by.user_id, by.connection_id)
        return as_seen(user)
    async for number in tries(backend.pause):
        if appeared := await backend.store.presence.appear(user):
            await announcing.announce(backend, appeared, by.connection_id)
            return as_seen(user)
        before = await backend.store.presence.online(user.user_id)
        if before is None:
            continue
        # Rewritten even if nothing changed, so that a concurrent disconnect, which counted before, conflicts.
        same = announcing.unmarked(replace(before, name=user.name, provider=user.provider, seen=user.seen))
        claimed = announcing.claim(same, "here", by.connection_id, now)
        if claimed is None and number:
            # Another call has created or rewritten the row since the connection was added, and so has counted it.
            return as_seen(user)
        if row := await backend.store.presence.update(claimed or same):
            if row.owes == by.connection_id:
                await announcing.announce(backend, row, by.connection_id)
            return as_seen(user)
    raise Unavailable


async def disconnected(backend: Backend, by: Actor) -> None:
    """Removes a connection, and announces the user offline if it was the last. Idempotent.

    Only connections that the service still knows keep the user online, not those whose end was never reported.
    """
    await backend.store.presence.drop_connection(by.user_id, by.connection_id)
    async for _ in tries(backend.pause):
        # The row is read first, so that a connect in between wins: it rewrites the row, and the claim conflicts.
        user = await backend.store.presence.online(by.user_id)
        if user is None:
            return
        rest = await open_ones(backend, by.user_id)
        if await announcing.set_status(backend, user, status_of(rest), by.connection_id):
            return
    raise Unavailable


def status_of(connections: Sequence[Connection]) -> Status:
    """The status of a user with these connections."""
    if not connections:
        return "offline"
    return "idle" if all(connection.idle for connection in connections) else "here"


async def open_ones(backend: Backend, user_id: str) -> tuple[Connection, ...]:
    """The user's connections that the service knows; the rows of all others are removed."""
    known = await backend.store.presence.connections(user_id)
    there = await each(known, lambda one: backend.sender.is_open(one.id))
    ghosts = [one for one, is_there in zip(known, there, strict=True) if not is_there]
    await each(ghosts, lambda one: backend.store.presence.drop_connection(user_id, one.id))
    return tuple(one for one in known if one not in ghosts)
