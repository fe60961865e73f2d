"""The base of the in-memory store's parts: each operation calls a hook of the test first."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from shared.model.clock import Clock
from shared.model.records import Page

BeforeCall = Callable[[str], None]
Turn = Callable[[], Awaitable[None]]
T = TypeVar("T")


def nothing(_: str) -> None:
    """The default hook, which does nothing."""


async def straight_on() -> None:
    """The default, which does not yield to other tasks."""


class Whole(Protocol):
    """The store that a part belongs to."""

    before_call: BeforeCall
    clock: Clock
    turn: Turn

    def version(self) -> str: ...


class Part:
    def __init__(self, store: Whole) -> None:
        self._store = store

    async def _call(self, name: str) -> None:
        await self._store.turn()
        self._store.before_call(f"{type(self).__name__.removeprefix('Memory').lower()}.{name}")


def paged(items: Sequence[T], name: Callable[[T], str], after: str, limit: int) -> Page[T]:
    """A page of the items after ``after``, sorted by name."""
    rest = sorted((item for item in items if name(item) > after), key=name)
    return Page(tuple(rest[:limit]), name(rest[limit - 1]) if len(rest) > limit else "")
