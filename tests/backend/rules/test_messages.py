"""History: messages are saved once, and read in pages in a stable order, by members only."""

import asyncio
from dataclasses import replace

import pytest

from shared.backend import Actor
from shared.flow import deadline
from shared.flow.deadline import Deadline
from shared.flow.locks import LINE, Locks
from shared.model.clock import iso
from shared.model.errors import BadRequest, ChatrError, MessageNotFound, Unavailable
from shared.model.message_ids import author_digits, may_use
from shared.model.records import Head, Message
from shared.ports.store.messages import Outcome
from shared.rules.chats import own_list
from shared.rules.history import messages
from shared.wire.chat_events import MessageDeleted, MessageSaved
from shared.wire.events import SaveMessage
from tests.backend.stage import Player, Stage, new_id


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def say(player: Player, chat_id: str, text: str, message_id: str = "") -> str:
    message_id = message_id or new_id()
    await player.does("saveMessage", {"chatId": chat_id, "id": message_id, "message": text})
    return message_id


async def test_a_message_is_kept_with_its_authors_name_from_sign_in(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    first = await say(bob, chat_id, "hi")
    data = {"chatId": chat_id, "id": new_id(), "message": "yes\n\tindeed", "replyTo": first, "fromUserName": "Mallory"}
    await ann.does("saveMessage", data)
    page = await messages.page(stage.backend, ann.id, chat_id)
    assert [(one.text, one.author, one.author_name) for one in page.items] == [
        ("hi", bob.id, "Bob"),
        ("yes\n\tindeed", ann.id, "Ann"),
    ]
    assert page.items[1].reply_to == first and page.next == ""


async def test_a_message_that_is_repeated_is_kept_once(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    message_id = await say(ann, chat_id, "hi")
    await say(ann, chat_id, "hi", message_id)
    assert len((await messages.page(stage.backend, ann.id, chat_id)).items) == 1


async def test_anothers_message_id_is_refused(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    message_id = await say(ann, chat_id, "hi")
    code = await bob.code("saveMessage", {"chatId": chat_id, "id": message_id, "message": "forged"})
    assert code == "MessageIdTaken"
    assert [one.text for one in (await messages.page(stage.backend, ann.id, chat_id)).items] == ["hi"]


async def test_an_id_that_names_its_author_is_for_nobody_else(stage: Stage) -> None:
    """Others see the id before the message is saved, and must not be able to use it first."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    seen = f"00000000-0000-8c4a-8000-{author_digits(ann.id)}"
    for spelt in (seen, seen.upper()):
        assert await bob.code("saveMessage", {"chatId": chat_id, "id": spelt, "message": "forged"}) == "MessageIdTaken"
    assert await say(ann, chat_id, "hi", seen)
    assert [one.author for one in (await messages.page(stage.backend, ann.id, chat_id)).items] == [ann.id]


@pytest.mark.parametrize("other", ["00000000-0000-4c4a-8000-", "00000000-0000-8000-8000-", "00000000-0000-8c4a-c000-"])
def test_other_ids_name_nobody(other: str) -> None:
    """The page computes the same digits for this user id: frontend/tests/habits.test.ts."""
    assert author_digits("guest_ada") == "c2ebf00e563c"
    assert may_use("guest_bob", f"{other}c2ebf00e563c") and may_use("guest_ada", f"{other}c2ebf00e563d")


async def test_only_members_keep_and_read_messages(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await stage.chat(ann, bob)
    assert await eve.code("saveMessage", {"chatId": chat_id, "id": new_id(), "message": "hi"}) == "NotAMember"
    await bob.does("leaveChat", {"chatId": chat_id})
    for outsider in (eve, bob):
        with pytest.raises(ChatrError, match="not a member"):
            await messages.page(stage.backend, outsider.id, chat_id)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001, "a\x00b", "\x1b[31m", 5, None, {"x": 1}])
async def test_a_text_that_is_no_message_is_refused(stage: Stage, text: object) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    assert await ann.code("saveMessage", {"chatId": chat_id, "id": new_id(), "message": text}) == "BadRequest"


async def test_pages_cover_everything_once_in_both_directions(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    said = [await say(ann, chat_id, str(number)) for number in range(23)]
    page = await messages.page(stage.backend, ann.id, chat_id, limit=5)
    back = [one.id for one in page.items]
    while page.next:
        page = await messages.page(stage.backend, ann.id, chat_id, before=back[0], limit=5)
        back = [one.id for one in page.items] + back
    assert back == said
    page = await messages.page(stage.backend, ann.id, chat_id, after=said[0], limit=5)
    forward = [one.id for one in page.items]
    while page.next:
        page = await messages.page(stage.backend, ann.id, chat_id, after=forward[-1], limit=5)
        forward += [one.id for one in page.items]
    assert forward == said[1:]


async def test_a_page_that_ends_with_the_history_says_that_there_is_no_more(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    first, *_ = [await say(ann, chat_id, str(number)) for number in range(5)]
    assert (await messages.page(stage.backend, ann.id, chat_id, limit=5)).next == ""
    assert (await messages.page(stage.backend, ann.id, chat_id, after=first, limit=4)).next == ""
    assert (await messages.page(stage.backend, ann.id, chat_id, after=first, limit=3)).next != ""


async def test_messages_of_the_same_instant_stand_in_the_order_in_which_they_were_kept(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    start = stage.clock.time
    said = []
    for number in range(6):
        stage.clock.time = start
        said.append(await say(ann, chat_id, str(number)))
    newest = await messages.page(stage.backend, ann.id, chat_id, limit=3)
    older = await messages.page(stage.backend, ann.id, chat_id, before=newest.items[0].id, limit=3)
    assert [one.id for one in (*older.items, *newest.items)] == said


async def test_the_author_is_told_the_time_of_a_message_even_on_a_retry(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    ids = [new_id() for _ in range(4)]
    told = [
        await one.does("saveMessage", {"chatId": chat_id, "id": message_id, "message": "hi"})
        for one, message_id in zip((ann, bob, ann, bob), ids, strict=True)
    ]
    again = await bob.does("saveMessage", {"chatId": chat_id, "id": ids[1], "message": "hi"})
    page = await messages.page(stage.backend, ann.id, chat_id)
    assert told == [MessageSaved(chat_id, one.id, iso(one.time)) for one in page.items]
    assert again == told[1]


async def test_retrying_a_message_that_was_deleted_since_is_answered_with_the_deletion(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    message_id = await say(ann, chat_id, "hi")
    await ann.does("deleteMessage", {"chatId": chat_id, "id": message_id})
    told = await ann.does("saveMessage", {"chatId": chat_id, "id": message_id, "message": "hi"})
    assert told == MessageDeleted(chat_id, message_id)


async def test_no_two_messages_share_what_pages_see_of_their_time_whatever_clocks_say(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    start = stage.clock.time
    for number in range(5):
        stage.clock.time = start + 300 * number
        await say(ann, chat_id, str(number))
    page = await messages.page(stage.backend, ann.id, chat_id)
    times = [iso(one.time) for one in page.items]
    assert [one.text for one in page.items] == list("01234") and times == sorted(set(times))


async def behind(reader: Player, chat_id: str, message_id: str) -> list[str]:
    """The messages that somebody finds who has read up to a message."""
    return [one.text for one in (await messages.page(reader.stage.backend, reader.id, chat_id, after=message_id)).items]


async def unread(reader: Player) -> int:
    [chat] = (await own_list.page(reader.stage.backend, reader.id, "")).items
    return chat.unread


async def test_an_instance_with_a_slow_clock_adds_no_message_before_what_was_read(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    stage.clock.pass_seconds(10)
    first = await say(ann, chat_id, "first")
    await bob.does("markRead", {"chatId": chat_id, "id": first})
    stage.clock.pass_seconds(-5)
    await say(ann, chat_id, "second")
    await say(ann, chat_id, "third")
    assert await behind(bob, chat_id, first) == ["second", "third"]
    assert await unread(bob) == 2


async def test_a_message_saved_slowly_comes_after_what_was_read_meanwhile(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    save, held, released = stage.store.messages.save, asyncio.Event(), asyncio.Event()

    async def slow(chat_id: str, message: Message, head: Head) -> Outcome:
        if message.text == "slow":
            held.set()
            await released.wait()
        return await save(chat_id, message, head)

    monkeypatch.setattr(stage.store.messages, "save", slow)
    slowly = asyncio.create_task(say(ann, chat_id, "slow"))
    await held.wait()
    quick = new_id()
    another_instance = replace(stage.backend, locks=Locks())
    await messages.save(another_instance, Actor(bob.id, ""), SaveMessage(chat_id, quick, "quick"))
    await bob.does("markRead", {"chatId": chat_id, "id": quick})
    assert await behind(bob, chat_id, quick) == [] and await unread(bob) == 0
    released.set()
    await slowly
    assert await behind(bob, chat_id, quick) == ["slow"] and await unread(bob) == 1


async def test_messages_that_wait_for_a_stalled_one_fail_at_their_own_deadline(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    save, held, released = stage.store.messages.save, asyncio.Event(), asyncio.Event()

    async def hanging(chat_id: str, message: Message, head: Head) -> Outcome:
        held.set()
        await released.wait()
        return await save(chat_id, message, head)

    monkeypatch.setattr(stage.store.messages, "save", hanging)
    hangs = asyncio.create_task(say(ann, chat_id, "hangs"))
    await held.wait()
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", 0.01)
    with pytest.raises(Unavailable):
        async with Deadline().bounds():
            await bob.does("saveMessage", {"chatId": chat_id, "id": new_id(), "message": "hi"})
    released.set()
    await hangs
    await say(bob, chat_id, "again")
    page = await messages.page(stage.backend, ann.id, chat_id)
    assert [one.text for one in page.items] == ["hangs", "again"]


async def test_of_a_crowd_that_writes_at_once_those_beyond_the_line_are_told_so_before_anything_is_read(
    stage: Stage,
) -> None:
    users = [await stage.user(f"User{number}") for number in range(LINE + 20)]
    chat_id, ids = await stage.chat(*users), {user.id: new_id() for user in users}
    calls: list[str] = []
    stage.memory.before_call = calls.append

    async def says(user: Player) -> str:
        return await user.code("saveMessage", {"chatId": chat_id, "id": ids[user.id], "message": "hi"})

    codes = await asyncio.gather(*map(says, users))
    assert codes == LINE * [""] + 20 * ["TooManyRequests"]
    # One after another none outruns another: the chat, the member, the head, and the message.
    assert len(calls) == LINE * 4
    assert [await says(user) for user in users[LINE:]] == 20 * [""]
    kept = await stage.store.messages.following(chat_id, None, 99)
    assert [one.id for one in kept] == [ids[user.id] for user in users]


async def test_a_message_that_others_outrun_again_and_again_is_refused_for_now(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    save = stage.store.messages.save

    async def outrun(chat_id: str, message: Message, head: Head) -> Outcome:
        await save(chat_id, replace(message, id=new_id()), head)
        return await save(chat_id, message, head)

    monkeypatch.setattr(stage.store.messages, "save", outrun)
    assert await ann.code("saveMessage", {"chatId": chat_id, "id": new_id(), "message": "hi"}) == "Unavailable"


async def test_a_cursor_that_is_unknown_or_ambiguous_is_refused(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    with pytest.raises(MessageNotFound):
        await messages.page(stage.backend, ann.id, chat_id, before=new_id())
    with pytest.raises(BadRequest):
        await messages.page(stage.backend, ann.id, chat_id, before=new_id(), after=new_id())
