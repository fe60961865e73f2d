"""Revocation: cookies and tokens that were issued before a user was signed out are no longer accepted.

A durable mark is written first, then open connections are closed. The mark is checked on calls and events of guests,
and when a connection opens. If a sign-out could not close a guest's connections, they are closed later: by the guest's
next event, or when somebody reads whether the guest is online.
"""

from shared.backend import Backend
from shared.flow.best_effort import best_effort
from shared.model.clock import SECOND, SKEW
from shared.model.errors import NotSignedIn
from shared.ports.sender import TOKEN_MINUTES
from shared.trust.guests import is_guest

ENDED = "You have been signed out, here or elsewhere; sign in again."


async def revoke(backend: Backend, user_id: str) -> None:
    """Signs a user out everywhere: a guest for good, while a provider's user can sign in again.

    Raises Unavailable. The mark may then be written while connections are still open, so the caller should retry.
    """
    await backend.store.users.revoke(user_id, backend.clock())
    await backend.sender.end_others(user_id, ())


async def require_valid(backend: Backend, user_id: str, issued: int = 0) -> None:
    """Raises NotSignedIn if the user's credentials were revoked; ``issued`` is when they were issued, 0 if unknown.

    A guest is revoked for good, so ``issued`` does not matter. A token's was set by another instance, whose clock may
    be ahead.
    """
    revoked = await backend.store.users.revoked(user_id)
    if revoked and is_guest(user_id):
        await best_effort(lambda: backend.sender.end_others(user_id, ()))
        raise NotSignedIn(ENDED)
    if revoked and _covers(revoked, issued, backend.clock()):
        raise NotSignedIn(ENDED)


async def require_present(backend: Backend, user_id: str) -> None:
    """Raises NotSignedIn for a guest who has signed out. Others are not checked: their provider vouches for them."""
    if is_guest(user_id):
        await require_valid(backend, user_id)


async def is_over(backend: Backend, user_id: str) -> bool:
    """Whether this is a guest who has signed out. If so, their connections are closed."""
    try:
        await require_present(backend, user_id)
    except NotSignedIn:
        return True
    return False


def _covers(revoked: int, issued: int, now: int) -> bool:
    """Whether a token from ``issued`` may predate the sign-out at ``revoked``. Tokens expire after an hour."""
    return issued <= revoked + SKEW and now <= revoked + SKEW + TOKEN_MINUTES * 60 * SECOND
