"""The state of a browser's page: loaded lists, updated by received events according to docs/protocol.md.

It does the same as ``frontend/src/state`` and ``client``, as far as chats, members and people are concerned.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.backend.model.cast import chat_of_message

# Events whose data is plain text.
PLAIN = ("chatDeleted", "userOffline", "userIsIdle", "userNotIdle")
# Events that do not change what a page shows of chats and people.
IGNORED = ("error", "invite", "chatRead", "messageSaved", "userBlocked", "userUnblocked")


@dataclass
class Lists:
    """The responses of ``GET chats``, ``GET me/chats`` and ``GET users`` for a user."""

    public: dict[str, Any]
    mine: dict[str, Any]
    users: dict[str, Any]


@dataclass
class Known:
    """A chat as a page knows it."""

    id: str
    name: str
    kind: str
    owner: str
    members: set[str]


def known(chat: Mapping[str, Any]) -> Known:
    return Known(chat["id"], chat["name"], chat["kind"], chat["owner"], set(chat["members"]))


@dataclass
class Shown:
    """A message as a page shows it; ``edited`` is the time in the event."""

    text: str
    edited: str = ""
    reactions: set[tuple[str, str]] = field(default_factory=set)


@dataclass
class Page:
    """A page. ``messages`` are the known messages by chat and id.

    ``unsure_chats`` and ``unsure_people`` are those about which it may have received nothing or too much, because an
    event was abandoned.
    """

    user: str
    chats: dict[str, Known] = field(default_factory=dict)
    people: dict[str, bool] = field(default_factory=dict)
    messages: dict[str, dict[str, Shown]] = field(default_factory=dict)
    loaded: bool = False
    # It heard of something that only the lists can explain.
    stale: bool = False
    unsure_chats: set[str] = field(default_factory=set)
    unsure_people: set[str] = field(default_factory=set)

    def load(self, lists: Lists) -> None:
        """Applies freshly loaded lists."""
        self.chats = {chat["id"]: known(chat) for chat in (*lists.public.values(), *lists.mine.values())}
        self.people = {user["userId"]: user["idle"] for user in lists.users.values()}
        self.loaded, self.stale = True, False

    def hear_all(self, payloads: Sequence[Mapping[str, Any]]) -> None:
        """Applies received messages in order.

        The answer to a join has the chat's state at some earlier moment, so events received since then are applied
        again. If another tab has joined, only the lists tell who else is a member.
        """
        answered = {json.loads(one["data"])["id"] for one in payloads if one.get("chatEvent") == "chatJoined"}
        told = [json.loads(one["data"]) for one in payloads if one.get("chatEvent") == "memberJoined"]
        came = {event["chatId"] for event in told if event["userId"] == self.user}
        new = {chat_id for chat_id in came & set(self.chats) if self.user not in self.chats[chat_id].members}
        self.stale = self.stale or not new <= answered
        for number, payload in enumerate(payloads):
            self.hear(payload)
            if payload.get("chatEvent") == "chatJoined":
                for earlier in payloads[:number]:
                    self.hear(earlier)

    def hear(self, payload: Mapping[str, Any]) -> None:
        """Applies a message of the backend."""
        name = payload.get("chatEvent")
        if name is None:
            self.show(chat_of_message(payload["id"]), payload["id"], payload["message"])
        elif name in PLAIN:
            getattr(self, name)(payload["data"])
        elif name not in IGNORED:
            getattr(self, name)(json.loads(payload["data"]))

    def show(self, chat_id: str, message_id: str, text: str) -> None:
        """Shows a message that somebody has sent; a known one is not changed."""
        self.messages.setdefault(chat_id, {}).setdefault(message_id, Shown(text))

    def chatCreated(self, chat: Any) -> None:
        self.chats.setdefault(chat["id"], known(chat))

    def chatJoined(self, chat: Any) -> None:
        self.chats[chat["id"]] = known(chat)

    def chatDeleted(self, chat_id: str) -> None:
        self.chats.pop(chat_id, None)

    def joinPrivateChat(self, chat: Any) -> None:
        self.chats[chat["id"]] = Known(chat["id"], chat["name"], "private", "", set(chat["members"]))

    def memberJoined(self, event: Any) -> None:
        chat = self.chats.get(event["chatId"])
        if chat is None:
            self.stale = True
        else:
            chat.members.add(event["userId"])

    def memberLeft(self, event: Any) -> None:
        chat = self.chats.get(event["chatId"])
        if chat is None:
            return
        chat.members.discard(event["userId"])
        # Who owns it now only the lists can tell.
        self.stale = self.stale or chat.owner == event["userId"]
        if event["userId"] == self.user:
            self.messages.pop(chat.id, None)
            if chat.kind != "public":
                del self.chats[chat.id]

    def messageEdited(self, event: Any) -> None:
        message = self._message(event)
        if message and message.edited <= event["editedAt"]:
            message.text, message.edited = event["message"], event["editedAt"]

    def messageDeleted(self, event: Any) -> None:
        self.messages.get(event["chatId"], {}).pop(event["id"], None)

    def reaction(self, event: Any) -> None:
        message, one = self._message(event), (event["emoji"], event["userId"])
        if message:
            (message.reactions.add if event["on"] else message.reactions.discard)(one)

    def _message(self, event: Any) -> Shown | None:
        return self.messages.get(event["chatId"], {}).get(event["id"])

    def userOnline(self, user: Any) -> None:
        self.people[user["userId"]] = user["idle"]

    def userOffline(self, user_id: str) -> None:
        self.people.pop(user_id, None)

    def userIsIdle(self, user_id: str) -> None:
        self._set_idle(user_id, True)

    def userNotIdle(self, user_id: str) -> None:
        self._set_idle(user_id, False)

    def _set_idle(self, user_id: str, idle: bool) -> None:
        if user_id in self.people:
            self.people[user_id] = idle

    def view(self, lists: Lists | None = None) -> dict[str, Any]:
        """The state that the user sees: the chats, details of the user's own chats, and who is online.

        With ``lists``, the state of a page that loads now, without what this page is unsure about.
        """
        fresh = self
        if lists is not None:
            fresh = Page(self.user)
            fresh.load(lists)
        chats = [chat for chat in fresh.chats.values() if chat.id not in self.unsure_chats]
        return {
            "chats": {chat.id: chat.name for chat in chats},
            "own": {chat.id: (chat.owner, sorted(chat.members)) for chat in chats if self.user in chat.members},
            "people": {user: idle for user, idle in fresh.people.items() if user not in self.unsure_people},
        }
