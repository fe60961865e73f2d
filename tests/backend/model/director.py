"""Stands between the rules and what they call: says whose call is next and which calls fail.

Both worlds are played through it, so that what happens depends on nothing but the choices of the test.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.model.errors import Unavailable

Call = Callable[..., Awaitable[Any]]

# So many rounds of the loop bring everybody who is not waiting for a call to the next one, but for a rare straggler.
ROUNDS = 16
# A play whose calls come to no end has found a livelock.
MOST_CALLS = 5_000
# What the names of calls to Web PubSub begin with.
REST = "rest."


@dataclass(frozen=True)
class Fault:
    """What goes wrong in one attempt: its call number ``at`` fails.

    ``answer_lost``: what was asked for is done and nobody hears of it. ``for_good``: all calls that follow fail, as
    when the process is killed. ``rest_only``: it is Web PubSub that does so; storage goes on, and its calls do not
    count.
    """

    at: int
    answer_lost: bool = False
    for_good: bool = False
    rest_only: bool = False


class Attempt:
    """One delivery of one event; counts its calls."""

    def __init__(self, fault: Fault | None = None) -> None:
        self._fault = fault
        self._calls = 0
        self._down = False
        self.failed = False

    def begin(self, name: str) -> int:
        """The number of the call that is about to be made, 0 for one that does not count. Raises Unavailable."""
        if self._fault and self._fault.rest_only and not name.startswith(REST):
            return 0
        self._calls += 1
        if self._down:
            raise Unavailable
        if self._fault and self._calls == self._fault.at and not self._fault.answer_lost:
            self._fail()
        return self._calls

    def end(self, number: int) -> None:
        """A call has been made. Raises Unavailable."""
        if self._fault and number == self._fault.at and self._fault.answer_lost:
            self._fail()

    def _fail(self) -> None:
        assert self._fault
        self.failed, self._down = True, self._fault.for_good
        raise Unavailable


attempt: ContextVar[Attempt] = ContextVar("attempt")


class Turn:
    """A call that waits to be let through."""

    def __init__(self) -> None:
        self.begin, self.done = asyncio.Event(), asyncio.Event()


class Director:
    """``before_send`` sees every call that tells browsers something."""

    def __init__(self) -> None:
        self._waiting: list[Turn] | None = None
        self.before_send: Callable[[dict[str, str]], Awaitable[None]] | None = None

    def directs(self, part: Any, side: str = "") -> Any:
        """``part``, a store or a sender, with all its calls under direction; their names begin with ``side``."""
        return Directed(part, self, side)

    async def call(self, name: str, made: Call, *arguments: Any, **named: Any) -> Any:
        """Makes a call when its turn comes."""
        if self._waiting is None:
            return await self._make(name, made, *arguments, **named)
        turn = Turn()
        self._waiting.append(turn)
        try:
            await turn.begin.wait()
            return await self._make(name, made, *arguments, **named)
        finally:
            # Also for one whose caller has given up, because another call beside it failed.
            turn.done.set()

    async def _make(self, name: str, made: Call, *arguments: Any, **named: Any) -> Any:
        current = attempt.get(None)
        number = current.begin(name) if current else 0
        if self.before_send and name.startswith(f"{REST}to_"):
            await self.before_send(next(one for one in arguments if isinstance(one, dict)))
        answer = await made(*arguments, **named)
        if current:
            current.end(number)
        return answer

    async def at_once(self, works: Sequence[Coroutine[Any, Any, None]], choices: Sequence[int]) -> None:
        """Runs all at the same time. Each choice picks who of those waiting is next; then it is who waits longest."""
        self._waiting, picks = [], iter(choices)
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            for _ in range(MOST_CALLS):
                for _ in range(ROUNDS):
                    await asyncio.sleep(0)
                # Where all are still on their way, it takes a round more.
                while not self._waiting and not all(task.done() for task in tasks):  # noqa: ASYNC110
                    await asyncio.sleep(0)
                if all(task.done() for task in tasks):
                    return
                turn = self._waiting.pop(next(picks, 0) % len(self._waiting))
                turn.begin.set()
                await turn.done.wait()
            raise AssertionError("These events come to no end.")
        finally:
            self._waiting = None
            await asyncio.gather(*tasks)


class Directed:
    """A store, a part of one, or a sender, under direction."""

    def __init__(self, part: Any, director: Director, side: str) -> None:
        self._part, self._director, self._side = part, director, side

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if inspect.iscoroutinefunction(found):
            return partial(self._director.call, self._side + name, found)
        return Directed(found, self._director, self._side)
