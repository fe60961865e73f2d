"""The idle cost of the stand-in: its start-up time, and the memory for many open connections."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from bench.contestants import NODE_WS, ROOT, STAND_IN, Contestant, bare_c, node_ws, stand_in
from bench.figures import row
from bench.swarm import Swarm

SERVERS: dict[str, Callable[[], AbstractContextManager[Contestant | None]]] = {
    "ws": node_ws,
    "chatr": stand_in,
    "c": bare_c,
}
STARTS = 9
CONNECTIONS = 10_000
# The first connections trigger what is loaded once, so they are not counted.
FIRST = 100
# Files that this process has open besides its connections.
OTHER_FILES = 100
GROUP = "idle"


def run() -> list[dict[str, object]]:
    """Rows of the table."""
    connections = allowed(CONNECTIONS)
    memories = {name: memory(server, connections) for name, server in SERVERS.items()}
    found = {name: [figure] for name, figure in memories.items() if figure is not None}
    return [
        row("start until the port is open, ms", starts(), 0),
        row("of it, to load aiohttp in Python, ms", {"chatr": [loading() for _ in range(STARTS)]}, 0, compared=False),
        row(f"server memory per idle connection, {connections:,} of them, KB", found, 1),
    ]


def allowed(connections: int) -> int:
    """``connections``, or as many as the hard limit on open files allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHER_FILES
    files = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, files), hard))
    return files - OTHER_FILES


def starts() -> dict[str, Sequence[float]]:
    """The start-up times of the servers, which are started alternately."""
    rounds = [(start(NODE_WS), start(STAND_IN)) for _ in range(STARTS + 1)]
    # The first start is dropped: it reads the files from disk, the others from the cache.
    ws, chatr = zip(*rounds[1:], strict=True)
    return {"ws": ws, "chatr": chatr}


def start(command: Sequence[str]) -> float:
    """Milliseconds from running a command to its line that says where it listens."""
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        server.stdout.readline()
        taken = time.perf_counter() - began
        server.terminate()
    return 1000 * taken


def loading() -> float:
    """Milliseconds that Python takes to import only the HTTP server: the lower limit of the start-up time."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import aiohttp"], check=True)
    return 1000 * (time.perf_counter() - began)


def memory(server: Callable[[], AbstractContextManager[Contestant | None]], connections: int) -> float | None:
    """Kilobytes of the server's resident set per connection; None if the server is not available."""
    with server() as contestant:
        if contestant is None:
            return None
        swarm, url = Swarm(), contestant.url(GROUP)
        swarm.connect([url] * FIRST, contestant.subprotocol)
        before = contestant.resident_bytes()
        swarm.connect([url] * (connections - FIRST), contestant.subprotocol)
        swarm.settle()
        grown = contestant.resident_bytes() - before
        swarm.close()
        return grown / (connections - FIRST) / 1000
