"""Ends of memberships and chats, and the check that others can finish an abandoned end without the former member."""

from typing import Any

from shared.flow.deadline import ABANDONED_AFTER
from shared.model.clock import SECOND
from tests.backend.model.cast import MADE, USERS
from tests.backend.model.chats import Act, Room, chat_of
from tests.backend.model.play import Play
from tests.backend.model.service import Tab, next_event


async def gather(play: Play) -> None:
    """Everybody with an open tab joins one public chat, if one exists or can still be created."""
    tabs = {tab.user: tab for tab in play.open_tabs}
    chat_id = next((one for one in MADE if one not in play.chats or _is_open(play.chats[one])), None)
    if chat_id is None or not tabs:
        return
    if chat_id not in play.chats:
        await play.step([[next_event(next(iter(tabs.values())), "createChat", {"id": chat_id, "name": "Tea"})]])
    for user, tab in tabs.items():
        if user not in play.chats[chat_id].members and tab.open:
            await play.step([[next_event(tab, "joinChat", chat_id)]])


def _is_open(room: Room) -> bool:
    return room.kind == "public" and not room.deleted


def possible(play: Play, event: str) -> list[tuple[Tab, str, Any]]:
    """All ends of the given kind that a user with an open tab can cause, in chats of several members."""
    rooms = [(chat_id, room) for chat_id, room in play.chats.items() if room.owner and len(room.members) > 1]
    owned = [(tab, chat_id, room) for tab in play.open_tabs for chat_id, room in rooms if room.owner == tab.user]
    match event:
        case "leaveChat":
            tabs = [(tab, chat_id) for tab in play.open_tabs for chat_id, room in rooms if tab.user in room.members]
            return [(tab, event, {"chatId": chat_id}) for tab, chat_id in tabs]
        case "deleteChat":
            return [(tab, event, chat_id) for tab, chat_id, _ in owned]
    others = [(tab, chat_id, user) for tab, chat_id, room in owned for user in room.members if user != tab.user]
    return [(tab, event, {"chatId": chat_id, "userId": user}) for tab, chat_id, user in others]


async def others_read(play: Play, act: Act) -> None:
    """After uninvolved users read the chat of an abandoned end, no former member has rights any more.

    Only the user who ended a chat may keep theirs, since nobody else receives anything there.
    """
    play.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
    gone, chat_id = act.data["userId"] if act.event == "removeMember" else act.user, chat_of(act)
    readers = [user for user in USERS if user != gone]
    reads = [play.reads(address, user, None) for user in readers for address in ("chats", "me/chats")]
    await play.step([], beside=reads, check=False)
    room = play.chats.get(chat_id)
    if room is None or (room.kind != "public" and not {*readers} & {*room.members}):
        return
    group = await play.world.group(chat_id)
    for tab in play.open_tabs:
        if tab.user not in room.members and not (room.deleted and tab.user == gone):
            has = await play.world.rights(tab.connection, chat_id)
            assert not has and tab.connection not in group, f"{tab.user}@{tab.connection} may {has} in {chat_id}"
