"""Export: the whole chat, page by page, for its members only, as a file with a safe name."""

import json
import re

import pytest

from shared.backend import Backend
from shared.clients import process
from shared.model.errors import ChatNotFound, MessageNotFound, NotAMember
from shared.model.records import Chat, Message
from shared.rules.history import export
from shared.rules.history.export import file_name
from tests.backend.function_calls import call, principal
from tests.backend.stage import Stage, keep, new_id


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Tea", "chat-tea"),
        ('a"b\\c/../d\r\nX: y', "chat-a-b-c-d-x-y"),
        ("Ünï  cödé!", "chat-uni-code"),
        ("Łódź, Straße", "chat-lodz-strasse"),
        ("喫茶", "chat"),
        ("", "chat"),
        ("CON", "chat-con"),
        ("x" * 100, "chat-" + "x" * 60),
    ],
)
def test_a_file_is_named_after_its_chat_in_harmless_characters(name: str, file: str) -> None:
    assert file_name(Chat("c", name, "ann", "public")) == file


async def test_only_members_export_and_only_from_a_place_that_is_there(stage: Stage) -> None:
    ann, eve = await stage.user("Ann"), await stage.user("Eve")
    chat_id = await stage.chat(ann)
    for outsider, where, problem in ((eve, chat_id, NotAMember), (ann, new_id(), ChatNotFound)):
        with pytest.raises(problem):
            await export.page(stage.backend, outsider.id, where, "")
    with pytest.raises(MessageNotFound):
        await export.page(stage.backend, ann.id, chat_id, new_id())


async def test_following_the_links_gives_every_message_once_in_order(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann, name="Tea & talk")
    process.use(Backend(stage.backend.settings, stage.store, stage.sender, stage.clock))
    told = [Message(new_id(), ann.id, "Ann", f"line\n{number}", stage.clock()) for number in range(2_001)]
    for message in told:
        await keep(stage.store, chat_id, message)
    await ann.does("react", {"chatId": chat_id, "id": told[0].id, "emoji": "👍", "on": True})
    await ann.does("editMessage", {"chatId": chat_id, "id": told[1].id, "message": "other"})
    await ann.does("deleteMessage", {"chatId": chat_id, "id": told[2].id})
    address, pages = f"chats/{chat_id}/export", []
    while address:
        answer = await call("GET", address, principal(ann.id))
        assert (answer.status, answer.headers["content-type"]) == (200, "application/x-ndjson")
        assert answer.headers["content-disposition"] == 'attachment; filename="chat-tea-talk.jsonl"'
        assert answer.headers["cache-control"] == "no-store"
        assert answer.body.endswith(b"\n")
        pages.append([json.loads(line) for line in answer.body.splitlines()])
        link = re.fullmatch(r'</api/([^>]+)>; rel="next"', answer.headers.get("link", ""))
        address = link[1] if link else ""
    await process.close()
    assert [len(page) for page in pages] == [1_000, 1_000]
    lines = [line for page in pages for line in page]
    assert [line["id"] for line in lines] == [one.id for one in told if one is not told[2]]
    assert (lines[0]["reactions"], lines[0]["message"]) == ({"👍": [ann.id]}, "line\n0")
    assert lines[1]["message"] == "other" and lines[1]["editedAt"]


async def test_an_empty_chat_is_an_empty_file(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    process.use(Backend(stage.backend.settings, stage.store, stage.sender, stage.clock))
    answer = await call("GET", f"chats/{chat_id}/export", principal(ann.id))
    await process.close()
    assert (answer.status, answer.body, "link" in answer.headers) == (200, b"", False)
