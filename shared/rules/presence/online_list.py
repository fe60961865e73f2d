"""The list of users who are online."""

from shared.backend import Backend
from shared.flow.concurrency import each
from shared.model.records import Page
from shared.rules.presence import announcing, audience
from shared.rules.presence.audience import as_seen
from shared.rules.presence.ghosts import is_due, unverified, verified
from shared.wire.chat_events import UserOnline

PAGE_USERS = 100
# The most rows that one call checks, least recently confirmed first; later calls check the others.
DUE_USERS = 100


async def page(backend: Backend, user_id: str, after: str) -> Page[UserOnline]:
    """The online users that ``user_id`` may see. Ghosts that are found are removed and announced offline."""
    match backend.settings.presence:
        case "everyone":
            shown = await backend.store.presence.all_online(after, PAGE_USERS)
        case "chats":
            shown = await audience.met(backend, user_id)
        case "off":
            own = await backend.store.presence.online(user_id)
            shown = Page((own,) if own else ())
    owes = announcing.READER + user_id
    due = sorted((user for user in shown.items if is_due(backend, user, owes)), key=lambda user: user.seen)[:DUE_USERS]
    looked_at = await each(due, lambda user: verified(backend, user, owes))
    found = dict(zip((user.user_id for user in due), looked_at, strict=True))
    real = (found.get(user.user_id, unverified(user)) for user in shown.items)
    return Page(tuple(as_seen(user) for user in real if user is not None), shown.next)
