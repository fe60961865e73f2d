"""Who may see whose presence, according to the PRESENCE setting."""

from shared.backend import Backend
from shared.flow.concurrency import each
from shared.model.records import OnlineUser, Page, Roster
from shared.wire.chat_events import ToBrowser, UserOnline
from shared.wire.payloads import envelope

# Limits the requests per change of presence under PRESENCE=chats; a user's further chats are not told.
PRESENCE_CHATS = 100
# Limits under PRESENCE=chats, where the visible users are collected from the user's chats.
SEEN_CHATS = 50
SEEN_MEMBERS = 100
SEEN_USERS = 500


async def tell(backend: Backend, user_id: str, event: ToBrowser, but: str = "") -> None:
    """Sends to those who may see a user's presence, except the connection ``but``."""
    payload, excluded = envelope(event), [but] if but else []
    match backend.settings.presence:
        case "everyone":
            await backend.sender.to_everyone(payload, excluded)
        case "chats":
            page = await backend.store.memberships.of_user(user_id, "", PRESENCE_CHATS)
            there = [one for one in page.items if one.state == "member"]
            await each(there, lambda one: backend.sender.to_chat(one.chat_id, payload, excluded))
        case "off":
            return


async def met(backend: Backend, user_id: str) -> Page[OnlineUser]:
    """The online users who share a chat with the user, and the user."""
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


def as_seen(user: OnlineUser) -> UserOnline:
    """An online user as browsers see it."""
    return UserOnline(user.user_id, user.name, user.provider, user.idle)
