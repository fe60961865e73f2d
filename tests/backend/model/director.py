"""Controls the calls of the rules to the store and the sender: which call is next, and which calls fail.

Both worlds are played through it, so that the course of a play depends only on the choices of the test.
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

# Enough iterations of the event loop for (nearly) every task to reach its next call.
ROUNDS = 16
# A play with more calls than this has found a livelock.
MOST_CALLS = 5_000
# The prefix of the names of calls to Web PubSub.
REST = "rest."


@dataclass(frozen=True)
class Fault:
    """A fault in an attempt: its call number ``at`` fails.

    ``answer_lost``: the call takes effect, but its response is lost. ``for_good``: all later calls fail too, as if the
    process was killed. ``rest_only``: only calls to Web PubSub fail and are counted.
    """

    at: int
    answer_lost: bool = False
    for_good: bool = False
    rest_only: bool = False


class Attempt:
    """A delivery of an event; counts its calls."""

    def __init__(self, fault: Fault | None = None) -> None:
        self._fault = fault
        self._calls = 0
        self._down = False
        self.failed = False

    def begin(self, name: str) -> int:
        """The number of the next call, 0 for one that is not counted. Raises Unavailable."""
        if self._fault and self._fault.rest_only and not name.startswith(REST):
            return 0
        self._calls += 1
        if self._down:
            raise Unavailable
        if self._fault and self._calls == self._fault.at and not self._fault.answer_lost:
            self._fail()
        return self._calls

    def end(self, number: int) -> None:
        """Called after a call. Raises Unavailable."""
        if self._fault and number == self._fault.at and self._fault.answer_lost:
            self._fail()

    def _fail(self) -> None:
        assert self._fault
        self.failed, self._down = True, self._fault.for_good
        raise Unavailable


attempt: ContextVar[Attempt] = ContextVar("attempt")


class Turn:
    """A call that waits for its turn."""

    def __init__(self) -> None:
        self.begin, self.done = asyncio.Event(), asyncio.Event()


class Director:
    """Decides which call is next. ``before_send`` is called with each call that sends to browsers."""

    def __init__(self) -> None:
        self._waiting: list[Turn] | None = None
        self.before_send: Callable[[dict[str, str]], Awaitable[None]] | None = None

    def directs(self, part: Any, side: str = "") -> Any:
        """A proxy of ``part``, a store or a sender, whose calls it controls; their names start with ``side``."""
        return Directed(part, self, side)

    async def call(self, name: str, made: Call, *arguments: Any, **named: Any) -> Any:
        """Makes a call when it is its turn."""
        if self._waiting is None:
            return await self._make(name, made, *arguments, **named)
        turn = Turn()
        self._waiting.append(turn)
        try:
            await turn.begin.wait()
            return await self._make(name, made, *arguments, **named)
        finally:
            # Also for a call that was cancelled because a concurrent call failed.
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
        """Runs all concurrently. Each choice picks the next waiting call; then the longest waiting is next."""
        self._waiting, picks = [], iter(choices)
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            for _ in range(MOST_CALLS):
                for _ in range(ROUNDS):
                    await asyncio.sleep(0)
                # If no task has reached its next call yet, it takes another iteration.
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
    """A proxy of a store, a part of one, or a sender."""

    def __init__(self, part: Any, director: Director, side: str) -> None:
        self._part, self._director, self._side = part, director, side

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if inspect.iscoroutinefunction(found):
            return partial(self._director.call, self._side + name, found)
        return Directed(found, self._director, self._side)
