"""Who is online: ``GET users``."""

from shared.backend import Backend
from shared.flow.concurrency import each
from shared.model.records import Page
from shared.rules.presence import audience
from shared.rules.presence.announcing import READER, as_seen
from shared.rules.presence.ghosts import is_due, unverified, verified
from shared.wire.chat_events import UserOnline

# How many rows one call checks, those first that were confirmed longest ago. The next call checks the others.
DUE_USERS = 100


async def page(backend: Backend, user_id: str, after: str) -> Page[UserOnline]:
    """Who is online, as far as ``user_id`` may know. Ghosts among them are removed and announced."""
    shown = await audience.visible_to(backend, user_id, after)
    claimant = READER + user_id
    due = [user for user in shown.items if is_due(backend, user, claimant)]
    checked = sorted(due, key=lambda user: user.seen)[:DUE_USERS]
    outcomes = await each(checked, lambda user: verified(backend, user, claimant))
    found = dict(zip((user.user_id for user in checked), outcomes, strict=True))
    real = (found.get(user.user_id, unverified(user)) for user in shown.items)
    return Page(tuple(as_seen(user) for user in real if user is not None), shown.next)
