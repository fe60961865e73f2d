"""Runs the parts: starts them together, shows their logs, and stops them all.

Owns processes and signals. Must not know what a part is for.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local import readiness
from local.parts import QUIET, Part, PartFailed

POLL_SECONDS = 0.1
# What a part gets between SIGTERM and SIGKILL; the Web PubSub stand-in tells the backend who left in this time.
STOP_SECONDS = 8.0
LINE_BYTES = 1 << 20
COLOURS = {"storage": 33, "pubsub": 35, "functions": 36, "web": 32}
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Started:
    part: Part
    process: asyncio.subprocess.Process
    log: asyncio.Task[None]


async def run(parts: Sequence[Part], environ: Mapping[str, str], ready_line: str) -> None:
    """Runs until SIGINT, SIGTERM or SIGHUP, or until nobody reads the output any more, then returns. Raises PartFailed.

    In every case nothing is left running.
    """
    stopping = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    started: list[Started] = []
    try:
        for part in parts:
            # What has started must be stopped if the next fails.
            started.append(await start(part, environ, stopping.set))  # noqa: PERF401
        await supervise(started, stopping, ready_line)
    finally:
        await stop_all(started)


async def supervise(started: Sequence[Started], stopping: asyncio.Event, ready_line: str) -> None:
    """Returns when ``stopping`` is set. Raises PartFailed as soon as a part ends or does not become ready."""
    ended = asyncio.create_task(first_to_end(started))
    ready = asyncio.create_task(readiness.wait([each.part for each in started], lambda text: show(text, stopping.set)))
    stop = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({ended, ready, stop}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ready.result()
            show(ready_line, stopping.set)
            await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.is_set():
            raise PartFailed(ended.result())
    finally:
        for task in (ended, ready, stop):
            task.cancel()


async def start(part: Part, environ: Mapping[str, str], unread: Callable[[], None]) -> Started:
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
    return Started(part, process, asyncio.create_task(show_log(part, process.stdout, unread)))


async def show_log(part: Part, output: asyncio.StreamReader | None, unread: Callable[[], None]) -> None:
    """Prints the part's output, each line under its name, without what it hides."""
    colour = COLOURS.get(part.name, 37)
    label = f"\x1b[{colour}m{part.name:<9}|\x1b[0m" if sys.stdout.isatty() else f"{part.name:<9}|"
    while output and (line := await read_line(output)):
        text = line.decode(errors="replace").rstrip()
        for secret in part.hides:
            text = text.replace(secret, "…")
        if text:
            show(f"{label} {text}", unread)


def show(text: str, unread: Callable[[], None]) -> None:
    """Prints a line; calls ``unread`` when nobody can read it: the terminal was closed, or the pipe's other end."""
    try:
        print(text, flush=True)
    except OSError:
        # What is still to be said goes nowhere, and the interpreter's own last flush does not fail.
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        unread()


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
    ends = {asyncio.create_task(ended(each.process, POLL_SECONDS)): each for each in started}
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in ends:
            task.cancel()
    each = ends[done.pop()]
    return f"{each.part.name} ended with exit code {each.process.returncode}; its last lines are above."


async def ended(process: asyncio.subprocess.Process, seconds: float) -> None:
    """Returns when the process itself has ended; looks every so many seconds.

    ``process.wait()`` would also wait for the end of its output, which children that outlive it may hold open
    (python/cpython issue 119710).
    """
    while process.returncode is None:  # noqa: ASYNC110 - nothing else tells
        await asyncio.sleep(seconds)


async def stop_all(started: Sequence[Started]) -> None:
    """Stops the parts one after the other, the last first, so that each can still talk to those it needs."""
    for each in reversed(started):
        await stop_one(each)


async def stop_one(each: Started) -> None:
    """SIGTERM to the part; whoever of its process group is left after STOP_SECONDS is killed."""
    if each.process.returncode is None:
        signal_group(each.process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(ended(each.process, POLL_SECONDS / 10), STOP_SECONDS)
    signal_group(each.process.pid, signal.SIGKILL)
    await ended(each.process, POLL_SECONDS / 10)
    # Somebody who left the group may still hold the other end of the log.
    await asyncio.wait({each.log}, timeout=STOP_SECONDS)
    # The part's own children are not ours to wait for; the system buries them.
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            while is_left(each.process.pid):  # noqa: ASYNC110 - a process of another parent sets no event
                await asyncio.sleep(POLL_SECONDS / 10)


def signal_group(group: int, number: int) -> bool:
    """Sends a signal to a process group; False when nobody of it is left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def is_left(group: int) -> bool:
    """Whether anybody of a process group still runs.

    Where nobody buries the dead (a container without an init, or one that is slow) they stay in the group, and hold
    nothing. Only Linux tells who is dead.
    """
    if not signal_group(group, 0):
        return False
    states = [state for state, number in map(state_and_group, Path("/proc").glob("[0-9]*/stat")) if number == group]
    return not states or any(state not in "ZX" for state in states)


def state_and_group(stat: Path) -> tuple[str, int]:
    """What proc(5) says of a process; the name before it may contain anything."""
    try:
        state, _, group, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return "X", 0
    return state, int(group)
