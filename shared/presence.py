"""Who is online and who is away. A user is online while any connection is open, idle while all of them are.

Each change is announced once: whoever changes the user's one row does it, and its version decides who that is. Must not
know chats.
"""

import asyncio
from dataclasses import replace

from shared import announcements
from shared.backend import Actor, Backend
from shared.chat_events import ToBrowser, UserIsIdle, UserNotIdle, UserOffline, UserOnline
from shared.clock import SECOND
from shared.concurrency import each
from shared.errors import Unavailable
from shared.events import UserConnected, UserEnterIdle, UserExitIdle
from shared.profiles import named
from shared.records import Connection, OnlineUser, Page
from shared.tries import tries

PAGE_USERS = 100
# A row older than this is checked against the service when it is read, so that a lost `disconnected` heals by itself.
# The service keeps a lost connection for 30 s, and a page in use reads every 60 s: no ghost is seen for three minutes.
UNSEEN_SECONDS = 60
# Under PRESENCE=chats: whom one sees is gathered from so many chats and members.
SEEN_CHATS = 50
SEEN_MEMBERS = 100
SEEN_USERS = 500


async def connected(backend: Backend, by: Actor, event: UserConnected) -> UserOnline:
    """Counts a connection; others hear of a user who was not online. Returns what the sender hears about itself."""
    profile, _ = await asyncio.gather(
        named(backend, by.user_id, event.user_name, event.user_provider),
        backend.store.presence.put_connection(by.user_id, Connection(by.connection_id, idle=False)),
    )
    user = OnlineUser(by.user_id, profile.name, profile.provider, idle=False, seen=backend.clock())
    for _ in tries():
        if appeared := await _appear(backend, user):
            await _come(backend, appeared, by.connection_id)
            return as_seen(user)
        before = await backend.store.presence.online(user.user_id)
        # Rewritten even when nothing changed, so that a disconnect which counted earlier loses.
        if before and (now := await backend.store.presence.update(replace(user, version=before.version))):
            if before.idle:
                await _tell_idle(backend, now, by.connection_id)
            return as_seen(user)
    raise Unavailable


async def disconnected(backend: Backend, by: Actor) -> None:
    """Stops counting a connection; others hear when it was the last. Late and repeated calls announce nothing.

    Only connections that the service still knows keep the user online: one whose end was never told does not.
    """
    await backend.store.presence.drop_connection(by.user_id, by.connection_id)
    for _ in tries():
        # This order lets a connect that comes in between win: it rewrites the row, and vanishing then fails.
        user = await backend.store.presence.online(by.user_id)
        if user is None:
            return
        rest = await _open(backend, by.user_id)
        if rest:
            await _settle_idle(backend, user, rest)
            return
        if await _vanish(backend, user):
            await _go(backend, user)
            return
    raise Unavailable


async def enter_idle(backend: Backend, by: Actor, event: UserEnterIdle) -> None:
    """The sender's connection is idle; announced when all of the user's are."""
    await _change_idle(backend, by, idle=True)


async def exit_idle(backend: Backend, by: Actor, event: UserExitIdle) -> None:
    """The sender's connection is in use again; announced when the user was idle."""
    await _change_idle(backend, by, idle=False)


async def _change_idle(backend: Backend, by: Actor, idle: bool) -> None:
    if not await backend.store.presence.set_idle(by.user_id, Connection(by.connection_id, idle)):
        return
    user = await backend.store.presence.online(by.user_id)
    if user is not None:
        await _settle_idle(backend, user, await backend.store.presence.connections(by.user_id))


async def _settle_idle(backend: Backend, user: OnlineUser, connections: tuple[Connection, ...]) -> None:
    """Brings the user's row in line with the connections, and announces it if that changed anything."""
    for _ in tries():
        if user.idle == _all_idle(connections):
            return
        if now := await _set_idle(backend, replace(user, idle=not user.idle)):
            await _tell_idle(backend, now)
            return
        again = await backend.store.presence.online(user.user_id)
        if again is None:
            return
        user, connections = again, await backend.store.presence.connections(user.user_id)
    raise Unavailable


def _all_idle(connections: tuple[Connection, ...]) -> bool:
    return bool(connections) and all(connection.idle for connection in connections)


async def _open(backend: Backend, user_id: str) -> tuple[Connection, ...]:
    """Those of a user's connections that the service knows too; the others are forgotten."""
    known = await backend.store.presence.connections(user_id)
    there = await each(known, lambda one: backend.sender.is_open(one.id))
    ghosts = [one for one, is_there in zip(known, there, strict=True) if not is_there]
    await each(ghosts, lambda one: backend.store.presence.drop_connection(user_id, one.id))
    return tuple(one for one in known if one not in ghosts)


# What cannot be announced is undone, so that the service's retry, or the next reader, finds it still to do. So is a
# change whose outcome is not known, because storage may have made it and only its answer was lost.


async def _appear(backend: Backend, user: OnlineUser) -> OnlineUser | None:
    try:
        return await backend.store.presence.appear(user)
    except Unavailable:
        kept = await backend.store.presence.online(user.user_id)
        if kept is not None and kept.seen == user.seen:
            await backend.store.presence.vanish(kept)
        raise


async def _vanish(backend: Backend, user: OnlineUser) -> bool:
    try:
        return await backend.store.presence.vanish(user)
    except Unavailable:
        await backend.store.presence.appear(user)
        raise


async def _set_idle(backend: Backend, user: OnlineUser) -> OnlineUser | None:
    try:
        return await backend.store.presence.update(user)
    except Unavailable:
        kept = await backend.store.presence.online(user.user_id)
        if kept is not None and kept.idle == user.idle:
            await backend.store.presence.update(replace(kept, idle=not user.idle))
        raise


async def _tell_idle(backend: Backend, user: OnlineUser, but: str = "") -> None:
    before = replace(user, idle=not user.idle)
    try:
        await _tell(backend, user.user_id, before, user, but)
    except Unavailable:
        await backend.store.presence.update(before)
        raise


async def _come(backend: Backend, user: OnlineUser, but: str) -> None:
    try:
        await _tell(backend, user.user_id, None, user, but)
    except Unavailable:
        await backend.store.presence.vanish(user)
        raise


async def _go(backend: Backend, user: OnlineUser) -> None:
    try:
        await _tell(backend, user.user_id, user, None)
    except Unavailable:
        await backend.store.presence.appear(user)
        raise


async def _tell(
    backend: Backend, user_id: str, before: OnlineUser | None, now: OnlineUser | None, but: str = ""
) -> None:
    """Announces a change. Two at once may be announced in the wrong order: the row has the last word."""
    for _ in tries():
        await announcements.of_presence(backend, user_id, _news(user_id, before, now), but)
        before, now = now, await backend.store.presence.online(user_id)
        if (before and before.idle) == (now and now.idle):
            return
    raise Unavailable


def _news(user_id: str, before: OnlineUser | None, now: OnlineUser | None) -> ToBrowser:
    """What those have to hear who know of ``before``; None stands for offline."""
    if now is None:
        return UserOffline(user_id)
    if before is None:
        return as_seen(now)
    return UserIsIdle(user_id) if now.idle else UserNotIdle(user_id)


async def online_page(backend: Backend, user_id: str, after: str) -> Page[UserOnline]:
    """Who is online, as far as ``user_id`` may know; ghosts found on the way are removed and announced."""
    match backend.settings.presence:
        case "everyone":
            page = await backend.store.presence.all_online(after, PAGE_USERS)
        case "chats":
            page = await _met(backend, user_id)
        case "off":
            own = await backend.store.presence.online(user_id)
            page = Page((own,) if own else ())
    real = await each(page.items, lambda user: verified(backend, user))
    return Page(tuple(as_seen(user) for user in real if user is not None), page.next)


async def _met(backend: Backend, user_id: str) -> Page[OnlineUser]:
    """Those online who share a chat with the user."""
    chats = await backend.store.memberships.of_user(user_id, "", SEEN_CHATS)
    there = [one.chat_id for one in chats.items if one.state == "member"]
    rosters = await each(there, lambda chat_id: backend.store.chats.roster(chat_id, SEEN_MEMBERS))
    met = {member.user_id for roster in rosters if roster and not roster.chat.deleted for member in roster.members}
    users = await each(sorted(met | {user_id})[:SEEN_USERS], backend.store.presence.online)
    return Page(tuple(user for user in users if user is not None))


async def verified(backend: Backend, user: OnlineUser) -> OnlineUser | None:
    """The user as the service has it, or None for a ghost; asks only about rows that were not confirmed lately."""
    now = backend.clock()
    if now - user.seen < UNSEEN_SECONDS * SECOND:
        return user
    # Who connects from here on rewrites the row that was read, so that vanishing fails.
    there = await _open(backend, user.user_id)
    if there:
        if confirmed := await backend.store.presence.update(replace(user, seen=now)):
            await _settle_idle(backend, confirmed, there)
        return replace(user, idle=_all_idle(there))
    if await _vanish(backend, user):
        await _go(backend, user)
    return None


def as_seen(user: OnlineUser) -> UserOnline:
    """A user who is online, as browsers see it."""
    return UserOnline(user.user_id, user.name, user.provider, user.idle)
