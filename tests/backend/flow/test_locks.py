"""Per-name locks with bounded queues: who waits for whom, and who is refused because a queue is full."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shared.flow.locks import LINE, OF_ONE, SPREAD_SECONDS, WAITING, Locks
from shared.model.errors import TooManyRequests

# Who wants which lock.
CROWD = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 40).map(str)), max_size=300)


class Scene:
    """Callers in the queues of locks that are held until the test releases them."""

    def __init__(self) -> None:
        self.locks = Locks()
        self.inside: Counter[str] = Counter()
        self.done: list[tuple[str, str]] = []
        self.refused: list[int | None] = []
        self._open = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def come(self, name: str, user_id: str) -> bool:
        """Whether a caller is let into a queue."""
        before = len(self.refused)
        self._tasks.append(asyncio.create_task(self._turn(name, user_id)))
        await asyncio.sleep(0)
        return len(self.refused) == before

    async def _turn(self, name: str, user_id: str) -> None:
        try:
            async with self.locks.hold(name, user_id):
                self.inside[name] += 1
                assert self.inside[name] == 1
                await self._open.wait()
                self.inside[name] -= 1
                self.done.append((name, user_id))
        except TooManyRequests as refusal:
            self.refused.append(refusal.retry_after)

    async def leave(self, number: int) -> None:
        """Cancels the caller with this number, as a deadline does."""
        self._tasks[number].cancel()
        await asyncio.gather(self._tasks[number], return_exceptions=True)

    async def go(self) -> None:
        self._open.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def waiting(let_in: Sequence[tuple[str, str]]) -> int:
    return len(let_in) - len({name for name, _ in let_in})


@given(crowd=CROWD)
def test_queues_are_bounded_and_served_in_order(crowd: list[tuple[str, str]]) -> None:
    async def play() -> None:
        scene = Scene()
        let_in = [(name, user) for name, user in crowd if await scene.come(name, user)]
        for name in {name for name, _ in crowd}:
            line = [user for one, user in let_in if one == name]
            # However many wait elsewhere, who need not wait goes ahead.
            assert 1 <= len(line) <= LINE
        assert waiting(let_in) <= WAITING
        # Beyond their own few, each is the first in a line.
        for user, lines in Counter(user for _, user in let_in).items():
            assert lines <= OF_ONE + sum(let_in.index((name, user)) >= 0 for name, one in set(let_in) if one == user)
        assert all(seconds is not None and 1 <= seconds <= SPREAD_SECONDS for seconds in scene.refused)
        await scene.go()
        for name in {name for name, _ in crowd}:
            assert [one for one in scene.done if one[0] == name] == [one for one in let_in if one[0] == name]

    asyncio.run(play())


async def test_one_user_can_wait_only_a_few_times_and_keeps_nobody_else_out() -> None:
    scene = Scene()
    came = [await scene.come("tea", "ann") for _ in range(50)]
    assert sum(came) == OF_ONE
    assert await scene.come("tea", "bob")
    assert await scene.come("milk", "ann")
    await scene.go()


async def test_a_long_queue_delays_nobody_in_another() -> None:
    scene = Scene()
    assert sum([await scene.come("tea", f"user {number}") for number in range(250)]) == LINE
    assert await scene.come("milk", "ann")
    assert await scene.come("milk", "bob")
    await scene.go()


async def test_the_waiting_calls_of_all_locks_are_limited_but_a_free_lock_can_always_be_taken() -> None:
    scene = Scene()
    for line in range(10):
        for number in range(LINE):
            await scene.come(f"chat {line}", f"{line} {number}")
    assert len(scene.refused) == 10 * LINE - 10 - WAITING
    assert await scene.come("tea", "ann")
    await scene.go()


async def test_a_place_in_a_queue_is_free_again_after_the_lock_was_held_or_the_wait_cancelled() -> None:
    scene = Scene()
    for number in range(LINE):
        assert await scene.come("tea", f"user {number}")
    assert not await scene.come("tea", "ann")
    await scene.leave(LINE - 1)
    assert await scene.come("tea", "ann")
    assert not await scene.come("tea", "bob")
    await scene.leave(0)
    assert await scene.come("tea", "bob")
    await scene.go()
    assert not scene.locks._lines and not scene.locks._people and not scene.locks._locks
