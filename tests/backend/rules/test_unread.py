"""Unread counts: computed by the backend for each user and chat, so that they are the same on all devices."""

import pytest

from shared.model.clock import iso
from shared.rules.chats import own_list
from shared.rules.history.unread import LOOKED_AT, UNREAD_LIMIT
from shared.wire.shapes import OwnChat
from tests.backend.stage import Player, Stage, new_id


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def say(player: Player, chat_id: str, *mentioned: Player) -> str:
    message_id = new_id()
    mentions = [one.id for one in mentioned]
    data = {"chatId": chat_id, "id": message_id, "message": "hi", "mentions": mentions}
    await player.does("saveMessage", data)
    return message_id


async def mark(player: Player, chat_id: str, message_id: str) -> str:
    return await player.code("markRead", {"chatId": chat_id, "id": message_id})


async def own(player: Player, chat_id: str) -> OwnChat:
    page = await own_list.page(player.stage.backend, player.id, "")
    [chat] = [one for one in page.items if one.id == chat_id]
    return chat


async def unread(player: Player, chat_id: str) -> tuple[int, int, str]:
    chat = await own(player, chat_id)
    return chat.unread, chat.unread_mentions, chat.last_read


async def test_messages_of_others_since_joining_are_unread_until_they_are_read(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    await say(ann, chat_id)
    await bob.does("joinChat", chat_id)
    assert await unread(bob, chat_id) == (0, 0, "")
    first, second = await say(ann, chat_id), await say(ann, chat_id)
    await say(bob, chat_id)
    assert await unread(bob, chat_id) == (2, 0, "")
    assert await unread(ann, chat_id) == (1, 0, "")
    assert await mark(bob, chat_id, first) == ""
    assert await unread(bob, chat_id) == (1, 0, first)
    assert await mark(bob, chat_id, second) == ""
    assert await unread(bob, chat_id) == (0, 0, second)


async def test_what_is_unread_came_after_what_was_read_or_after_joining(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    await say(ann, chat_id)
    before = (await stage.store.messages.head(chat_id)).time
    await bob.does("joinChat", chat_id)
    assert (await own(bob, chat_id)).unread_since == ""
    times = [iso(stage.clock())]
    first = await say(ann, chat_id)
    times.append(iso(stage.clock()))
    assert (await own(bob, chat_id)).unread_since == iso(before)
    await say(ann, chat_id)
    await mark(bob, chat_id, first)
    assert times[0] < (await own(bob, chat_id)).unread_since < times[1]
    assert (await own(ann, chat_id)).unread_since == ""


@pytest.mark.parametrize("ahead", [-8, 8])
@pytest.mark.parametrize("joins", ["joinChat", "createPrivateChat", "createPrivateChat again"])
async def test_a_message_right_after_joining_is_unread_despite_clock_skew(stage: Stage, joins: str, ahead: int) -> None:
    """Joining and writing are served by instances with different clocks."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    if joins == "joinChat":
        chat_id = await stage.chat(ann)
    else:
        await ann.does("createPrivateChat", {"targetUserId": bob.id})
        [place] = (await stage.store.memberships.of_user(ann.id, "", 9)).items
        chat_id = place.chat_id
        if joins.endswith("again"):
            await say(ann, chat_id)
            await bob.does("leaveChat", {"chatId": chat_id})
    await say(ann, chat_id)
    stage.clock.pass_seconds(ahead)
    if joins != "createPrivateChat":
        event = joins.removesuffix(" again")
        await bob.does(event, chat_id if event == "joinChat" else {"targetUserId": ann.id})
        assert await unread(bob, chat_id) == (0, 0, "")
    stage.clock.pass_seconds(-ahead)
    await say(ann, chat_id)
    assert await unread(bob, chat_id) == (2 if joins == "createPrivateChat" else 1, 0, "")


async def test_each_chat_of_a_page_has_its_own_count(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    ids = [await stage.chat(ann, bob) for _ in range(4)]
    last = {chat_id: [await say(ann, chat_id) for _ in range(number + 1)][-1] for number, chat_id in enumerate(ids)}
    await mark(bob, ids[1], last[ids[1]])
    assert [await unread(bob, chat_id) for chat_id in ids] == [(1, 0, ""), (0, 0, last[ids[1]]), (3, 0, ""), (4, 0, "")]


async def test_a_position_moves_forward_only_and_the_users_other_tabs_hear_it(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    chat_id = await stage.chat(ann, bob)
    told = [await say(ann, chat_id) for _ in range(3)]
    for message_id in (told[1], told[0], told[1], told[2]):
        assert await mark(bob, chat_id, message_id) == ""
    assert await unread(bob, chat_id) == (0, 0, told[2])
    heard = [{"chatId": chat_id, "id": one} for one in (told[1], told[1], told[2])]
    assert tab.heard("chatRead") == bob.heard("chatRead") == heard
    assert ann.heard("chatRead") == []


async def test_mentions_of_oneself_are_counted_among_the_unread(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await stage.chat(ann, bob)
    await say(ann, chat_id, bob, ann, eve)
    message_id = await say(ann, chat_id)
    await say(ann, chat_id, bob)
    await say(bob, chat_id, bob)
    assert await unread(bob, chat_id) == (3, 2, "")
    assert await unread(ann, chat_id) == (1, 0, "")
    await mark(bob, chat_id, message_id)
    assert await unread(bob, chat_id) == (1, 1, message_id)
    await eve.does("joinChat", chat_id)
    assert await unread(eve, chat_id) == (0, 0, "")


async def test_deleted_messages_are_not_unread_and_their_ids_can_be_read_up_to(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    told = [await say(ann, chat_id, bob) for _ in range(4)]
    for message_id in (told[1], told[3]):
        await ann.does("deleteMessage", {"chatId": chat_id, "id": message_id})
    assert await unread(bob, chat_id) == (2, 2, "")
    assert await mark(bob, chat_id, told[1]) == ""
    assert await unread(bob, chat_id) == (1, 1, told[1])
    await ann.does("deleteMessage", {"chatId": chat_id, "id": told[2]})
    assert await unread(bob, chat_id) == (0, 0, told[1])


async def test_an_edit_makes_nothing_unread(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id = await say(ann, chat_id)
    await mark(bob, chat_id, message_id)
    await ann.does("editMessage", {"chatId": chat_id, "id": message_id, "message": "ho"})
    assert await unread(bob, chat_id) == (0, 0, message_id)


async def test_counting_ends_where_nobody_would_count_further(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    for number in range(UNREAD_LIMIT + 1):
        await say(ann, chat_id, *[bob] * (number == 0))
        assert (await own(bob, chat_id)).unread == min(number + 1, UNREAD_LIMIT)
    # The oldest, which mentions him, is not among those that are counted.
    assert await unread(bob, chat_id) == (UNREAD_LIMIT, 0, "")
    for _ in range(LOOKED_AT - 40):
        await say(bob, chat_id)
    assert (await own(bob, chat_id)).unread == 40


async def test_only_members_read_and_only_what_was_said(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id, other = await stage.chat(ann, bob), await stage.chat(ann)
    message_id = await say(ann, chat_id)
    assert await mark(eve, chat_id, message_id) == "NotAMember"
    assert await mark(ann, other, message_id) == "MessageNotFound"
    assert await mark(ann, chat_id, new_id()) == "MessageNotFound"
    assert await mark(ann, new_id(), message_id) == "ChatNotFound"
    assert await mark(ann, chat_id, "x") == "BadRequest"


async def test_rejoining_starts_unread_counts_over(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    await mark(bob, chat_id, await say(ann, chat_id))
    await bob.does("leaveChat", {"chatId": chat_id})
    assert await stage.store.reads.read(bob.id, chat_id) is None
    await say(ann, chat_id)
    await bob.does("joinChat", chat_id)
    assert await unread(bob, chat_id) == (0, 0, "")
    await say(ann, chat_id)
    assert await unread(bob, chat_id) == (1, 0, "")


async def test_a_position_from_before_joining_counts_for_nothing(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    old = await say(ann, chat_id)
    await say(ann, chat_id)
    await bob.does("joinChat", chat_id)
    assert await mark(bob, chat_id, old) == ""
    assert await unread(bob, chat_id) == (0, 0, old)


async def test_nothing_of_a_position_is_left_when_its_chat_is_deleted(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id = await say(ann, chat_id)
    for player in (ann, bob):
        await mark(player, chat_id, message_id)
    await ann.does("deleteChat", chat_id)
    assert stage.memory.reads.rows == {}


async def test_a_private_chat_has_counts_too(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    [place] = (await stage.store.memberships.of_user(ann.id, "", 9)).items
    await say(ann, place.chat_id, bob)
    assert await unread(bob, place.chat_id) == (1, 1, "")
    assert await unread(ann, place.chat_id) == (0, 0, "")
