"""A fault at any point of an event, then the service's retry: the result is the same as without the fault.

Each call of an event to storage and Web PubSub fails once, in separate runs: before it takes effect, after it (only the
answer is lost), or with all later calls (the process is killed).
"""

import asyncio
import random

import pytest

from tests.backend.faults import ENOUGH, played, set_up, state
from tests.backend.scenes import SCENES
from tests.backend.slow import MOMENTS, SlowSender, SlowStore
from tests.backend.stage import Stage

REPEATED = pytest.mark.parametrize("event_id", ["", "7"], ids=["by the client", "by the service"])


@REPEATED
@pytest.mark.parametrize(
    ("after", "kills"), [(False, False), (True, False), (False, True)], ids=["not done", "answer lost", "killed"]
)
@pytest.mark.parametrize("scene", SCENES)
async def test_a_retry_after_a_fault_at_any_point_ends_as_if_nothing_had_failed(
    scene: str, after: bool, kills: bool, event_id: str
) -> None:
    wanted, _ = await played(scene, fail_at=ENOUGH)
    for fail_at in range(1, ENOUGH):
        found, failed = await played(scene, fail_at, after, event_id, kills)
        if not failed:
            assert fail_at > 2
            return
        assert found == wanted, f"after a fault at call {fail_at}"
    pytest.fail("the scene makes more calls than the test fails")


@REPEATED
@pytest.mark.parametrize("scene", SCENES)
async def test_an_event_that_is_delivered_twice_changes_nothing_more(scene: str, event_id: str) -> None:
    wanted, _ = await played(scene, fail_at=ENOUGH)
    stage, players, act = await set_up(scene, Stage())
    stage.event_id = event_id
    await act(players)
    await act(players)
    assert state(stage, players) == wanted


@pytest.mark.parametrize("scene", SCENES)
async def test_an_event_that_is_delivered_twice_at_the_same_moment_ends_as_one(scene: str) -> None:
    wanted, _ = await played(scene, fail_at=ENOUGH)
    for seed in range(MOMENTS):
        chance = random.Random(seed)
        stage, players, act = await set_up(scene, Stage(SlowStore(chance), SlowSender(chance)))
        stage.event_id = "7"
        await asyncio.gather(act(players), act(players))
        assert state(stage, players) == wanted, f"in play {seed}"
