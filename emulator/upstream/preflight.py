"""Abuse protection: no event is sent to a URL before its owner has agreed (CloudEvents webhook spec, section 4).

The last answer per URL is cached: an agreement is renewed in the background after a minute, and a refusal is retried
after a growing pause.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

REVALIDATE_SECONDS = 60
FIRST_PAUSE_SECONDS = 1
# Microsoft's emulator doubles up to 60 s; a developer who restarts a backend should not wait that long.
LONGEST_PAUSE_SECONDS = 5

# What was agreed to. A false value is a refusal.
Agreement = TypeVar("Agreement")


@dataclass
class _Standing(Generic[Agreement]):
    agreed: Agreement | None = None
    asked_at: float = float("-inf")
    pause: float = FIRST_PAUSE_SECONDS
    asking: "asyncio.Future[Agreement] | None" = None


class Preflight(Generic[Agreement]):
    """Asks each URL once, however many events wait for the answer. The configuration limits the number of URLs."""

    def __init__(self, ask: Callable[[str], Awaitable[Agreement]], clock: Callable[[], float]) -> None:
        self._ask, self._clock = ask, clock
        self._standings: dict[str, _Standing[Agreement]] = {}

    async def agrees(self, url: str) -> Agreement | None:
        """What the owner of ``url`` agreed to, if anything. Waits only if there is no cached answer."""
        standing = self._standings.setdefault(url, _Standing())
        age = self._clock() - standing.asked_at
        if standing.agreed:
            if age > REVALIDATE_SECONDS:
                self._start(url, standing)
            return standing.agreed
        if standing.asking is None and age < standing.pause:
            return standing.agreed
        return await asyncio.shield(self._start(url, standing))

    def _start(self, url: str, standing: _Standing[Agreement]) -> "asyncio.Future[Agreement]":
        if standing.asking is None:
            standing.asking = asyncio.ensure_future(self._renew(url, standing))
        return standing.asking

    async def _renew(self, url: str, standing: _Standing[Agreement]) -> Agreement:
        try:
            agreed = await self._ask(url)
        finally:
            standing.asking = None
        # The first refusal after an agreement resets the pause.
        refused_again = not agreed and not standing.agreed and standing.asked_at != float("-inf")
        standing.pause = min(standing.pause * 2, LONGEST_PAUSE_SECONDS) if refused_again else FIRST_PAUSE_SECONDS
        standing.agreed, standing.asked_at = agreed, self._clock()
        return agreed
