"""A chat as browsers see it: in lists, and in what they hear of it."""

import msgspec

from shared.model.records import Chat, Member, Roster
from shared.wire.chat_events import ChatCreated, ChatJoined, WireMember

PAGE_CHATS = 50
# A list shows faces, not the whole crowd; the members of an opened chat come from its own page.
LISTED_MEMBERS = 100


def on_the_wire(chat: Chat, members: tuple[Member, ...], name: str = "") -> ChatCreated:
    """A chat as browsers see it; ``name`` replaces the chat's own."""
    faces = {member.user_id: WireMember(member.user_id, member.name) for member in members}
    return ChatCreated(chat.id, name or chat.name, chat.owner, chat.kind, faces, chat.moderated)


def as_joined(roster: Roster) -> ChatJoined:
    """The chat as its new member sees it."""
    return msgspec.convert(on_the_wire(roster.chat, roster.members), ChatJoined, from_attributes=True)
