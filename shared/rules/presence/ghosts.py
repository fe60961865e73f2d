"""Detects ghosts: users who are stored as online but have no open connection."""

from dataclasses import replace

from shared.backend import Backend
from shared.flow.deadline import GIVEN_UP
from shared.model.clock import SECOND
from shared.model.records import OnlineUser
from shared.rules.presence import announcing, connections
from shared.trust import revocation

# A row older than this is checked against the service when it is read, which makes up for a lost `disconnected`. The
# service keeps a lost connection for 30 s, and a page in use reads every 60 s, so no ghost is seen for three minutes.
UNSEEN_SECONDS = 60


async def verified(backend: Backend, user: OnlineUser, owes: str) -> OnlineUser | None:
    """The user's real status, or None for a ghost. The service is asked only if the row was not confirmed recently.

    Of many concurrent readers only the one that marks the row asks; the others return the row as it is. ``owes`` names
    the reader, who can then take over its own abandoned check.
    """
    if not is_due(backend, user, owes):
        return unverified(user)
    marked = replace(user, seen=backend.clock(), told=announcing.told_status(user, owes), owes=owes)
    row = await backend.store.presence.update(marked)
    if row is None:
        return unverified(user)
    # First, because it closes connections that a sign-out could not close.
    await revocation.is_over(backend, user.user_id)
    there = await connections.open_ones(backend, user.user_id)
    status = connections.status_of(there)
    now = replace(row, gone=status == "offline", idle=status == "idle")
    # A connect from here on rewrites the row, so the updates below conflict and this result is dropped.
    if status == row.status == row.told:
        await announcing.release(backend, row)
    elif confirmed := await backend.store.presence.update(now):
        await announcing.announce(backend, confirmed)
    return now if there else None


def is_due(backend: Backend, user: OnlineUser, owes: str) -> bool:
    """Whether the reader ``owes`` has to check the user against the service."""
    # A younger mark may belong to a running call, even if it is the same reader's.
    given_up = user.owes == owes and backend.clock() - user.seen > GIVEN_UP
    return given_up or not is_recent(backend, user)


def unverified(user: OnlineUser) -> OnlineUser | None:
    """The user according to the row; None if gone."""
    return None if user.gone else user


def is_recent(backend: Backend, user: OnlineUser) -> bool:
    """Whether a user changed or was confirmed so recently that the service is not asked."""
    return backend.clock() - user.seen < UNSEEN_SECONDS * SECOND
