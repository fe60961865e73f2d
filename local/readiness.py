"""Waits until all parts are ready: polls each of them, and reports the last response of those that are not."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

from local.parts import Part, PartFailed

READY_SECONDS = 90.0
# After this long a line says which parts are not ready, and why.
PATIENT_SECONDS = 8.0
POLL_SECONDS = 0.1
# The interval from then on, so that this line is not buried by those that a part logs on each poll.
PATIENT_POLL_SECONDS = 2.0
ANSWER_CHARACTERS = 600


@dataclass
class Waiting:
    """A part that is being polled; ``last`` is its last response."""

    part: Part
    last: str = "nothing"
    pause: float = POLL_SECONDS
    ready: asyncio.Event = field(default_factory=asyncio.Event)


async def wait(parts: Sequence[Part], tell: Callable[[str], None]) -> None:
    """Returns once all parts are ready; calls ``tell`` if that takes long. Raises PartFailed naming the other parts."""
    waiting = {part.name: Waiting(part) for part in parts}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        asking = asyncio.gather(*(ask(session, each, waiting) for each in waiting.values()))
        try:
            if not await finished(asking, PATIENT_SECONDS):
                tell(f"Still waiting: {missing(waiting)}")
                for each in waiting.values():
                    each.pause = PATIENT_POLL_SECONDS
            if not await finished(asking, READY_SECONDS - PATIENT_SECONDS):
                raise PartFailed(f"Not ready after {READY_SECONDS:.0f} s: {missing(waiting)}")
            asking.result()
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking


async def ask(session: aiohttp.ClientSession, each: Waiting, others: Mapping[str, Waiting]) -> None:
    """Polls a part's readiness URL until it is ready, after the parts that it needs."""
    for name in each.part.needs:
        if name in others:
            await others[name].ready.wait()
    while not each.ready.is_set():
        with suppress(aiohttp.ClientError, TimeoutError):
            async with session.get(each.part.ready_url) as response:
                each.last = f"{response.status} {(await response.text(errors='replace'))[:ANSWER_CHARACTERS]}".strip()
                if each.part.any_answer or response.status < 400:
                    each.ready.set()
                    return
        await asyncio.sleep(each.pause)


async def finished(work: asyncio.Future[list[None]], seconds: float) -> bool:
    return bool((await asyncio.wait({work}, timeout=max(0, seconds)))[0])


def missing(waiting: Mapping[str, Waiting]) -> str:
    """The parts that are not ready, with their last responses, which say what is wrong."""
    return "; ".join(f"{name} answers {each.last}" for name, each in waiting.items() if not each.ready.is_set())
