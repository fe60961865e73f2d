"""Users shown as online who are not."""

from dataclasses import replace

from shared.backend import Backend
from shared.flow.deadline import GIVEN_UP
from shared.model.clock import SECOND
from shared.model.records import OnlineUser
from shared.rules.presence import announcing, connections
from shared.trust import revocation

# A row older than this is checked against the service when it is read, so that a lost `disconnected` heals by itself.
# The service keeps a lost connection for 30 s, and a page in use reads every 60 s: no ghost is seen for three minutes.
UNSEEN_SECONDS = 60


async def verified(backend: Backend, user: OnlineUser, owes: str) -> OnlineUser | None:
    """The user as the service has it, or None for a ghost; asks only about rows that were not confirmed lately.

    Of many who read at once only one asks, whoever marks the row first; the others see what is there. ``owes`` says
    whose reading it is, so that the same reader finishes what they gave up.
    """
    if not is_due(backend, user, owes):
        return unverified(user)
    marked = replace(user, seen=backend.clock(), told=announcing.known(user, owes), owes=owes)
    row = await backend.store.presence.update(marked)
    if row is None:
        return unverified(user)
    # First, so that those are not found any more that a sign-out could not end.
    await revocation.is_over(backend, user.user_id)
    there = await connections.open_ones(backend, user.user_id)
    status = connections.status_of(there)
    now = replace(row, gone=status == "offline", idle=status == "idle")
    # Who connects from here on rewrites the row, and what was found does not count.
    if status == row.status == row.told:
        await announcing.ended(backend, row)
    elif confirmed := await backend.store.presence.update(now):
        await announcing.announce(backend, confirmed)
    return now if there else None


def is_due(backend: Backend, user: OnlineUser, owes: str) -> bool:
    # A younger mark is of a call that may still run, also where it is of the same reader.
    given_up = user.owes == owes and backend.clock() - user.seen > GIVEN_UP
    return given_up or not is_recent(backend, user)


def unverified(user: OnlineUser) -> OnlineUser | None:
    """What the row says."""
    return None if user.gone else user


def is_recent(backend: Backend, user: OnlineUser) -> bool:
    """Whether a user was confirmed, or changed, so lately that the service is not asked."""
    return backend.clock() - user.seen < UNSEEN_SECONDS * SECOND
