"""The model: chats, their members and their history according to docs/protocol.md, as plain dictionaries.

``outcomes`` models faults and concurrency.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.backend.model.cast import pair

OK = ""


@dataclass
class Words:
    """A message. ``reactions`` are emoji with the users who added them."""

    author: str
    text: str
    reactions: set[tuple[str, str]] = field(default_factory=set)


@dataclass
class Room:
    """A chat. ``members`` are in the order of joining, ``messages`` in the order of the history.

    ``gone`` are the deleted messages with their authors. ``invite`` is the secret of the invite link, empty if none.
    """

    name: str
    owner: str
    kind: str
    members: list[str]
    moderated: bool = False
    messages: dict[str, Words] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    invite: str = ""
    deleted: bool = False

    def as_seen(self) -> tuple[object, ...]:
        """The state to compare. The order of members matters if the chat has an owner; that of messages always does."""
        members = sorted(self.members) if self.kind == "private" else self.members
        chat = self.name, self.owner, self.kind, self.moderated, self.deleted, self.invite
        return chat, members, list(self.messages.items()), self.gone

    def end(self) -> None:
        self.deleted, self.members, self.messages, self.gone, self.invite = True, [], {}, {}, ""

    def drop(self, user: str) -> None:
        self.members.remove(user)
        if self.kind == "private":
            return
        if not self.members:
            self.end()
        elif self.owner == user:
            self.owner = self.members[0]


@dataclass(frozen=True)
class Act:
    """What a user did. ``answer`` is the code of the refusal, empty for success, None if unknown.

    ``secret`` is that of the link in the answer to ``createInvite``, else of the existing link.
    """

    user: str
    event: str
    data: Any
    answer: str | None = None
    # Redelivered: it may be processed again or deduplicated, or it is certainly deduplicated.
    repeated: bool = False
    noticed: bool = False
    secret: str = ""


def chat_of(act: Act) -> str:
    """The chat that an act is about."""
    if act.event == "createPrivateChat":
        return pair(act.user, act.data["targetUserId"])
    if act.event in ("blockUser", "unblockUser"):
        return pair(act.user, act.data["userId"])
    if act.event == "acceptInvite":
        return str(act.data["token"]).partition(".")[0]
    if isinstance(act.data, str):
        return act.data
    return str(act.data.get("chatId") or act.data["id"])


class Chats(dict[str, Room]):
    """All chats that ever existed, by id, with a method for each event about chats.

    ``blocks`` are pairs of blocking and blocked user. For a pair in ``unsettled``, a block or unblock was begun and not
    finished, so the blocked user may still be able to write, or be refused.
    """

    def __init__(self, rooms: dict[str, Room] | None = None, blocks: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(rooms or {})
        self.blocks, self.unsettled = set(blocks), set[tuple[str, str]]()

    def as_seen(self) -> dict[str, object]:
        return {**{chat_id: room.as_seen() for chat_id, room in self.items()}, "blocks": self.blocks}

    def at(self, chat_id: str) -> Room:
        """The chat; where there never was one, a chat that nobody sees."""
        return self.get(chat_id) or Room("", "", "", [], deleted=True)

    def silenced(self, user: str, chat_id: str) -> bool:
        """Whether a user certainly may not write in a chat."""
        return any(pair(*one) == chat_id and one[1] == user for one in self.blocks - self.unsettled)

    def may_be_silenced(self, user: str, chat_id: str) -> bool:
        """Whether a user may be refused in a chat."""
        return any(pair(*one) == chat_id and one[1] == user for one in self.blocks | self.unsettled)

    def perform(self, act: Act) -> str:
        """Performs an act or refuses it; returns the code of the refusal."""
        return str(getattr(self, act.event)(act))

    def createChat(self, act: Act) -> str:
        data = act.data
        kind, moderated = data.get("kind", "public"), data.get("moderated", False)
        room = self.get(data["id"])
        if room is None:
            self[data["id"]] = Room(data["name"], act.user, kind, [act.user], moderated)
            return OK
        same = (room.name, room.owner, room.kind, room.moderated) == (data["name"], act.user, kind, moderated)
        return OK if same and not room.deleted else "ChatIdTaken"

    def createPrivateChat(self, act: Act) -> str:
        other = act.data["targetUserId"]
        if other == act.user:
            return "BadRequest"
        if (act.user, other) in self.blocks:
            return "UnblockFirst"
        if (other, act.user) in self.blocks:
            return "Blocked"
        room = self.setdefault(pair(act.user, other), Room("", "", "private", []))
        room.members += [one for one in (act.user, other) if one not in room.members]
        return OK

    def blockUser(self, act: Act) -> str:
        if act.data["userId"] == act.user:
            return "BadRequest"
        self.blocks.add((act.user, act.data["userId"]))
        return OK

    def unblockUser(self, act: Act) -> str:
        self.blocks.discard((act.user, act.data["userId"]))
        return OK

    def joinChat(self, act: Act) -> str:
        room = self.at(act.data)
        if not _visible(room, act.user):
            return "ChatNotFound"
        return self._enter(room, act.user)

    def acceptInvite(self, act: Act) -> str:
        room, secret = self.get(chat_of(act)), act.data["token"].partition(".")[2]
        if room is None or room.invite != secret:
            return "InviteNotFound"
        return self._enter(room, act.user)

    def _enter(self, room: Room, user: str) -> str:
        if user not in room.members:
            room.members.append(user)
        return OK

    def createInvite(self, act: Act) -> str:
        room = self.at(act.data["chatId"])
        if code := not_for_owners(room, act.user):
            return code
        if room.kind != "group":
            return "BadRequest"
        room.invite = room.invite or act.secret
        return OK

    def leaveChat(self, act: Act) -> str:
        room = self.at(act.data["chatId"])
        if act.user in room.members:
            room.drop(act.user)
        return OK

    def deleteChat(self, act: Act) -> str:
        room = self.at(act.data)
        if room.deleted and room.owner == act.user:
            return OK
        if code := not_for_owners(room, act.user):
            return code
        room.end()
        return OK

    def removeMember(self, act: Act) -> str:
        room, other = self.at(act.data["chatId"]), act.data["userId"]
        if code := not_for_owners(room, act.user):
            return code
        if other == act.user:
            return "BadRequest"
        if other in room.members:
            room.invite = ""
            room.drop(other)
        return OK

    def saveMessage(self, act: Act) -> str:
        room, message_id = self.at(act.data["chatId"]), act.data["id"]
        if code := _not_for_members(room, act.user):
            return code
        author = room.gone.get(message_id)
        if author is None and message_id not in room.messages and self.silenced(act.user, act.data["chatId"]):
            return "Blocked"
        if author is None:
            author = room.messages.setdefault(message_id, Words(act.user, act.data["message"])).author
        return OK if author == act.user else "MessageIdTaken"

    def editMessage(self, act: Act) -> str:
        room = self.at(act.data["chatId"])
        if code := _not_for_members(room, act.user) or _not_there(room, act):
            return code
        words = room.messages[act.data["id"]]
        if words.author != act.user:
            return "NotTheAuthor"
        if words.text != act.data["message"] and self.silenced(act.user, act.data["chatId"]):
            return "Blocked"
        words.text = act.data["message"]
        return OK

    def deleteMessage(self, act: Act) -> str:
        room, message_id = self.at(act.data["chatId"]), act.data["id"]
        if code := _not_for_members(room, act.user):
            return code
        author = room.messages[message_id].author if message_id in room.messages else room.gone.get(message_id)
        if author is None:
            return "MessageNotFound"
        if act.user not in (author, room.owner):
            return "NotTheAuthor"
        if message_id in room.messages and self.silenced(act.user, act.data["chatId"]):
            return "Blocked"
        room.messages.pop(message_id, None)
        room.gone[message_id] = author
        return OK

    def react(self, act: Act) -> str:
        room = self.at(act.data["chatId"])
        if code := _not_for_members(room, act.user) or _not_there(room, act):
            return code
        if self.silenced(act.user, act.data["chatId"]):
            return "Blocked"
        reactions, mine = room.messages[act.data["id"]].reactions, (act.data["emoji"], act.user)
        (reactions.add if act.data["on"] else reactions.discard)(mine)
        return OK

    def markRead(self, act: Act) -> str:
        room = self.at(act.data["chatId"])
        if code := _not_for_members(room, act.user):
            return code
        return OK if act.data["id"] in room.gone else _not_there(room, act)


def _visible(room: Room, user: str) -> bool:
    return not room.deleted and (room.kind == "public" or user in room.members)


def _not_for_members(room: Room, user: str) -> str:
    if not _visible(room, user):
        return "ChatNotFound"
    return OK if user in room.members else "NotAMember"


def not_for_owners(room: Room, user: str) -> str:
    return _not_for_members(room, user) or (OK if room.owner == user else "NotTheOwner")


def _not_there(room: Room, act: Act) -> str:
    return OK if act.data["id"] in room.messages else "MessageNotFound"
