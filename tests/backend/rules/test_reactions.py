"""Reactions: whose they are, how many there can be, and where they are seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.errors import TooManyReactions
from shared.model.records import Position, Reaction
from shared.ports.store.reactions import REACTIONS_LIMIT
from shared.rules.history import messages
from shared.rules.history import reactions as rules
from shared.rules.history.reactions import OWN_LIMIT
from tests.backend.flags import FLAGS
from tests.backend.stage import Player, Stage, new_id


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def say(player: Player, chat_id: str) -> str:
    message_id = new_id()
    await player.does("saveMessage", {"chatId": chat_id, "id": message_id, "message": "hi"})
    return message_id


async def react(player: Player, chat_id: str, message_id: str, emoji: object = "👍", on: object = True) -> str:
    return await player.code("react", {"chatId": chat_id, "id": message_id, "emoji": emoji, "on": on})


async def reactions(stage: Stage, reader: Player, chat_id: str) -> dict[str, dict[str, tuple[str, ...]]]:
    page = await messages.page(stage.backend, reader.id, chat_id)
    return {one.id: dict(one.reactions) for one in page.items if one.reactions}


async def test_reactions_stand_at_their_message_in_the_order_in_which_they_came(stage: Stage) -> None:
    ann, bob, cat = [await stage.user(name) for name in ("Ann", "Bob", "Cat")]
    chat_id = await stage.chat(ann, bob, cat)
    first, _, third = [await say(ann, chat_id) for _ in range(3)]
    for player, message_id, emoji in [(cat, first, "🎉"), (bob, first, "👍"), (ann, first, "🎉"), (ann, third, "❤️")]:
        assert await react(player, chat_id, message_id, emoji) == ""
    found = await reactions(stage, bob, chat_id)
    assert found == {first: {"🎉": (cat.id, ann.id), "👍": (bob.id,)}, third: {"❤️": (ann.id,)}}
    assert list(found[first]) == ["🎉", "👍"]


async def test_a_reaction_is_stored_once_and_can_be_removed_and_both_are_announced(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id = await say(ann, chat_id)
    for _ in range(2):
        assert await react(bob, chat_id, message_id) == ""
    assert await reactions(stage, ann, chat_id) == {message_id: {"👍": (bob.id,)}}
    for _ in range(2):
        assert await react(bob, chat_id, message_id, on=False) == ""
    assert await reactions(stage, ann, chat_id) == {}
    said = {"chatId": chat_id, "id": message_id, "userId": bob.id, "emoji": "👍"}
    assert ann.heard("reaction") == [said | {"on": on} for on in (True, True, False, False)]


async def test_an_emoji_is_one_reaction_whether_it_says_that_it_is_a_picture_or_not(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id = await say(ann, chat_id)
    for player, heart in ((ann, "❤"), (bob, "❤️"), (bob, "❤")):
        assert await react(player, chat_id, message_id, heart) == ""
    assert await reactions(stage, ann, chat_id) == {message_id: {"❤️": (ann.id, bob.id)}}
    assert await react(ann, chat_id, message_id, "❤️", on=False) == ""
    assert await reactions(stage, ann, chat_id) == {message_id: {"❤️": (bob.id,)}}
    assert {said["emoji"] for said in ann.heard("reaction")} == {"❤️"}


async def test_a_reaction_stored_in_another_form_is_shown_and_removed_like_any(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id = await say(ann, chat_id)
    for player, emoji in ((ann, "❤"), (bob, "❤"), (bob, "❤️"), (bob, "👍️")):
        position = await stage.store.messages.position(chat_id, message_id)
        assert position is not None
        await stage.store.reactions.add(
            chat_id, position, Reaction(message_id, player.id, emoji, stage.backend.clock())
        )
    assert await reactions(stage, ann, chat_id) == {message_id: {"❤️": (ann.id, bob.id), "👍": (bob.id,)}}
    assert await react(bob, chat_id, message_id, "👍", on=False) == ""
    for player in (ann, bob, bob):
        assert await react(player, chat_id, message_id, "❤️", on=False) == ""
    assert await reactions(stage, ann, chat_id) == {}


async def test_nobody_takes_anothers_reaction_away(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id = await say(ann, chat_id)
    await react(bob, chat_id, message_id)
    assert await react(ann, chat_id, message_id, on=False) == ""
    assert await reactions(stage, ann, chat_id) == {message_id: {"👍": (bob.id,)}}


async def test_only_members_react_and_only_to_what_is_there(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await stage.chat(ann, bob)
    message_id = await say(ann, chat_id)
    assert await react(eve, chat_id, message_id) == "NotAMember"
    await bob.does("leaveChat", {"chatId": chat_id})
    assert await react(bob, chat_id, message_id) == "NotAMember"
    assert await react(ann, new_id(), message_id) == "ChatNotFound"
    assert await react(ann, chat_id, new_id()) == "MessageNotFound"
    await ann.does("deleteMessage", {"chatId": chat_id, "id": message_id})
    assert await react(ann, chat_id, message_id) == "MessageNotFound"


@pytest.mark.parametrize(
    ("emoji", "on"), [("yes", True), ("", True), (1, True), (None, True), ("👍", "yes"), ("👍", 1)]
)
async def test_what_is_no_reaction_is_refused(stage: Stage, emoji: object, on: object) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    assert await react(ann, chat_id, await say(ann, chat_id), emoji, on) == "BadRequest"


async def test_a_message_has_so_many_reactions_and_no_more(stage: Stage) -> None:
    players = [await stage.user(f"User{number}") for number in range(REACTIONS_LIMIT // OWN_LIMIT + 1)]
    chat_id = await stage.chat(*players)
    message_id = await say(players[0], chat_id)
    await fill(players[:-1], chat_id, message_id)
    first, last = players[0], players[-1]
    assert await react(last, chat_id, message_id, FLAGS[REACTIONS_LIMIT]) == "TooManyReactions"
    assert await react(first, chat_id, message_id, FLAGS[0]) == ""
    assert await react(first, chat_id, message_id, FLAGS[0], on=False) == ""
    assert await react(last, chat_id, message_id, FLAGS[REACTIONS_LIMIT]) == ""
    assert list((await reactions(stage, first, chat_id))[message_id]) == FLAGS[1 : REACTIONS_LIMIT + 1]


async def fill(players: list[Player], chat_id: str, message_id: str) -> None:
    """Each user adds as many reactions to a message as allowed."""
    for number, player in enumerate(players):
        for emoji in FLAGS[number * OWN_LIMIT : (number + 1) * OWN_LIMIT]:
            assert await react(player, chat_id, message_id, emoji) == ""


async def test_one_member_leaves_room_for_the_reactions_of_others(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id, other = await say(ann, chat_id), await say(ann, chat_id)
    await fill([ann], chat_id, message_id)
    ann.heard()
    with pytest.raises(TooManyReactions, match=f"You can add at most {OWN_LIMIT} reactions"):
        await ann.does("react", {"chatId": chat_id, "id": message_id, "emoji": FLAGS[OWN_LIMIT], "on": True})
    assert ann.heard("reaction") == []
    assert await react(ann, chat_id, message_id, FLAGS[0]) == ""
    assert await react(ann, chat_id, other, FLAGS[OWN_LIMIT]) == ""
    assert await react(bob, chat_id, message_id, FLAGS[0]) == await react(bob, chat_id, message_id, FLAGS[99]) == ""
    assert await react(ann, chat_id, message_id, FLAGS[0], on=False) == ""
    assert await react(ann, chat_id, message_id, FLAGS[OWN_LIMIT]) == ""
    found = (await reactions(stage, bob, chat_id))[message_id]
    assert sum(ann.id in users for users in found.values()) == OWN_LIMIT


async def test_an_edit_keeps_the_reactions_and_a_deletion_takes_them_along(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    message_id = await say(ann, chat_id)
    await react(ann, chat_id, message_id)
    await ann.does("editMessage", {"chatId": chat_id, "id": message_id, "message": "ho"})
    assert await reactions(stage, ann, chat_id) == {message_id: {"👍": (ann.id,)}}
    await ann.does("deleteMessage", {"chatId": chat_id, "id": message_id})
    assert not any(stage.memory.reactions.rows.values())


async def test_all_reactions_are_shown_however_many_stand_on_one_page(stage: Stage) -> None:
    players = [await stage.user(f"User{number}") for number in range(REACTIONS_LIMIT // OWN_LIMIT)]
    chat_id = await stage.chat(*players)
    said = [await say(players[0], chat_id) for _ in range(2)]
    for message_id in said:
        await fill(players, chat_id, message_id)
    found = await reactions(stage, players[0], chat_id)
    assert [len(found[message_id]) for message_id in said] == [REACTIONS_LIMIT, REACTIONS_LIMIT]


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=9), st.integers(5, 8))
async def test_all_reactions_are_shown_however_small_the_portions_in_which_they_are_read(
    history: list[tuple[int, bool]], batch: int
) -> None:
    """Some messages are gone, with reactions that were left behind."""
    stage = Stage()
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    wanted, gone = {}, []
    for count, stays in history:
        message_id = await say(ann, chat_id)
        for emoji in FLAGS[:count]:
            assert await react(ann, chat_id, message_id, emoji) == ""
        if not stays:
            gone.append(message_id)
        elif count:
            wanted[message_id] = dict.fromkeys(FLAGS[:count], (ann.id,))
    page = await messages.page(stage.backend, ann.id, chat_id)
    there = [one for one in page.items if one.id not in gone]
    limits: list[int] = []
    between = stage.store.reactions.between

    async def noted(chat_id: str, oldest: Position, newest: Position, limit: int) -> tuple[Reaction, ...]:
        limits.append(limit)
        return await between(chat_id, oldest, newest, limit)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rules, "BATCH", batch)
        patched.setattr(stage.store.reactions, "between", noted)
        shown = await rules.shown(stage.backend, chat_id, there)
    assert {one.id: dict(one.reactions) for one in shown if one.reactions} == wanted
    assert set(limits) <= {batch} and len(limits) <= len(there)
