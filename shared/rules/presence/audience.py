"""Who may know of whose presence, as the PRESENCE setting says: everyone, those who share a chat, or nobody.

Under ``chats`` this reads memberships and the members of chats. Nothing else in presence knows chats.
"""

from shared.backend import Backend
from shared.flow.concurrency import each
from shared.model.records import OnlineUser, Page, Roster
from shared.wire.chat_events import ToBrowser
from shared.wire.payloads import envelope

PAGE_USERS = 100
# Under `chats`: how many of a user's chats hear of a change, each by a call of its own. Further chats are not told.
TOLD_CHATS = 100
# Under `chats`: in how many chats, and how many of their members, people are looked for, and how many are shown.
SEEN_CHATS = 50
SEEN_MEMBERS = 100
SEEN_USERS = 500


async def tell(backend: Backend, user_id: str, event: ToBrowser, but: str = "") -> None:
    """Sends an event to all who may know of a user's presence, except to the connection ``but``."""
    payload, excluded = envelope(event), [but] if but else []
    match backend.settings.presence:
        case "everyone":
            await backend.sender.to_everyone(payload, excluded)
        case "chats":
            page = await backend.store.memberships.of_user(user_id, "", TOLD_CHATS)
            there = [one for one in page.items if one.state == "member"]
            await each(there, lambda one: backend.sender.to_chat(one.chat_id, payload, excluded))
        case "off":
            return


async def visible_to(backend: Backend, user_id: str, after: str) -> Page[OnlineUser]:
    """Those online whose presence a user may know of; pages only for ``everyone``."""
    match backend.settings.presence:
        case "everyone":
            return await backend.store.presence.all_online(after, PAGE_USERS)
        case "chats":
            return await _sharing_a_chat(backend, user_id)
        case "off":
            own = await backend.store.presence.online(user_id)
            return Page((own,) if own else ())


async def _sharing_a_chat(backend: Backend, user_id: str) -> Page[OnlineUser]:
    chats = await backend.store.memberships.of_user(user_id, "", SEEN_CHATS)
    there = [one.chat_id for one in chats.items if one.state == "member"]

    async def roster(chat_id: str) -> Roster | None:
        async with backend.list_reads:
            return await backend.store.chats.roster(chat_id, SEEN_MEMBERS)

    async def online(user_id: str) -> OnlineUser | None:
        async with backend.list_reads:
            return await backend.store.presence.online(user_id)

    rosters = await each(there, roster)
    met = {member.user_id for roster in rosters if roster and not roster.chat.deleted for member in roster.members}
    users = await each(sorted(met | {user_id})[:SEEN_USERS], online)
    return Page(tuple(user for user in users if user is not None))
