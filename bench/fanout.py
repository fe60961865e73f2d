"""One group of many connections: deliveries per second of the Web PubSub stand-in beside a plain Node ``ws`` server."""

import json
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvloop
from azure.messaging.webpubsubservice import WebPubSubServiceClient

from bench.swarm import Counter, Swarm
from tests.running import Running, running

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 1000
TEXT = "x" * 128
# Each kind of load lasts about this long, after a round that is not counted.
SECONDS = 4.0


@dataclass(frozen=True)
class Figure:
    """Deliveries per second of wall time, and microseconds of the server's processor per delivery."""

    per_second: float
    cpu_us: float


async def measure(server: Running, swarm: Swarm, publisher: Counter, message: Callable[[int], bytes]) -> list[Figure]:
    """The figures with one message at a time and with 64 in flight. ``message(n)`` is the n-th to send."""
    await swarm.settle()
    publisher.send(message(0))
    per_message = await swarm.settle()
    return [await load(server, swarm, publisher, message, burst, per_message) for burst in (1, 64)]


async def load(
    server: Running, swarm: Swarm, publisher: Counter, message: Callable[[int], bytes], burst: int, size: int
) -> Figure:
    sent, started, busy = 1, time.perf_counter(), 0.0
    warm = False
    while not warm or time.perf_counter() - started < SECONDS:
        for _ in range(burst):
            publisher.send(message(sent))
            sent += 1
        await swarm.expect(size * burst)
        if not warm:
            warm, first, started, busy = True, sent, time.perf_counter(), cpu_seconds(server)
    deliveries = (sent - first) * CONNECTIONS
    elapsed, worked = time.perf_counter() - started, cpu_seconds(server) - busy
    return Figure(deliveries / elapsed, worked * 1e6 / deliveries)


def cpu_seconds(server: Running) -> float:
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def of_ws() -> list[Figure]:
    with running(["node", ROOT / "bench" / "broadcast.mjs"]) as server:
        port = server.wait_until(lambda output: re.search(r"listening on (\d+)", output))[1]
        swarm = Swarm()
        for _ in range(CONNECTIONS):
            await swarm.connect(f"ws://127.0.0.1:{port}/")
        try:
            return await measure(server, swarm, swarm.members[0], lambda _: TEXT.encode())
        finally:
            swarm.close()


async def of_stand_in(subprotocol: str) -> list[Figure]:
    with running([sys.executable, "-m", "emulator", "--port", "0"], cwd=ROOT) as server:
        connection = server.wait_until(lambda output: re.search(r"^Endpoint=.*$", output, re.MULTILINE))[0]
        client = WebPubSubServiceClient.from_connection_string(connection, "bench")
        url = client.get_client_access_token(roles=["webpubsub.sendToGroup.all"], groups=["all"])["url"]
        client.close()
        swarm = Swarm()
        for _ in range(CONNECTIONS):
            await swarm.connect(url, subprotocol)
        body = {"type": "sendToGroup", "group": "all", "dataType": "text", "data": TEXT}
        try:
            return await measure(server, swarm, swarm.members[0], lambda _: json.dumps(body).encode())
        finally:
            swarm.close()


def run() -> list[dict[str, object]]:
    """Rows of the table: load, figure of ``ws``, of the stand-in, and their ratio."""
    # The faster loop here is for the clients, which would else be the bottleneck.
    yardstick, plain = uvloop.run(of_ws()), uvloop.run(of_stand_in("json.webpubsub.azure.v1"))
    rows: list[dict[str, object]] = []
    for name, theirs, ours in zip(("1 at a time", "64 in flight"), yardstick, plain, strict=True):
        rows.append(row(f"{CONNECTIONS} in a group, {name}: deliveries/s", theirs.per_second, ours.per_second))
        rows.append(row(f"{CONNECTIONS} in a group, {name}: server CPU us/delivery", theirs.cpu_us, ours.cpu_us))
    return rows


def row(name: str, theirs: float, ours: float) -> dict[str, object]:
    return {"what": name, "ws": round(theirs, 2), "chatr": round(ours, 2), "ratio": round(ours / theirs, 2)}
