"""Ghosts: users who are shown as online although all their connections are gone, because a ``disconnected`` was lost.

Whoever lists users checks rows that have not been confirmed lately. The clean-up does the same.
"""

from dataclasses import replace

from shared.backend import Backend
from shared.flow.deadline import ABANDONED_AFTER
from shared.model.clock import SECOND
from shared.model.records import OnlineUser
from shared.rules.presence import announcing, online
from shared.trust import revocation

# A row that was confirmed longer ago is checked when it is read. The service keeps a lost connection for 30 s, and an
# active page reads every 60 s, so no ghost is seen for three minutes.
UNSEEN_SECONDS = 60


async def verified(backend: Backend, user: OnlineUser, claimant: str) -> OnlineUser | None:
    """The user as the service knows them, or None for a ghost. Asks only about rows that are due.

    Of many readers at once only the one that marks the row asks. The others take the row as it is. ``claimant`` says
    who reads, so that the same reader finishes what an earlier call of theirs abandoned.
    """
    if not is_due(backend, user, claimant):
        return unverified(user)
    marked = replace(user, seen=backend.clock(), told=announcing.told_status(user, claimant), owes=claimant)
    row = await backend.store.presence.update(marked)
    if row is None:
        return unverified(user)
    # Before the connections are counted: closes those that a sign-out could not close.
    await revocation.is_over(backend, user.user_id)
    there = await online.open_connections(backend, user.user_id)
    status = online.status_of(there)
    now = replace(row, gone=status == "offline", idle=status == "idle")
    # A connect from here on rewrites the row, so that these writes fail and what was counted does not matter.
    if status == row.status == row.told:
        await announcing.release(backend, row)
    elif confirmed := await backend.store.presence.update(now):
        await announcing.announce(backend, confirmed)
    return now if there else None


def is_due(backend: Backend, user: OnlineUser, claimant: str) -> bool:
    """Whether a row is to be checked: it was confirmed long ago, or ``claimant`` abandoned its check."""
    # The call that wrote a younger mark may still be running, even if it is one of the same reader.
    is_abandoned = user.owes == claimant and backend.clock() - user.seen > ABANDONED_AFTER
    return is_abandoned or not is_recent(backend, user)


def unverified(user: OnlineUser) -> OnlineUser | None:
    """The user as the row says; None for one who is gone."""
    return None if user.gone else user


def is_recent(backend: Backend, user: OnlineUser) -> bool:
    """Whether a row was confirmed or changed so lately that it is not checked."""
    return backend.clock() - user.seen < UNSEEN_SECONDS * SECOND
