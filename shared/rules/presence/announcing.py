"""Announces changes of presence, each once.

A change is claimed in the user's row before it is announced, so that only one of several calls announces it. The claim
names the connection whose event it was, so that a retry knows what is left to do. The next reader takes over an
abandoned claim.
"""

from dataclasses import replace

from shared.backend import Backend
from shared.flow.rate_limit import Rate
from shared.flow.tries import tries
from shared.model.clock import SECOND
from shared.model.errors import TooManyRequests, Unavailable
from shared.model.records import OnlineUser, Status, Told
from shared.rules.presence import audience
from shared.rules.presence.audience import as_seen
from shared.wire.chat_events import ToBrowser, UserIsIdle, UserNotIdle, UserOffline

# How often others hear that a user comes, goes, becomes idle or comes back: everybody hears it.
CHANGES = Rate(10, 5 * SECOND, "The limit is 10 changes between idle and active at once, then one every 5 s")
# Stands for a connection's id in `owes` when a reader found the change; no connection id starts like this.
READER = "reader:"
# In `owes`, for a change beyond the rate limit. It is announced by whoever reads it when it is no longer recent.
UNTOLD = READER


async def set_status(backend: Backend, user: OnlineUser, status: Status, owes: str) -> bool:
    """Sets the row's status and announces it if it changed; False on a conflict."""
    claimed = claim(user, status, owes, backend.clock())
    if claimed is None:
        return True
    now = claimed
    if claimed is not user:
        updated = await backend.store.presence.update(replace(claimed, seen=backend.clock()))
        if updated is None:
            return False
        now = updated
    if now.owes == owes:
        await announce(backend, now)
    return True


def claim(user: OnlineUser, status: Status, owes: str, now: int) -> OnlineUser | None:
    """The row with ``status`` and the claim of ``owes`` to announce it; None if nothing is to be done.

    There is no claim if others already know the status, and UNTOLD beyond the rate limit.
    """
    user = unmarked(user)
    if user.status == status:
        return user if user.owes == owes else None
    changed = replace(user, gone=status == "offline", idle=status == "idle", told=told_status(user))
    if changed.told == status:
        return replace(changed, owes="")
    try:
        return replace(changed, owes=owes, changes=CHANGES.take(user.changes, 1, now))
    except TooManyRequests:
        return replace(changed, owes=UNTOLD)


def unmarked(user: OnlineUser) -> OnlineUser:
    """The row without the claim of a reader who is only checking whether the user is there and announces nothing."""
    looked_for = user.owes.startswith(READER) and user.told == user.status
    return replace(user, owes="") if looked_for else user


def told_status(user: OnlineUser, owes: str = UNTOLD) -> Told:
    """What others have been told of the user, or "unsure" if a call other than ``owes`` may be announcing it now."""
    if user.owes in (owes, UNTOLD):
        return user.told
    return "unsure" if user.owes else user.status


async def announce(backend: Backend, claimed: OnlineUser, but: str = "") -> None:
    """Announces the row's status and releases the claim. It announces again if the row has changed meanwhile."""
    row: OnlineUser | None = claimed
    status = claimed.status
    await audience.tell(backend, claimed.user_id, _news(claimed, claimed.told), but)
    async for _ in tries(backend.pause):
        if row is not None and row.owes == claimed.owes and await release(backend, row):
            return
        row = await backend.store.presence.online(claimed.user_id)
        said, status = status, row.status if row else "offline"
        if said != status:
            news = _news(row, said) if row else UserOffline(claimed.user_id)
            await audience.tell(backend, claimed.user_id, news)
        elif row is None or row.owes != claimed.owes:
            return
    raise Unavailable


async def release(backend: Backend, claimed: OnlineUser) -> bool:
    """Releases the claim; False on a conflict."""
    # The row of a user who changed often is kept for its token bucket, until somebody reads it later.
    if claimed.gone and claimed.changes <= backend.clock() + CHANGES.token:
        return await backend.store.presence.vanish(claimed)
    return await backend.store.presence.update(replace(claimed, told=claimed.status, owes="")) is not None


def _news(user: OnlineUser, told: Told) -> ToBrowser:
    """The event for those who were told that the user is ``told``."""
    if user.gone:
        return UserOffline(user.user_id)
    if told in ("offline", "unsure"):
        return as_seen(user)
    return UserIsIdle(user.user_id) if user.idle else UserNotIdle(user.user_id)
