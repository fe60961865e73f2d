"""Search: which messages are found, by whom, and how much one call searches."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from shared.model.errors import ChatNotFound, MessageNotFound, NotAMember, Unavailable
from shared.model.limits import MESSAGE_CHARACTERS
from shared.model.records import Message, Position
from shared.rules.history import export, search
from shared.rules.history.long_reads import BATCH
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import Player, Stage, keep, new_id

Reading = Callable[[str, Position | None, int], Awaitable[tuple[Message, ...]]]


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def say(player: Player, chat_id: str, text: str) -> str:
    message_id = new_id()
    await player.does("saveMessage", {"chatId": chat_id, "id": message_id, "message": text})
    return message_id


async def filled(stage: Stage, author: Player, chat_id: str, texts: list[str]) -> None:
    """Saves many messages without checking for each whether its author may."""
    for text in texts:
        message = Message(new_id(), author.id, "Ann", text, stage.clock())
        assert await keep(stage.store, chat_id, message)


async def found(player: Player, text: str, chat_id: str = "") -> list[str]:
    """The texts of all hits, from all pages."""
    texts: list[str] = []
    after = ""
    while True:
        if chat_id:
            page = await search.in_chat(player.stage.backend, player.id, chat_id, text, after)
        else:
            page = await search.in_own_chats(player.stage.backend, player.id, text, after)
        texts += [hit.message.text for hit in page.items]
        if not (after := page.next):
            return texts


async def test_all_words_must_occur_in_either_case_newest_first(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    for text in ("Tea at FIVE", "five teas", "tea at six", "Straße", "cafe\u0301"):
        await say(ann, chat_id, text)
    for where in ("", chat_id):
        assert await found(ann, " five  TEA\t", where) == ["five teas", "Tea at FIVE"]
        assert await found(ann, "STRASSE", where) == ["Straße"]
        assert await found(ann, "café", where) == ["cafe\u0301"]
        assert await found(ann, "five seven", where) == []
        assert await found(ann, ".*", where) == []


async def test_one_folding_rule_decides_what_is_found(stage: Stage) -> None:
    cases = json.loads((Path(__file__).parents[2] / "folding" / "cases.json").read_text("utf-8"))
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    texts = [case["text"] for case in cases["found"] + cases["missed"]]
    await filled(stage, ann, chat_id, texts)
    for where in ("", chat_id):
        for case in cases["found"]:
            assert case["text"] in await found(ann, case["query"], where), case
        for case in cases["missed"]:
            assert case["text"] not in await found(ann, case["query"], where), case


async def test_others_get_their_turn_while_many_messages_are_searched(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    await filled(stage, ann, chat_id, ["hi"] * 400)
    searching = asyncio.create_task(found(ann, "tea", chat_id))
    turns = 0
    while not searching.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 400 / search.MESSAGES_IN_A_ROW
    # Some characters take 2 µs each to be folded; nobody is to wait for a tenth of a second.
    assert search.MESSAGES_IN_A_ROW * MESSAGE_CHARACTERS <= 20_000


async def test_only_ones_own_chats_are_searched(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    shared, other = await stage.chat(ann, bob), await stage.chat(ann)
    await ann.does("createPrivateChat", {"targetUserId": eve.id})
    [private] = (await stage.store.memberships.of_user(eve.id, "", 9)).items
    for chat_id, text in ((shared, "secret 1"), (other, "secret 2"), (private.chat_id, "secret 3")):
        await say(ann, chat_id, text)
    assert sorted(await found(ann, "secret")) == ["secret 1", "secret 2", "secret 3"]
    assert await found(bob, "secret") == ["secret 1"]
    assert await found(eve, "secret") == ["secret 3"]
    with pytest.raises(NotAMember):
        await found(bob, "secret", other)
    with pytest.raises(ChatNotFound):
        await found(bob, "secret", private.chat_id)
    await bob.does("leaveChat", {"chatId": shared})
    assert await found(bob, "secret") == []


async def test_a_chat_that_is_gone_is_not_searched_though_rows_of_it_are_left(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    await say(ann, chat_id, "secret")
    roster = await stage.store.chats.roster(chat_id, 9)
    assert roster is not None and await stage.store.chats.delete(roster, unless_joined=False)
    assert await found(bob, "secret") == []


async def test_what_was_edited_is_found_as_it_is_now_and_what_was_deleted_not_at_all(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    edited, deleted = await say(ann, chat_id, "tea"), await say(ann, chat_id, "tea too")
    await ann.does("editMessage", {"chatId": chat_id, "id": edited, "message": "coffee"})
    await ann.does("deleteMessage", {"chatId": chat_id, "id": deleted})
    assert (await found(ann, "tea"), await found(ann, "coffee")) == ([], ["coffee"])


async def test_more_chats_than_one_call_searches_are_searched_by_the_next(stage: Stage) -> None:
    ann = await stage.user("Ann")
    ids = [await stage.chat(ann) for _ in range(search.CHATS + 3)]
    for number, chat_id in enumerate(ids):
        await say(ann, chat_id, f"tea {number}")
    page = await search.in_own_chats(stage.backend, ann.id, "tea", "")
    assert len(page.items) == search.CHATS and page.next
    assert sorted(await found(ann, "tea")) == sorted(f"tea {number}" for number in range(len(ids)))


async def test_of_many_chats_the_newest_thousand_messages_are_searched_and_of_one_all(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    await filled(stage, ann, chat_id, ["tea, the oldest"] + ["nothing"] * search.NEWEST_OF_ONE)
    await filled(stage, ann, chat_id, ["tea"] + ["nothing"] * (search.NEWEST_OF_EACH - 1))
    assert await found(ann, "tea") == ["tea"]
    page = await search.in_chat(stage.backend, ann.id, chat_id, "tea", "")
    assert [hit.message.text for hit in page.items] == ["tea"] and page.next
    assert await found(ann, "tea", chat_id) == ["tea", "tea, the oldest"]


async def test_more_hits_than_one_answer_holds_come_with_the_next(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    texts = [f"tea {number}" for number in range(search.HITS + 5)]
    await filled(stage, ann, chat_id, texts)
    assert await found(ann, "tea", chat_id) == texts[::-1]
    assert await found(ann, "tea") == texts[::-1][: search.HITS]


async def test_an_unknown_place_to_go_on_from_is_refused(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    with pytest.raises(MessageNotFound):
        await search.in_chat(stage.backend, ann.id, chat_id, "tea", new_id())


class Hourglass:
    """A clock that advances only when messages are read, by a second per batch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        monkeypatch.setattr(search, "_time", lambda: self.seconds)

    def watch(self, stage: Stage) -> None:
        assert isinstance(stage.store, MemoryStore)
        stage.store.before_call = self._passes

    def _passes(self, name: str) -> None:
        self.seconds += name == "messages.newest"


@pytest.mark.parametrize("chats", [1, 5, 9, 30])
async def test_a_slow_search_returns_what_it_has_found_and_the_next_one_continues(
    monkeypatch: pytest.MonkeyPatch, stage: Stage, chats: int
) -> None:
    ann = await stage.user("Ann")
    texts = [f"tea {number}" for number in range(chats)]
    for text in texts:
        await say(ann, await stage.chat(ann), text)
    Hourglass(monkeypatch).watch(stage)
    calls, after, hits = 0, "", list[str]()
    while calls == 0 or after:
        page = await search.in_own_chats(stage.backend, ann.id, "tea", after)
        calls, after, hits = calls + 1, page.next, [*hits, *(hit.message.text for hit in page.items)]
    assert sorted(hits) == sorted(texts)
    # Six seconds, and what was being read when they were over.
    assert -(-chats // 7) <= calls <= -(-chats // 6)


async def test_a_chat_that_alone_takes_too_long_is_not_looked_at_for_ever(
    monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    monkeypatch.setattr(search, "LOOKING_SECONDS", 1.5)
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    await filled(stage, ann, chat_id, ["tea, the oldest"] + ["nothing"] * 700 + ["tea"])
    glass = Hourglass(monkeypatch)
    glass.watch(stage)
    assert await found(ann, "tea") == ["tea"]
    assert glass.seconds == 2
    assert await found(ann, "tea", chat_id) == ["tea", "tea, the oldest"]
    assert glass.seconds == 5


@pytest.mark.parametrize("stuck", [0, 1, 3])
async def test_what_was_found_before_storage_stalled_is_not_lost(
    monkeypatch: pytest.MonkeyPatch, stage: Stage, stuck: int
) -> None:
    monkeypatch.setattr(search, "WAITING_SECONDS", 0.05)
    ann = await stage.user("Ann")
    ids = sorted([await stage.chat(ann) for _ in range(5)])
    for number, chat_id in enumerate(ids):
        await say(ann, chat_id, f"tea {number}")
    newest = stage.store.messages.newest

    async def stalling(chat_id: str, *about: Any) -> tuple[Message, ...]:
        if chat_id == ids[stuck]:
            await asyncio.Event().wait()
        return await newest(chat_id, *about)

    monkeypatch.setattr(stage.store.messages, "newest", stalling)
    if stuck == 0:
        with pytest.raises(Unavailable):
            await search.in_own_chats(stage.backend, ann.id, "tea", "")
    else:
        page = await search.in_own_chats(stage.backend, ann.id, "tea", "")
        assert [hit.message.text for hit in page.items] == [f"tea {number}" for number in range(stuck)]
        assert page.next == ids[stuck - 1]
    # Whoever stalled holds nobody up afterwards.
    monkeypatch.undo()
    assert len(await found(ann, "tea")) == 5


async def test_few_batches_are_in_memory_however_many_searches_and_exports_run(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    await filled(stage, ann, chat_id, ["tea"] * 600)
    reading = most = 0

    def counted(read: Reading) -> Reading:
        async def call(chat_id: str, start: Position | None, limit: int) -> tuple[Message, ...]:
            nonlocal reading, most
            assert limit <= BATCH
            reading += 1
            most = max(most, reading)
            await asyncio.sleep(0)
            messages = await read(chat_id, start, limit)
            reading -= 1
            return messages

        return call

    for name, read in (("newest", stage.store.messages.newest), ("following", stage.store.messages.following)):
        monkeypatch.setattr(stage.store.messages, name, counted(read))
    await asyncio.gather(
        *(found(ann, "nowhere") for _ in range(5)),
        *(found(ann, "nowhere", chat_id) for _ in range(5)),
        *(export.page(stage.backend, ann.id, chat_id, "") for _ in range(5)),
    )
    assert most == 2
