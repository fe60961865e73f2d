"""Which connections a user has open."""

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
    """Counts a connection; others hear of a user who was not online. Returns what the sender hears about itself.

    One that has ended meanwhile does not count: its ``disconnected`` may have come before.
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
        # Rewritten even when nothing changed, so that a disconnect which counted earlier loses.
        same = announcing.unmarked(replace(before, name=user.name, provider=user.provider, seen=user.seen))
        claimed = announcing.claim(same, "here", by.connection_id, now)
        if claimed is None and number:
            # Since the connection is counted, somebody else has made or rewritten the row.
            return as_seen(user)
        if row := await backend.store.presence.update(claimed or same):
            if row.owes == by.connection_id:
                await announcing.announce(backend, row, by.connection_id)
            return as_seen(user)
    raise Unavailable


async def disconnected(backend: Backend, by: Actor) -> None:
    """Stops counting a connection; others hear when it was the last. Late and repeated calls announce nothing.

    Only connections that the service still knows keep the user online: one whose end was never told does not.
    """
    await backend.store.presence.drop_connection(by.user_id, by.connection_id)
    async for _ in tries(backend.pause):
        # This order lets a connect that comes in between win: it rewrites the row, and claiming then fails.
        user = await backend.store.presence.online(by.user_id)
        if user is None:
            return
        rest = await open_ones(backend, by.user_id)
        if await announcing.bring(backend, user, status_of(rest), by.connection_id):
            return
    raise Unavailable


def status_of(connections: Sequence[Connection]) -> Status:
    """What a user is who has these connections."""
    if not connections:
        return "offline"
    return "idle" if all(connection.idle for connection in connections) else "here"


async def open_ones(backend: Backend, user_id: str) -> tuple[Connection, ...]:
    """Those of a user's connections that the service knows too; the others are forgotten."""
    known = await backend.store.presence.connections(user_id)
    there = await each(known, lambda one: backend.sender.is_open(one.id))
    ghosts = [one for one, is_there in zip(known, there, strict=True) if not is_there]
    await each(ghosts, lambda one: backend.store.presence.drop_connection(user_id, one.id))
    return tuple(one for one in known if one not in ghosts)
