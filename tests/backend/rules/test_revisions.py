"""Editing and deleting messages: who may, the effect on the history, and who is told."""

import pytest

from shared.model.errors import MessageNotFound
from shared.model.records import Message
from shared.rules.chats import own_list
from shared.rules.history import messages
from tests.backend.stage import Player, Stage, new_id


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def say(player: Player, chat_id: str, text: str = "hi", **more: object) -> str:
    message_id = new_id()
    await player.does("saveMessage", {"chatId": chat_id, "id": message_id, "message": text, **more})
    return message_id


async def edit(player: Player, chat_id: str, message_id: str, text: object = "ho") -> str:
    return await player.code("editMessage", {"chatId": chat_id, "id": message_id, "message": text})


async def delete(player: Player, chat_id: str, message_id: str) -> str:
    return await player.code("deleteMessage", {"chatId": chat_id, "id": message_id})


async def history(stage: Stage, reader: Player, chat_id: str) -> tuple[Message, ...]:
    return (await messages.page(stage.backend, reader.id, chat_id)).items


async def test_an_edit_changes_the_text_and_nothing_else_and_the_chat_hears_it(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    first = await say(ann, chat_id)
    message_id = await say(bob, chat_id, replyTo=first, mentions=[ann.id])
    [_, before] = await history(stage, ann, chat_id)
    bob.heard(), ann.heard()
    assert await edit(bob, chat_id, message_id, "ho\n") == ""
    [_, after] = await history(stage, ann, chat_id)
    assert (after.text, after.edited > before.time, after.time) == ("ho\n", True, before.time)
    assert (after.reply_to, after.mentions, after.author_name) == (first, (ann.id,), "Bob")
    [heard] = ann.heard("messageEdited")
    assert heard == {**heard, "chatId": chat_id, "id": message_id, "message": "ho\n"} and heard["editedAt"]
    assert bob.heard("messageEdited") == [heard]


async def test_an_edit_says_whom_the_message_mentions_from_now_on(stage: Stage) -> None:
    ann, bob, cas, eve = [await stage.user(name) for name in ("Ann", "Bob", "Cas", "Eve")]
    chat_id = await stage.chat(ann, bob, cas)
    message_id = await say(bob, chat_id, mentions=[ann.id])

    async def mention(text: str, mentions: list[str]) -> tuple[str, ...]:
        data = {"chatId": chat_id, "id": message_id, "message": text, "mentions": mentions}
        assert await bob.code("editMessage", data) == ""
        [kept] = await history(stage, ann, chat_id)
        return kept.mentions

    assert await mention("ho", [cas.id, eve.id, cas.id]) == (cas.id,)
    assert [heard["mentions"] for heard in ann.heard("messageEdited")] == [[cas.id]]
    # Another of two users with the same name is mentioned: the text stays the same, but it is a change.
    assert await mention("ho", [ann.id]) == (ann.id,)
    assert len(ann.heard("messageEdited")) == 1
    assert await mention("ho ho", []) == ()
    assert ["mentions" in heard for heard in ann.heard("messageEdited")] == [False]
    assert await mention("ho ho", []) == ()


async def test_who_is_mentioned_by_an_edit_finds_it_counted(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id = await say(bob, chat_id)

    async def unread_mentions() -> int:
        [place] = (await own_list.page(stage.backend, ann.id, "")).items
        return place.unread_mentions

    assert await unread_mentions() == 0
    data = {"chatId": chat_id, "id": message_id, "message": "@Ann", "mentions": [ann.id]}
    assert await bob.code("editMessage", data) == ""
    assert await unread_mentions() == 1


async def test_of_two_edits_at_the_same_moment_the_later_one_has_a_later_time(stage: Stage) -> None:
    ann = await stage.user("Ann")
    message_id = await say(ann, chat_id := await stage.chat(ann))
    for text in ("one", "two", "three"):
        await edit(ann, chat_id, message_id, text)
    times = [one["editedAt"] for one in ann.heard("messageEdited")]
    assert len(set(times)) == 3 and times == sorted(times)


async def test_an_edit_that_changes_nothing_says_nothing(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    message_id = await say(ann, chat_id)
    assert await edit(ann, chat_id, message_id, "hi") == ""
    assert ann.heard("messageEdited") == []
    assert [one.edited for one in await history(stage, ann, chat_id)] == [0]


async def test_only_the_author_edits(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await stage.chat(ann, bob)
    message_id = await say(bob, chat_id)
    assert await edit(ann, chat_id, message_id) == "NotTheAuthor"
    assert await edit(eve, chat_id, message_id) == "NotAMember"
    assert await edit(eve, chat_id, new_id()) == "NotAMember"
    await bob.does("leaveChat", {"chatId": chat_id})
    assert await edit(bob, chat_id, message_id) == "NotAMember"
    assert [one.text for one in await history(stage, ann, chat_id)] == ["hi"]


async def test_the_author_and_the_owner_of_the_chat_delete_and_nobody_else(stage: Stage) -> None:
    ann, bob, cat, eve = [await stage.user(name) for name in ("Ann", "Bob", "Cat", "Eve")]
    chat_id = await stage.chat(ann, bob, cat)
    of_bob, also_of_bob, of_ann = [await say(one, chat_id) for one in (bob, bob, ann)]
    assert await delete(cat, chat_id, of_bob) == "NotTheAuthor"
    assert await delete(bob, chat_id, of_ann) == "NotTheAuthor"
    assert await delete(eve, chat_id, of_bob) == "NotAMember"
    assert await delete(ann, chat_id, of_bob) == ""
    assert await delete(bob, chat_id, also_of_bob) == ""
    assert [one.id for one in await history(stage, cat, chat_id)] == [of_ann]
    assert cat.heard("messageDeleted") == [{"chatId": chat_id, "id": one} for one in (of_bob, also_of_bob)]


async def test_the_new_owner_may_delete_messages_and_the_former_one_may_not(stage: Stage) -> None:
    ann, bob, cat = [await stage.user(name) for name in ("Ann", "Bob", "Cat")]
    chat_id = await stage.chat(ann, bob, cat)
    message_id = await say(cat, chat_id)
    await ann.does("leaveChat", {"chatId": chat_id})
    await ann.does("joinChat", chat_id)
    assert await delete(ann, chat_id, message_id) == "NotTheAuthor"
    assert await delete(bob, chat_id, message_id) == ""


async def test_in_a_private_chat_each_deletes_only_their_own(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    [place] = (await stage.store.memberships.of_user(ann.id, "", 9)).items
    message_id = await say(ann, place.chat_id)
    assert await delete(bob, place.chat_id, message_id) == "NotTheAuthor"
    assert await delete(ann, place.chat_id, message_id) == ""


async def test_a_deleted_message_cannot_be_edited_or_brought_back(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id = await say(bob, chat_id)
    await delete(bob, chat_id, message_id)
    assert await edit(bob, chat_id, message_id) == "MessageNotFound"
    again = {"chatId": chat_id, "id": message_id, "message": "hi"}
    assert await bob.code("saveMessage", again) == ""
    assert await ann.code("saveMessage", again) == "MessageIdTaken"
    assert await history(stage, ann, chat_id) == ()


async def test_what_was_never_said_cannot_be_edited_or_deleted(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id, other = await stage.chat(ann), await stage.chat(ann)
    message_id = await say(ann, chat_id)
    assert await edit(ann, other, message_id) == await delete(ann, other, message_id) == "MessageNotFound"
    assert await edit(ann, new_id(), message_id) == await delete(ann, new_id(), message_id) == "ChatNotFound"


@pytest.mark.parametrize("text", ["", " \n", "x" * 4001, "a\x00b", 5, None])
async def test_a_message_is_not_edited_into_what_could_not_be_said(stage: Stage, text: object) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    assert await edit(ann, chat_id, await say(ann, chat_id), text) == "BadRequest"


async def test_a_deleted_message_stays_a_place_from_which_to_read_on(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    told = [await say(ann, chat_id, str(number)) for number in range(5)]
    await delete(ann, chat_id, told[2])
    older = await messages.page(stage.backend, ann.id, chat_id, before=told[2])
    newer = await messages.page(stage.backend, ann.id, chat_id, after=told[2])
    assert ([one.id for one in older.items], [one.id for one in newer.items]) == (told[:2], told[3:])
    with pytest.raises(MessageNotFound):
        await messages.page(stage.backend, ann.id, chat_id, before=new_id())


async def test_members_are_mentioned_once_and_others_not_at_all(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await stage.chat(ann, bob)
    await say(ann, chat_id, mentions=[eve.id, bob.id, "nobody", bob.id, ann.id])
    [message] = await history(stage, ann, chat_id)
    assert message.mentions == (bob.id, ann.id)


@pytest.mark.parametrize("mentions", ["bob", [1], [""], ["x" * 129], ["x"] * 21, {"a": 1}])
async def test_mentions_that_are_none_are_refused(stage: Stage, mentions: object) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    data = {"chatId": chat_id, "id": new_id(), "message": "hi", "mentions": mentions}
    assert await ann.code("saveMessage", data) == "BadRequest"
