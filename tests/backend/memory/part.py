"""What the parts of the storage in memory share: every operation first lets the test have its say."""

from collections.abc import Callable
from typing import Protocol

BeforeCall = Callable[[str], None]


def nothing(_: str) -> None:
    """Lets every call through."""


class Whole(Protocol):
    """The store that a part belongs to."""

    before_call: BeforeCall

    def version(self) -> str: ...
    async def turn(self) -> None: ...


class Part:
    def __init__(self, store: Whole) -> None:
        self._store = store

    async def _call(self, name: str) -> None:
        await self._store.turn()
        self._store.before_call(f"{type(self).__name__.removeprefix('Memory').lower()}.{name}")
