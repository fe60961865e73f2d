"""Runs the clean-up, one kind after another, up to a number of rows."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from shared.backend import Backend
from shared.cleanup.removal import Find, Removal, batches
from shared.flow.concurrency import each


@dataclass(frozen=True)
class Tally:
    """How many things of a kind were removed, or would be, and how many rows that is."""

    things: int = 0
    rows: int = 0


async def run(
    backend: Backend, kinds: Mapping[str, Find], limit: int, apply: bool, tell: Callable[[str, Tally], None]
) -> bool:
    """Calls ``tell`` with the result of each kind; False if ``limit`` was reached and there may be more.

    The last removal may exceed the limit. Raises Unavailable; another run then continues from there.
    """
    left = limit
    for name, find in kinds.items():
        tally = await _swept(find(backend, left), left, apply)
        tell(name, tally)
        left -= tally.rows
        if left <= 0:
            return False
    return True


async def _swept(found: AsyncIterator[Removal], limit: int, apply: bool) -> Tally:
    things = rows = 0
    async for some in batches(_within(found, limit)):
        went = await each(some, _removed) if apply else [True] * len(some)
        things += sum(went)
        rows += sum(one.rows for one, gone in zip(some, went, strict=True) if gone)
    return Tally(things, rows)


async def _removed(one: Removal) -> bool:
    return await one.go()


async def _within(found: AsyncIterator[Removal], limit: int) -> AsyncIterator[Removal]:
    """The first removals, until they reach ``limit`` rows."""
    async for one in found:
        yield one
        limit -= one.rows
        if limit <= 0:
            return
