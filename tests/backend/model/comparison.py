"""Compares the backend's answers and the state of Web PubSub with the model while nothing else is running.

Both rows of each membership must agree with each other and with the rights, the directory and the lists. The history
must read the same in both directions. Each page must show what it would show if it had just been loaded.
"""

from typing import Any, Protocol

from shared.flow.concurrency import each
from tests.backend.function_calls import call, principal
from tests.backend.model.cast import CHATS, USERS
from tests.backend.model.chats import Act, Chats, Room, chat_of
from tests.backend.model.page import Lists, Shown
from tests.backend.model.service import Tab
from tests.backend.model.worlds import World


class Compared(Protocol):
    """The part of a ``Play`` that is compared."""

    world: World
    chats: Chats
    # The message ids of acknowledged read positions, by user and chat.
    read: dict[tuple[str, str], set[str]]
    unfinished: list[Act]

    @property
    def open_tabs(self) -> list[Tab]: ...

    def online(self, user: str) -> tuple[bool | None, bool | None]: ...
    async def get(self, address: str, user: str) -> Any: ...
    async def lists(self) -> dict[str, Lists]: ...
    async def hear(self) -> None: ...


async def everything(play: Compared) -> None:
    """Raises AssertionError naming the difference."""
    lists = await play.lists()
    await play.hear()
    for tab in play.open_tabs:
        # A page loads its lists after its `userConnected`; before that it may not receive events of all its chats.
        tab.page.loaded = tab.page.loaded and tab.counted is True
        if tab.page.stale or not tab.page.loaded:
            load(play, tab, lists[tab.user])
    for tab in play.open_tabs:
        page(play, tab, lists[tab.user])
    for user in USERS:
        presence(play, user, lists[user].users)
    await each(CHATS, lambda chat_id: chat(play, chat_id, play.chats.at(chat_id), lists))


def load(play: Compared, tab: Tab, lists: Lists) -> None:
    """A page loads its lists and the history of its user's chats."""
    tab.page.load(lists)
    tab.page.messages = {
        chat_id: {one: Shown(words.text, "", set(words.reactions)) for one, words in room.messages.items()}
        for chat_id, room in play.chats.items()
        if tab.user in room.members
    }
    tab.page.unsure_chats = {chat_of(act) for act in play.unfinished}
    tab.page.unsure_people = {user for user in USERS if None in play.online(user)}


def page(play: Compared, tab: Tab, lists: Lists) -> None:
    shown, fresh = tab.page.view(), tab.page.view(lists)
    assert shown == fresh, f"{tab.user}@{tab.connection} shows {shown}, a page loaded now {fresh}"
    for chat_id, messages in tab.page.messages.items():
        room = play.chats[chat_id]
        if tab.user in room.members and chat_id not in tab.page.unsure_chats:
            known = {one: (message.text, message.reactions) for one, message in messages.items()}
            kept = {one: (words.text, words.reactions) for one, words in room.messages.items() if one in known}
            assert known == kept, f"{tab.user}@{tab.connection} shows {known} in {chat_id}, kept are {kept}"


def presence(play: Compared, user: str, listed: dict[str, Any]) -> None:
    there, idle = play.online(user)
    assert there in (None, user in listed), f"{user} is {'' if there else 'not '}online"
    if user in listed:
        assert idle in (None, listed[user]["idle"]), f"{user} is {'' if idle else 'not '}idle"


async def chat(play: Compared, chat_id: str, room: Room, lists: dict[str, Lists]) -> None:
    store, is_public = play.world.store, room.kind == "public" and not room.deleted
    assert (chat_id in lists[USERS[0]].public) == is_public, f"{chat_id} in the list of public chats"
    assert (chat_id in (await store.chats.listed("", 1_000)).items) == is_public, f"{chat_id} in the directory"
    for user in USERS:
        place = await store.memberships.read(user, chat_id)
        wanted = "member" if user in room.members else ""
        assert (place.state if place else "") == wanted, f"{user}'s own row of {chat_id}: {place}"
        assert (chat_id in lists[user].mine) == bool(wanted), f"{chat_id} in the chats of {user}"
        assert not place or place.silenced == play.chats.silenced(user, chat_id), f"{user} in {chat_id}: {place}"
        await read(play, user, chat_id, lists)
    await rights(play, chat_id, room)
    await history(play, chat_id, room)


async def read(play: Compared, user: str, chat_id: str, lists: dict[str, Lists]) -> None:
    """No read position is before an acknowledged one, and the lists agree with the read positions."""
    store, acknowledged = play.world.store, play.read.get((user, chat_id))
    if not acknowledged or user not in play.chats[chat_id].members:
        return
    kept = await store.reads.read(user, chat_id)
    assert kept and kept.message_id == lists[user].mine[chat_id]["lastRead"], f"how far {user} has read {chat_id}"
    for message_id in acknowledged:
        position = await store.messages.position(chat_id, message_id)
        assert position and position.place <= kept.position.place, f"{user} has read {message_id}"


async def rights(play: Compared, chat_id: str, room: Room) -> None:
    """The rights of all connections. A connection may have fewer of them until it has sent ``userConnected``."""
    group = await play.world.group(chat_id)
    given = await each(play.open_tabs, lambda tab: play.world.rights(tab.connection, chat_id))
    for tab, has in zip(play.open_tabs, given, strict=True):
        hears = tab.connection in group
        wanted = {"joinLeaveGroup"} if room.moderated else {"sendToGroup", "joinLeaveGroup"}
        wanted = wanted if tab.user in room.members else set()
        wanted = wanted - {"sendToGroup"} if play.chats.silenced(tab.user, chat_id) else wanted
        fewer = tab.counted is not True and has <= wanted and hears <= bool(wanted)
        told = f"{tab.user}@{tab.connection} may {has} in {chat_id} and hears: {hears}"
        assert fewer or (has == wanted and hears == bool(wanted)), told


async def history(play: Compared, chat_id: str, room: Room) -> None:
    """Both directions return each message exactly once, as stored, and only to members."""
    for user in USERS:
        if user not in room.members:
            answer = await call("GET", f"chats/{chat_id}/messages", principal(user))
            assert answer.status in (403, 404), f"{user} reads {chat_id}"
    if not room.members:
        return
    wanted, reader = list(room.messages), room.members[0]
    backwards = await paged(play, reader, chat_id, "before", [])
    assert [message["id"] for message in backwards] == wanted
    for message in backwards:
        words = room.messages[message["id"]]
        reactions = {(emoji, user) for emoji, users in message.get("reactions", {}).items() for user in users}
        shown = message["fromUserId"], message["message"], reactions
        assert shown == (words.author, words.text, words.reactions)
    if wanted:
        assert await paged(play, reader, chat_id, "after", backwards[:1]) == backwards


async def paged(play: Compared, user: str, chat_id: str, way: str, found: list[Any]) -> list[Any]:
    while True:
        cursor = f"&{way}={found[0 if way == 'before' else -1]['id']}" if found else ""
        got = await play.get(f"chats/{chat_id}/messages?limit=2{cursor}", user)
        found = got["messages"] + found if way == "before" else found + got["messages"]
        if not got["more"]:
            return found
