"""Who is in a chat: ``GET chats/{id}/members``."""

from shared.backend import Backend
from shared.flow.concurrency import results
from shared.model.errors import ChatNotFound
from shared.model.records import Member, Page
from shared.rules.membership import access, recovery

PAGE_MEMBERS = 500


async def page(backend: Backend, user_id: str, chat_id: str, after: str) -> Page[Member]:
    """The members of a chat. Those of a public chat may be read by everybody. Raises ChatNotFound.

    Whoever reads the first page finishes, on the side, abandoned ends of memberships.
    """
    if after:
        _, rest = await results(
            access.as_joiner(backend, user_id, chat_id), backend.store.chats.members(chat_id, after, PAGE_MEMBERS)
        )
        return rest
    roster, member = await results(
        backend.store.chats.roster(chat_id, PAGE_MEMBERS + 1), backend.store.chats.member(chat_id, user_id)
    )
    if roster is None or not access.may_join(roster.chat, member):
        raise ChatNotFound
    await recovery.finish_endings(backend, roster.chat, roster.endings)
    found = roster.members[:PAGE_MEMBERS]
    return Page(found, found[-1].user_id if len(roster.members) > PAGE_MEMBERS else "")
