"""A chat as browsers see it, in lists and in announcements: with some of its members, not with all of them."""

from collections.abc import Iterable

import msgspec

from shared.model.records import Chat, Member, Roster
from shared.wire.chat_events import ChatCreated, ChatJoined, WireMember

# How many chats a page of a list has.
PAGE_CHATS = 50
# How many members a chat is shown with. ``GET chats/{id}/members`` lists all of them.
LISTED_MEMBERS = 100


def as_listed(chat: Chat, members: Iterable[Member], name: str = "") -> ChatCreated:
    """A chat with these members. ``name`` replaces the chat's own name."""
    return ChatCreated(chat.id, name or chat.name, chat.owner, chat.kind, faces(members), chat.moderated)


def as_joined(roster: Roster) -> ChatJoined:
    """The chat for somebody who has just joined it."""
    return msgspec.convert(as_listed(roster.chat, roster.members), ChatJoined, from_attributes=True)


def faces(members: Iterable[Member]) -> dict[str, WireMember]:
    """Members by user id."""
    return {member.user_id: WireMember(member.user_id, member.name) for member in members}
