"""A call that is cancelled at its deadline, at any point: nothing of it runs on, and nothing stays half done.

At the deadline all pending calls are cancelled at once, unlike with a fault of a single call. Each event is cancelled
at each of its calls to storage and Web PubSub, before the call takes effect and after. Then its sender retries, or
somebody else just reads.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.flow.deadline import ABANDONED_AFTER
from shared.model.clock import SECOND
from shared.model.records import Message
from shared.rules.chats import directory, own_list
from shared.rules.history import messages
from shared.rules.presence import ghosts, online_list
from tests.backend.broken_off import CHANGES, ENDS, assert_only_members_have_rights, assert_whole
from tests.backend.faults import ENOUGH, played, set_up, state
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.scenes import CHAT, MESSAGE, SCENES, Act
from tests.backend.stage import Player, Stage, keep, new_id

BEHIND = pytest.mark.parametrize("behind", [False, True], ids=["before a call", "behind a call"])


class Stalling:
    """A store and a sender that stall from call number ``at`` on.

    ``behind``: the call takes effect, and only its answer stalls.
    """

    def __init__(self, behind: bool) -> None:
        self.behind = behind
        self.at = self.number = 0
        self.stalled = asyncio.Event()

    def over(self, stage: Stage) -> None:
        for part in [*vars(stage.store).values(), stage.sender]:
            for name, call in inspect.getmembers(part, inspect.iscoroutinefunction):
                if not name.startswith("_") and name != "turn":
                    setattr(part, name, self._stalling(name, call))

    def _stalling(self, name: str, call: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def made(*arguments: object, **named: object) -> object:
            if not self.at:
                return await call(*arguments, **named)
            self.number += 1
            number = self.number
            if number > self.at or (number == self.at and not self.behind):
                await self._stall()
            answer = await call(*arguments, **named)
            if number == self.at:
                await self._stall()
            return answer

        return made

    async def _stall(self) -> None:
        self.stalled.set()
        await asyncio.Event().wait()


async def cut_off(scene: str, at: int, behind: bool) -> tuple[Stage, list[Player], Act, bool]:
    """A scene whose event reached its deadline while call ``at`` was stalling, and whether it got that far."""
    stalling = Stalling(behind)
    stage, players, act = await set_up(scene, Stage(MemoryStore(), MemorySender()))
    stalling.over(stage)
    stalling.at = at
    before = asyncio.all_tasks()
    call, stalls = asyncio.ensure_future(act(players)), asyncio.ensure_future(stalling.stalled.wait())
    await asyncio.wait((call, stalls), return_when=asyncio.FIRST_COMPLETED)
    was_cut = not call.done()
    for task in (call, stalls):
        task.cancel()
    await asyncio.wait((call, stalls))
    assert asyncio.all_tasks() == before, f"something of {scene} runs on behind call {at}"
    assert call.cancelled() is was_cut
    stalling.at = 0
    return stage, players, act, was_cut


async def every_cut(scene: str, behind: bool) -> AsyncIterator[tuple[Stage, list[Player], Act]]:
    """The scene cancelled at each of its calls."""
    for at in range(1, ENOUGH):
        stage, players, act, was_cut = await cut_off(scene, at, behind)
        if not was_cut:
            assert at > 1
            return
        yield stage, players, act
    pytest.fail("the scene makes more calls than the test cuts it off at")


def later(stage: Stage) -> None:
    """Passes enough time for abandoned work to be taken over."""
    stage.clock.pass_seconds(max(2 * ABANDONED_AFTER / SECOND, ghosts.UNSEEN_SECONDS))


@BEHIND
@pytest.mark.parametrize("scene", SCENES)
async def test_a_retry_after_the_deadline_ends_as_if_the_first_attempt_had_not_been_cancelled(
    scene: str, behind: bool
) -> None:
    wanted, _ = await played(scene, fail_at=ENOUGH)
    async for stage, players, act in every_cut(scene, behind):
        await act(players)
        assert state(stage, players) == wanted


@BEHIND
@pytest.mark.parametrize("scene", CHANGES)
async def test_a_membership_change_that_nobody_retries_is_settled_once_everybody_has_read(
    scene: str, behind: bool
) -> None:
    async for stage, players, _ in every_cut(scene, behind):
        later(stage)
        for player in players:
            await own_list.page(stage.backend, player.id, "")
        await directory.page(stage.backend, "")
        await assert_whole(stage, players)
        assert not stage.memory.chats.endings[CHAT]


@BEHIND
@pytest.mark.parametrize(("scene", "goes", "reads"), ENDS)
async def test_an_end_that_nobody_retries_is_finished_when_somebody_else_reads(
    scene: str, goes: int, reads: int, behind: bool
) -> None:
    async for stage, players, _ in every_cut(scene, behind):
        later(stage)
        await own_list.page(stage.backend, players[reads].id, "")
        await directory.page(stage.backend, "")
        assert_only_members_have_rights(stage, players, but=goes)


@BEHIND
@pytest.mark.parametrize("scene", ["userConnected", "userEnterIdle", "userExitIdle", "disconnected"])
async def test_a_change_of_presence_that_nobody_retries_is_announced_by_a_reader(scene: str, behind: bool) -> None:
    async for stage, players, _ in every_cut(scene, behind):
        later(stage)
        await online_list.page(stage.backend, players[2].id, "")
        assert all(not row.owes and not row.gone for row in stage.memory.presence.rows.values())
        open_tabs = {stage.sender.users[tab] for tab in stage.sender.users}
        assert set(stage.memory.presence.rows) <= open_tabs


@BEHIND
async def test_a_deletion_that_nobody_retries_leaves_no_visible_reactions(behind: bool) -> None:
    async for stage, players, _ in every_cut("deleteMessage of one with reactions", behind):
        is_deleted = stage.memory.messages.index[CHAT][MESSAGE].deleted
        for time in (1, stage.clock()):
            assert await keep(stage.store, CHAT, Message(new_id(), players[0].id, "Ann", "hi", time))
        await messages.page(stage.backend, players[0].id, CHAT)
        assert bool(stage.memory.reactions.rows[CHAT]) is not is_deleted
