"""A change that a member began does not reach the history after the membership has ended.

The end runs in between at each call of the change, is killed at each of its own calls, and is retried, on another
instance than the change. Once the end has been answered, the history does not change any more.
"""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from shared.backend import Actor, Backend
from shared.flow.locks import OF_ONE, Locks
from shared.model.errors import NotAMember, Unavailable
from shared.rules.history import messages
from shared.wire.chat_events import MessageSaved
from shared.wire.events import SaveMessage
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.slow import others_first
from tests.backend.stage import Player, Stage, new_id

MINE, REACTED, THEIRS = new_id(), new_id(), new_id()
CHANGES: dict[str, tuple[str, dict[str, object]]] = {
    "a message": ("saveMessage", {"id": new_id(), "message": "late"}),
    "another text": ("editMessage", {"id": MINE, "message": "late"}),
    "an end of a message": ("deleteMessage", {"id": MINE}),
    "a reaction": ("react", {"id": MINE, "emoji": "👍", "on": True}),
    "one reaction less": ("react", {"id": REACTED, "emoji": "👍", "on": False}),
}
OF_OWNERS: dict[str, tuple[str, dict[str, object]]] = {
    **CHANGES,
    "an end of another's message": ("deleteMessage", {"id": THEIRS}),
}
ENDINGS: dict[str, Callable[["Scene"], Awaitable[object]]] = {
    "leaves": lambda scene: scene.who.does("leaveChat", {"chatId": scene.chat_id}),
    "is removed": lambda scene: scene.other.does("removeMember", {"chatId": scene.chat_id, "userId": scene.who.id}),
    "loses the chat": lambda scene: scene.other.does("deleteChat", scene.chat_id),
}
MOST_CALLS = 60
# The last one means that it is not killed.
KILLED_AT = (1, 5, 9, MOST_CALLS)
# A change may be refused because the message is gone or not the user's, before the membership is found to be gone.
REFUSALS = ("NotAMember", "ChatNotFound", "MessageNotFound", "NotTheAuthor")
# Tells the calls of the end from the concurrent ones of the change, which go on.
is_ending = ContextVar("is_ending", default=False)


@dataclass
class Scene:
    """The one who changes something, and the chat's other member."""

    stage: Stage
    chat_id: str
    who: Player
    other: Player

    def history(self) -> Any:
        store = self.stage.store
        assert isinstance(store, MemoryStore)
        parts = store.messages.rows, store.messages.index, store.reactions.rows
        return deepcopy([part.get(self.chat_id, {}) for part in parts])

    @asynccontextmanager
    async def another_instance(self) -> AsyncIterator[None]:
        """Another instance, which has its own locks."""
        kept: Backend = self.stage.backend
        self.stage.backend = replace(kept, locks=Locks())
        yield
        self.stage.backend = kept


async def set_up(moderated: bool, owner: bool, admitted: bool) -> Scene:
    """Ann's chat with Bob. With ``owner`` Ann makes the change, else Bob."""
    stage = Stage(MemoryStore(), MemorySender())
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob, moderated=moderated)
    who, other = (ann, bob) if owner else (bob, ann)
    for author, message_id in ((who, MINE), (who, REACTED), (other, THEIRS)):
        await author.does("saveMessage", {"chatId": chat_id, "id": message_id, "message": "hi"})
    await who.does("react", {"chatId": chat_id, "id": REACTED, "emoji": "👍", "on": True})
    if not admitted:
        await stage.store.messages.bar(chat_id, who.id)
    return Scene(stage, chat_id, who, other)


async def killed_and_tried_again(scene: Scene, ending: str, kill_at: int) -> None:
    """The end, first killed at its call number ``kill_at``, then retried."""
    calls = itertools.count(1)

    def before_call(name: str) -> None:
        if is_ending.get() and next(calls) >= kill_at:
            raise Unavailable

    store, sender = scene.stage.store, scene.stage.sender
    assert isinstance(store, MemoryStore)
    store.before_call = sender.before_call = before_call
    is_ending.set(True)
    with suppress(Unavailable):
        await ENDINGS[ending](scene)
    is_ending.set(False)
    await ENDINGS[ending](scene)


async def was_in_time(scene: Scene, event: str, data: dict[str, object], ending: str, at: int, kill_at: int) -> bool:
    """Whether a change was made when the end ran at its call number ``at``; fails if the change came too late.

    Raises IndexError if the change makes fewer calls.
    """
    calls, before, ended = itertools.count(1), scene.history(), list[object]()

    async def turn() -> None:
        if not ended and next(calls) == at:
            ended.append(None)
            async with scene.another_instance():
                await killed_and_tried_again(scene, ending, kill_at)
            ended[0] = scene.history()

    scene.stage.memory.turn = scene.stage.sender.turn = turn
    code = await scene.who.code(event, {"chatId": scene.chat_id, **data})
    assert scene.history() == ended[0], f"done although {code or 'acknowledged'}"
    assert code in ("", *REFUSALS)
    if ending != "loses the chat":
        assert (ended[0] != before) == (code == "")
        assert scene.who.id not in scene.stage.memory.messages.writers[scene.chat_id]
    return not code


async def assert_never_late(change: tuple[str, dict[str, object]], ending: str, **scene: bool) -> None:
    for kill_at in KILLED_AT:
        for at in range(1, MOST_CALLS):
            try:
                await was_in_time(await set_up(**scene), *change, ending, at, kill_at)
            except IndexError:
                assert at > 4
                break
            except AssertionError as problem:
                raise AssertionError(f"{ending} at call {at}, killed at its {kill_at}: {problem}") from problem


@pytest.mark.parametrize("admitted", [True, False], ids=["", "of the first version"])
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("change", CHANGES)
async def test_no_change_by_a_member_succeeds_after_the_membership_has_ended(
    change: str, ending: str, admitted: bool
) -> None:
    for moderated in (False, True) if change == "a message" else (False,):
        await assert_never_late(CHANGES[change], ending, moderated=moderated, owner=False, admitted=admitted)


@pytest.mark.parametrize("change", OF_OWNERS)
async def test_no_change_by_an_owner_succeeds_after_the_chat_was_handed_over(change: str) -> None:
    await assert_never_late(OF_OWNERS[change], "leaves", moderated=False, owner=True, admitted=True)


async def test_a_member_of_the_first_version_may_write_from_the_first_change_on() -> None:
    for event, data in CHANGES.values():
        scene = await set_up(moderated=False, owner=False, admitted=False)
        before = scene.history()
        for _ in range(2):
            assert await scene.who.code(event, {"chatId": scene.chat_id, **data}) == ""
        assert scene.history() != before


@pytest.mark.parametrize("ending", ["leaves", "is removed"])
async def test_no_message_that_waits_for_a_lock_is_saved_after_the_membership_has_ended(ending: str) -> None:
    """On three instances, in random order: exactly what was acknowledged is saved."""
    for seed in range(30):
        chance = random.Random(seed)
        scene = await set_up(moderated=False, owner=False, admitted=True)
        stage = scene.stage
        stage.memory.turn = stage.sender.turn = partial(others_first, chance)
        instances = itertools.cycle([replace(stage.backend, locks=Locks()) for _ in range(3)])
        ids = [new_id() for _ in range(3 * OF_ONE)]
        events = [SaveMessage(scene.chat_id, message_id, "late") for message_id in ids]
        by = Actor(scene.who.id, "")
        saving = [asyncio.create_task(messages.save(next(instances), by, event)) for event in events]
        for _ in range(chance.randrange(150)):
            await asyncio.sleep(0)
        await ENDINGS[ending](scene)
        kept = {one for one in ids if one in scene.history()[0]}
        answers = await asyncio.gather(*saving, return_exceptions=True)
        acknowledged = {one.id for one in answers if isinstance(one, MessageSaved)}
        assert {type(one) for one in answers} <= {MessageSaved, NotAMember}
        assert {one for one in ids if one in scene.history()[0]} == kept == acknowledged, f"in play {seed}"
