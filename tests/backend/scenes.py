"""A scene for each event: the set-up, and who sends the event. The players are Ann, Bob and Cat."""

from collections.abc import Awaitable, Callable

from shared.flow.deadline import ABANDONED_AFTER
from shared.model.clock import SECOND
from shared.rules.presence import ghosts, online_list
from tests.backend.stage import Player

CHAT = "11111111-2222-4333-8444-555555555555"
MESSAGE = "aaaaaaaa-2222-4333-8444-555555555555"
THUMB = {"chatId": CHAT, "id": MESSAGE, "emoji": "👍"}
GROUP = {"id": CHAT, "name": "Tea", "kind": "group"}
MODERATED = {"id": CHAT, "name": "Tea", "moderated": True}

Act = Callable[[list[Player]], Awaitable[object]]


async def a_chat(players: list[Player]) -> None:
    ann, bob, _ = players
    await ann.does("createChat", {"id": CHAT, "name": "Tea"})
    await bob.does("joinChat", CHAT)


async def a_moderated_chat(players: list[Player]) -> None:
    await players[0].does("createChat", MODERATED)
    await players[1].does("joinChat", CHAT)


async def says_hi(players: list[Player]) -> None:
    """A message with three mentions, the third of which is ignored, since it is not of a member."""
    mentions = [player.id for player in players]
    await players[1].does("saveMessage", {"chatId": CHAT, "id": MESSAGE, "message": "hi", "mentions": mentions})


async def a_message(players: list[Player]) -> None:
    await a_chat(players)
    await says_hi(players)


async def a_reaction(players: list[Player]) -> None:
    await a_message(players)
    await players[0].does("react", THUMB | {"on": True})


async def a_read_message(players: list[Player]) -> None:
    await a_message(players)
    await players[0].does("markRead", {"chatId": CHAT, "id": MESSAGE})


async def a_lonely_chat(players: list[Player]) -> None:
    await players[0].does("createChat", {"id": CHAT, "name": "Tea"})


async def a_private_chat(players: list[Player]) -> None:
    await players[0].does("createPrivateChat", {"targetUserId": players[1].id})
    await players[1].does("leaveChat", {"chatId": next(iter(players[0].stage.memory.chats.rows))})


async def an_open_private_chat(players: list[Player]) -> None:
    await players[0].does("createPrivateChat", {"targetUserId": players[1].id})


async def a_block(players: list[Player]) -> None:
    await an_open_private_chat(players)
    await players[0].does("blockUser", {"userId": players[1].id})


async def a_group(players: list[Player]) -> None:
    await players[0].does("createChat", GROUP)


async def an_invite(players: list[Player]) -> None:
    await a_group(players)
    await players[0].does("createInvite", {"chatId": CHAT})


async def accept(players: list[Player]) -> None:
    invite = players[0].stage.memory.invites.rows[CHAT]
    await players[1].does("acceptInvite", {"token": f"{CHAT}.{invite.secret}"})


async def an_accepted_invite(players: list[Player]) -> None:
    await an_invite(players)
    await accept(players)


async def a_user_who_is_away(players: list[Player]) -> None:
    await players[0].closes()
    players[0].stage.sender.open(players[0].connection, players[0].id)


async def a_tab_that_crashed(players: list[Player]) -> None:
    crashed = await players[1].another_tab()
    players[1].stage.sender.close(crashed.connection)


async def a_ghost(players: list[Player]) -> None:
    players[1].stage.sender.close(players[1].connection)
    players[1].stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS)


async def list_users(players: list[Player]) -> object:
    """Reads the list so late that a check that the same reader abandoned can be taken over."""
    ann = players[0]
    ann.stage.clock.pass_seconds(ABANDONED_AFTER / SECOND)
    return await online_list.page(ann.stage.backend, ann.id, "")


async def nothing_before(players: list[Player]) -> None:
    return


SCENES: dict[str, tuple[Act, Act]] = {
    "createChat": (nothing_before, lambda p: p[0].does("createChat", {"id": CHAT, "name": "Tea"})),
    "createChat, moderated": (nothing_before, lambda p: p[0].does("createChat", MODERATED)),
    "createChat, a group": (nothing_before, lambda p: p[0].does("createChat", GROUP)),
    "createInvite": (a_group, lambda p: p[0].does("createInvite", {"chatId": CHAT})),
    "acceptInvite": (an_invite, accept),
    "removeMember of a group": (
        an_accepted_invite,
        lambda p: p[0].does("removeMember", {"chatId": CHAT, "userId": p[1].id}),
    ),
    "deleteChat, a group": (an_accepted_invite, lambda p: p[0].does("deleteChat", CHAT)),
    "joinChat": (a_chat, lambda p: p[2].does("joinChat", CHAT)),
    "joinChat, moderated": (a_moderated_chat, lambda p: p[2].does("joinChat", CHAT)),
    "leaveChat": (a_chat, lambda p: p[1].does("leaveChat", {"chatId": CHAT})),
    "leaveChat of the owner": (a_chat, lambda p: p[0].does("leaveChat", {"chatId": CHAT})),
    "leaveChat of the last": (a_lonely_chat, lambda p: p[0].does("leaveChat", {"chatId": CHAT})),
    "removeMember": (a_chat, lambda p: p[0].does("removeMember", {"chatId": CHAT, "userId": p[1].id})),
    "deleteChat": (a_chat, lambda p: p[0].does("deleteChat", CHAT)),
    "createPrivateChat": (nothing_before, lambda p: p[0].does("createPrivateChat", {"targetUserId": p[1].id})),
    "createPrivateChat again": (a_private_chat, lambda p: p[0].does("createPrivateChat", {"targetUserId": p[1].id})),
    "blockUser": (an_open_private_chat, lambda p: p[0].does("blockUser", {"userId": p[1].id})),
    "unblockUser": (a_block, lambda p: p[0].does("unblockUser", {"userId": p[1].id})),
    "saveMessage": (a_chat, says_hi),
    "saveMessage, moderated": (a_moderated_chat, says_hi),
    "editMessage": (a_message, lambda p: p[1].does("editMessage", {"chatId": CHAT, "id": MESSAGE, "message": "ho"})),
    "deleteMessage of one with reactions": (
        a_reaction,
        lambda p: p[0].does("deleteMessage", {"chatId": CHAT, "id": MESSAGE}),
    ),
    "react": (a_message, lambda p: p[0].does("react", THUMB | {"on": True})),
    "react, taking it away": (a_reaction, lambda p: p[0].does("react", THUMB | {"on": False})),
    "markRead": (a_message, lambda p: p[0].does("markRead", {"chatId": CHAT, "id": MESSAGE})),
    "leaveChat of one who has read": (a_read_message, lambda p: p[0].does("leaveChat", {"chatId": CHAT})),
    "deleteMessage": (a_message, lambda p: p[0].does("deleteMessage", {"chatId": CHAT, "id": MESSAGE})),
    "userConnected": (a_user_who_is_away, lambda p: p[0].does("userConnected", {})),
    "userExitIdle": (lambda p: p[0].does("userEnterIdle"), lambda p: p[0].does("userExitIdle")),
    "userEnterIdle": (nothing_before, lambda p: p[0].does("userEnterIdle")),
    "disconnected beside a tab that crashed": (a_tab_that_crashed, lambda p: p[1].closes()),
    "a list with a ghost": (a_ghost, list_users),
    "disconnected": (a_chat, lambda p: p[1].closes()),
}
