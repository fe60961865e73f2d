"""Runs the parts: starts them together, shows their logs, waits until each answers, and stops them all.

Owns processes and signals. Must not know what a part is for.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp

from local.parts import QUIET, Part

READY_SECONDS = 90.0
POLL_SECONDS = 0.1
# What a part gets between SIGTERM and SIGKILL; the Web PubSub stand-in tells the backend who left in this time.
STOP_SECONDS = 8.0
LINE_BYTES = 1 << 20
COLOURS = {"storage": 33, "pubsub": 35, "functions": 36, "web": 32}
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PartFailed(Exception):
    """A part ended by itself, or never answered."""


@dataclass(frozen=True)
class Started:
    part: Part
    process: asyncio.subprocess.Process
    log: asyncio.Task[None]


async def run(parts: Sequence[Part], environ: Mapping[str, str], ready_line: str) -> None:
    """Runs until SIGINT, SIGTERM or SIGHUP, then returns. Raises PartFailed; either way nothing is left running."""
    stopping = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    started: list[Started] = []
    try:
        for part in parts:
            started.append(await start(part, environ))  # noqa: PERF401 - what has started must be stopped if the next fails
        await supervise(started, stopping, ready_line)
    finally:
        await stop_all(started)


async def supervise(started: Sequence[Started], stopping: asyncio.Event, ready_line: str) -> None:
    """Returns when ``stopping`` is set. Raises PartFailed as soon as a part ends or does not become ready."""
    ended = asyncio.create_task(first_to_end(started))
    ready = asyncio.create_task(announce([each.part for each in started], ready_line))
    stop = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({ended, ready, stop}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ready.result()
            await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.is_set():
            raise PartFailed(ended.result())
    finally:
        for task in (ended, ready, stop):
            task.cancel()


async def start(part: Part, environ: Mapping[str, str]) -> Started:
    """Starts a part in a process group of its own, so that Ctrl-C in a terminal reaches us alone."""
    process = await asyncio.create_subprocess_exec(
        *part.command,
        env={**environ, **QUIET, **part.environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=LINE_BYTES,
        start_new_session=True,
    )
    return Started(part, process, asyncio.create_task(show_log(part.name, process.stdout)))


async def show_log(name: str, output: asyncio.StreamReader | None) -> None:
    """Prints the part's output, each line under its name."""
    colour = COLOURS.get(name, 37)
    label = f"\x1b[{colour}m{name:<9}|\x1b[0m" if sys.stdout.isatty() else f"{name:<9}|"
    while output and (line := await read_line(output)):
        text = line.decode(errors="replace").rstrip()
        if text:
            print(label, text, flush=True)


async def read_line(stream: asyncio.StreamReader) -> bytes:
    """The next line; a line longer than the buffer comes in pieces instead of ending the log."""
    try:
        return await stream.readuntil()
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as overrun:
        return await stream.readexactly(overrun.consumed)


async def first_to_end(started: Sequence[Started]) -> str:
    """Waits until a part ends and says which, and how."""
    ends = {asyncio.create_task(each.process.wait()): each for each in started}
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in ends:
            task.cancel()
    each = ends[done.pop()]
    return f"{each.part.name} ended with exit code {each.process.returncode}; its last lines are above."


async def announce(parts: Sequence[Part], ready_line: str) -> None:
    """Prints ``ready_line`` once every part answers. Raises PartFailed naming those that do not."""
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        waits = {part.name: asyncio.create_task(answers(session, part)) for part in parts}
        try:
            _, late = await asyncio.wait(waits.values(), timeout=READY_SECONDS)
        finally:
            for task in waits.values():
                task.cancel()
        if late:
            silent = ", ".join(name for name, task in waits.items() if task in late)
            raise PartFailed(f"No answer from {silent} after {READY_SECONDS:.0f} s; see the log above.")
    print(ready_line, flush=True)


async def answers(session: aiohttp.ClientSession, part: Part) -> None:
    """Returns once the part answers its ready URL."""
    while True:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with session.get(part.ready_url) as response:
                if part.any_answer or response.status < 400:
                    return
        await asyncio.sleep(POLL_SECONDS)


async def stop_all(started: Sequence[Started]) -> None:
    """Stops the parts one after the other, the last first, so that each can still talk to those it needs."""
    for each in reversed(started):
        await stop_one(each)


async def stop_one(each: Started) -> None:
    """SIGTERM to the part; whoever of its process group is left after STOP_SECONDS is killed."""
    if each.process.returncode is None:
        signal_group(each.process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(each.process.wait(), STOP_SECONDS)
    signal_group(each.process.pid, signal.SIGKILL)
    await each.process.wait()
    await each.log
    # The part's own children are not ours to wait for; the system buries them.
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            while signal_group(each.process.pid, 0):  # noqa: ASYNC110 - a process of another parent sets no event
                await asyncio.sleep(POLL_SECONDS / 10)


def signal_group(group: int, number: int) -> bool:
    """Sends a signal to a process group; False when nobody of it is left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True
