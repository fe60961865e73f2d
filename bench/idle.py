"""What the stand-in costs while nothing happens: its start, and the memory of connections that only stay.

Owns these figures. Where there are fewer files than connections, as many connections as files allow are measured.
"""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from bench.contestants import ROOT, Contestant, node_ws, stand_in
from bench.swarm import Swarm

CONNECTIONS = 10_000
STARTS = 9
# What of the files is left to everything else.
SPARE_FILES = 200


def run() -> list[dict[str, object]]:
    """Rows of the table."""
    return [memory(), start()]


def memory() -> dict[str, object]:
    """KiB of a server's resident memory per connection."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count = min(CONNECTIONS, most - SPARE_FILES)
    ours, theirs = per_connection(stand_in, count), per_connection(node_ws, count)
    return row(f"{count} idle connections: KiB each", ours, theirs)


def per_connection(contestant: Callable[[], AbstractContextManager[Contestant]], count: int) -> float:
    with contestant() as server:
        swarm, url, before = Swarm(), server.url("idle"), server.resident_bytes()
        swarm.connect([url] * count, server.subprotocol)
        swarm.settle()
        after = server.resident_bytes()
        swarm.close()
    return (after - before) / count / 1024


def start() -> dict[str, object]:
    """Milliseconds until the stand-in can be used, beside those that Python needs to load an HTTP server."""
    command = [sys.executable, "-m", "emulator", "--port", "0"]
    pairs = [(until_it_speaks(command), until_it_ends([sys.executable, "-c", "import aiohttp"])) for _ in range(STARTS)]
    ours = statistics.median(ours for ours, _ in pairs)
    found = {"what": "start of the stand-in (ms), and as a ratio to loading aiohttp", "chatr": round(ours)}
    return found | {"ratio": round(statistics.median(ours / theirs for ours, theirs in pairs), 2)}


def until_it_speaks(command: list[str]) -> float:
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        milliseconds = (time.perf_counter() - started) * 1000
        process.terminate()
    return milliseconds


def until_it_ends(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return (time.perf_counter() - started) * 1000


def row(what: str, ours: float, theirs: float) -> dict[str, object]:
    return {"what": what, "ws": round(theirs, 1), "chatr": round(ours, 1), "ratio": round(ours / theirs, 2)}
