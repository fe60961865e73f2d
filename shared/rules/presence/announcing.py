"""Announces each change of presence once: claim it in the user's row, announce it, release the claim.

Of two calls that see the same change, only the one whose write of the row succeeds announces it (optimistic
concurrency). A claim names the connection whose event it was. Other events leave it alone. A retry of the same event
finds its own claim and goes on. An abandoned claim is taken over by a later reader (``ghosts``).
``docs/protocols-of-change.md`` has the states.
"""

from dataclasses import replace

from shared.backend import Backend
from shared.flow.rate_limit import Rate
from shared.flow.tries import tries
from shared.model.clock import SECOND
from shared.model.errors import TooManyRequests, Unavailable
from shared.model.records import OnlineUser, Status, Told
from shared.rules.presence import audience
from shared.wire.chat_events import ToBrowser, UserIsIdle, UserNotIdle, UserOffline, UserOnline

# How often a user's presence may change and be announced, since everybody may hear it.
CHANGES = Rate(10, 5 * SECOND, "The limit is 10 changes between idle and active at once, then one every 5 s")
# The prefix of claims by readers. No connection id begins like this.
READER = "reader:"
# The claim of a change beyond the rate limit. No event announces it, but a reader when the row is no longer recent.
UNTOLD = READER


async def set_status(backend: Backend, user: OnlineUser, status: Status, claimant: str) -> bool:
    """Sets the row's status and announces it. False if the row has changed since it was read.

    Announces nothing if nothing changed, unless ``claimant`` has claimed this change before.
    """
    claimed = claim(user, status, claimant, backend.clock())
    if claimed is None:
        return True
    kept = claimed
    if claimed is not user:
        updated = await backend.store.presence.update(replace(claimed, seen=backend.clock()))
        if updated is None:
            return False
        kept = updated
    if kept.owes == claimant:
        await announce(backend, kept)
    return True


def claim(user: OnlineUser, status: Status, claimant: str, now: int) -> OnlineUser | None:
    """The row with ``status`` and the claim to write; ``user`` itself if that is its claim already; None for no change.

    Nobody claims what others know already. A change beyond the rate limit is left to a reader.
    """
    user = unmarked(user)
    if user.status == status:
        return user if user.owes == claimant else None
    changed = replace(user, gone=status == "offline", idle=status == "idle", told=told_status(user))
    if changed.told == status:
        return replace(changed, owes="")
    try:
        return replace(changed, owes=claimant, changes=CHANGES.take(user.changes, 1, now))
    except TooManyRequests:
        return replace(changed, owes=UNTOLD)


def unmarked(user: OnlineUser) -> OnlineUser:
    """The row without the claim of a reader who is only checking whether the user is there and announces nothing."""
    is_check = user.owes.startswith(READER) and user.told == user.status
    return replace(user, owes="") if is_check else user


def told_status(user: OnlineUser, claimant: str = UNTOLD) -> Told:
    """What others have been told of the user, or "unsure" if another claimant may be announcing it now."""
    if user.owes in (claimant, UNTOLD):
        return user.told
    return "unsure" if user.owes else user.status


async def announce(backend: Backend, claimed: OnlineUser, but: str = "") -> None:
    """Announces the row's status and releases the claim.

    If the row has changed meanwhile, that is announced too, so the last announcement is what the row says in the end.
    """
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
    """Releases a claim, and drops the row of a user who is gone; False if the row has changed.

    The row of somebody who comes and goes often stays for the sake of its bucket, until somebody reads it later.
    """
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


def as_seen(user: OnlineUser) -> UserOnline:
    """An online user as browsers see it."""
    return UserOnline(user.user_id, user.name, user.provider, user.idle)
