"""Ends what proves that somebody is who they say: cookies and tokens made before a moment are worth nothing behind it.

The mark is durable and comes first; then open connections end. Checked where identity counts: at calls and events of
guests, and when a connection opens. A guest's connections that a sign-out could not end are ended by whoever meets
them: by what they do themselves, and by who looks whether they are online. Must not know how proofs are made.
"""

from shared.backend import Backend
from shared.flow.on_the_way import on_the_way
from shared.model.clock import SECOND, SKEW
from shared.model.errors import NotSignedIn
from shared.ports.sender import TOKEN_MINUTES
from shared.trust.guests import is_guest

ENDED = "You have been signed out, here or elsewhere; sign in again."


async def revoke(backend: Backend, user_id: str) -> None:
    """Ends a guest for good, and what a provider's user was given until now, who may come again.

    Raises Unavailable; the mark may be made then and connections open, so that it is to be repeated.
    """
    await backend.store.users.revoke(user_id, backend.clock())
    await backend.sender.end_others(user_id, ())


async def require_valid(backend: Backend, user_id: str, issued: int = 0) -> None:
    """Raises NotSignedIn for a proof that was revoked; ``issued`` is when it was made, 0 where that is not known.

    A guest is never new again, so that times do not count. A token's is another instance's, whose clock may be ahead.
    """
    revoked = await backend.store.users.revoked(user_id)
    if revoked and is_guest(user_id):
        await on_the_way(lambda: backend.sender.end_others(user_id, ()))
        raise NotSignedIn(ENDED)
    if revoked and _covers(revoked, issued, backend.clock()):
        raise NotSignedIn(ENDED)


async def require_present(backend: Backend, user_id: str) -> None:
    """Raises NotSignedIn for a guest who has signed out; of others nothing is asked, who prove anew who they are."""
    if is_guest(user_id):
        await require_valid(backend, user_id)


async def is_over(backend: Backend, user_id: str) -> bool:
    """Whether this is a guest who has signed out, whose connections end then."""
    try:
        await require_present(backend, user_id)
    except NotSignedIn:
        return True
    return False


def _covers(revoked: int, issued: int, now: int) -> bool:
    """Whether a token that was made at ``issued`` may have been made before; none lives longer than an hour."""
    return issued <= revoked + SKEW and now <= revoked + SKEW + TOKEN_MINUTES * 60 * SECOND
