"""Runs the parts as processes: starts them together, prints their logs, handles signals, and stops them all."""

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
# The time between SIGTERM and SIGKILL, in which the stand-in sends `disconnected` events to the backend.
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
    """Runs until SIGINT, SIGTERM or SIGHUP, or until the output is closed, then returns. Raises PartFailed.

    In any case, all parts are stopped.
    """
    stopping = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    started: list[Started] = []
    try:
        for part in parts:
            # Not a comprehension, because the started parts must be stopped if the next one fails.
            started.append(await start(part, environ, stopping.set))  # noqa: PERF401
        await supervise(started, stopping, ready_line)
    finally:
        await stop_all(started)


async def supervise(started: Sequence[Started], stopping: asyncio.Event, ready_line: str) -> None:
    """Returns when ``stopping`` is set. Raises PartFailed if a part ends or does not become ready."""
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
    """Starts a part in its own session, so that Ctrl-C in a terminal reaches only us."""
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
    """Prints a part's output, each line prefixed with its name and without its secrets."""
    colour = COLOURS.get(part.name, 37)
    label = f"\x1b[{colour}m{part.name:<9}|\x1b[0m" if sys.stdout.isatty() else f"{part.name:<9}|"
    while output and (line := await read_line(output)):
        text = line.decode(errors="replace").rstrip()
        for secret in part.hides:
            text = text.replace(secret, "…")
        if text:
            show(f"{label} {text}", unread)


def show(text: str, unread: Callable[[], None]) -> None:
    """Prints a line; calls ``unread`` if the terminal or the other end of the pipe is closed."""
    try:
        print(text, flush=True)
    except OSError:
        # Discards further output, so that the interpreter's final flush does not fail either.
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        unread()


async def read_line(stream: asyncio.StreamReader) -> bytes:
    """The next line. A line that is longer than the buffer is returned in pieces instead of failing."""
    try:
        return await stream.readuntil()
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as overrun:
        return await stream.readexactly(overrun.consumed)


async def first_to_end(started: Sequence[Started]) -> str:
    """Waits until a part ends, and returns a sentence about it."""
    ends = {asyncio.create_task(ended(each.process, POLL_SECONDS)): each for each in started}
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in ends:
            task.cancel()
    each = ends[done.pop()]
    return f"{each.part.name} ended with exit code {each.process.returncode}; its last lines are above."


async def ended(process: asyncio.subprocess.Process, seconds: float) -> None:
    """Returns when the process itself has ended; polls every ``seconds``.

    ``process.wait()`` would also wait until its output is closed, which surviving children may hold open
    (python/cpython issue 119710).
    """
    while process.returncode is None:  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(seconds)


async def stop_all(started: Sequence[Started]) -> None:
    """Stops the parts one by one in reverse order, so that each can still reach those that it needs."""
    for each in reversed(started):
        await stop_one(each)


async def stop_one(each: Started) -> None:
    """Sends SIGTERM to a part's process group, and SIGKILL to what is left of it after STOP_SECONDS."""
    if each.process.returncode is None:
        signal_group(each.process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(ended(each.process, POLL_SECONDS / 10), STOP_SECONDS)
    signal_group(each.process.pid, signal.SIGKILL)
    await ended(each.process, POLL_SECONDS / 10)
    # A process that left the group may still hold the log's pipe open.
    await asyncio.wait({each.log}, timeout=STOP_SECONDS)
    # We can't wait for the part's own children; init reaps them.
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            while is_left(each.process.pid):  # noqa: ASYNC110 - a process of another parent sets no event
                await asyncio.sleep(POLL_SECONDS / 10)


def signal_group(group: int, number: int) -> bool:
    """Sends a signal to a process group; False if it has no processes left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def is_left(group: int) -> bool:
    """Whether a process group has running processes.

    Zombies don't count: without an init that reaps them (as in some containers), or with a slow one, they stay in the
    group. Only on Linux can they be told apart.
    """
    if not signal_group(group, 0):
        return False
    states = [state for state, number in map(state_and_group, Path("/proc").glob("[0-9]*/stat")) if number == group]
    return not states or any(state not in "ZX" for state in states)


def state_and_group(stat: Path) -> tuple[str, int]:
    """A process's state and group, see proc(5). The name before them may contain any characters."""
    try:
        state, _, group, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return "X", 0
    return state, int(group)
