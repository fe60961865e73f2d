"""Concurrency limits in one process, and the queues in front of them."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.flow import limiter
from shared.flow.limiter import SPREAD_SECONDS, Bounds, Limiter
from shared.model.errors import TooManyRequests

FEW = Bounds("searches", of_one=2, of_all=4, in_line=3)
OTHER = Bounds("looks", of_one=1, of_all=2)


class Hall:
    """The holders of places, in order of arrival; each holds its place until told to leave."""

    def __init__(self) -> None:
        self.limiter = Limiter()
        self.running: list[tuple[str, Bounds, asyncio.Event]] = []
        self.calls: dict[asyncio.Task[str], tuple[str, Bounds]] = {}

    def comes(self, caller: str, bounds: Bounds = FEW) -> asyncio.Task[str]:
        task = asyncio.ensure_future(self._run(caller, bounds))
        self.calls[task] = caller, bounds
        return task

    async def _run(self, caller: str, bounds: Bounds) -> str:
        me = caller, bounds, asyncio.Event()
        try:
            async with self.limiter.hold(caller, bounds):
                self.running.append(me)
                try:
                    await me[2].wait()
                finally:
                    self.running.remove(me)
        except TooManyRequests as refusal:
            assert 1 <= (refusal.retry_after or 0) <= SPREAD_SECONDS
            return "refused"
        return "ran"

    def of(self, bounds: Bounds) -> list[str]:
        return [caller for caller, kind, _ in self.running if kind is bounds]

    def first_goes(self) -> None:
        if self.running:
            self.running[0][2].set()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def empty(self) -> None:
        while pending := [task for task in self.calls if not task.done()]:
            for _, _, leave in self.running:
                leave.set()
            await asyncio.wait(pending, timeout=0)
        assert not self.limiter._held and not self.limiter._of_kind and not any(self.limiter._lines.values())


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["comes", "comes", "goes", "gives up"]),
        st.sampled_from("abcdef"),
        st.sampled_from([FEW, OTHER]),
    ),
    max_size=60,
)


@given(STEPS, st.booleans())
async def test_no_limit_is_exceeded_nobody_waits_while_a_place_is_free_and_all_places_are_freed(
    steps: list[tuple[str, str, Bounds]], at_once: bool
) -> None:
    hall = Hall()
    for what, caller, bounds in steps:
        if what == "comes":
            hall.comes(caller, bounds)
        elif what == "goes":
            hall.first_goes()
        elif pending := [task for task in hall.calls if not task.done()]:
            pending[ord(caller) % len(pending)].cancel()
        if not at_once:
            await hall.settle()
        for kind in (FEW, OTHER):
            there = hall.of(kind)
            assert len(there) <= kind.of_all and all(count <= kind.of_one for count in Counter(there).values())
    await hall.settle()
    waiting = [task for task in hall.calls if not task.done() and hall.calls[task][1] is FEW]
    in_line = len(waiting) - len(hall.of(FEW))
    assert 0 <= in_line <= FEW.in_line and (not in_line or len(hall.of(FEW)) == FEW.of_all)
    await hall.empty()


@given(st.integers(1, 3), st.integers(1, 20))
async def test_callers_who_retry_all_the_time_cannot_starve_others(greedy: int, before: int) -> None:
    """Each caller runs as many calls as allowed, and starts another at the moment when one ends."""
    hall = Hall()

    async def insists(caller: str) -> None:
        while True:
            await hall.comes(caller)

    insisting = [asyncio.ensure_future(insists(f"greedy {number % greedy}")) for number in range(4 * greedy)]
    for _ in range(before):
        hall.first_goes()
        await asyncio.sleep(0)
    honest = hall.comes("ann")
    for _ in range(greedy + 1):
        await asyncio.sleep(0)
        hall.first_goes()
    await hall.settle()
    assert "ann" in hall.of(FEW) or honest.done()
    for task in insisting:
        task.cancel()
    await asyncio.wait(insisting)
    await hall.empty()
    assert honest.result() == "ran"


async def test_a_caller_whose_wait_times_out_is_refused_and_leaves_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "WAIT_SECONDS", 0)
    hall = Hall()
    for number in range(FEW.of_all):
        hall.comes(f"user {number}")
    assert [await hall.comes("ann") for _ in range(2)] == ["refused", "refused"]
    await hall.empty()


async def test_callers_refused_at_the_same_time_are_told_to_retry_at_different_times() -> None:
    limits, told = Limiter(), Counter[int | None]()
    async with limits.hold("", OTHER), limits.hold("", OTHER):
        for number in range(300):
            with pytest.raises(TooManyRequests) as refusal:
                async with limits.hold(f"user {number}", OTHER):
                    pass
            told[refusal.value.retry_after] += 1
    assert set(told) == set(range(1, SPREAD_SECONDS + 1)) and max(told.values()) < 200
