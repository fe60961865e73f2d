"""Fan-out to groups: the Web PubSub stand-in compared with a plain Node.js ``ws`` server and a bare C server.

The servers are measured alternately, for a fraction of a second each, so that other work on the machine affects them
all. A ratio is the median of the ratios of all turns.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.contestants import JSON, PROTOBUF, RELIABLE, SIMPLE, Contestant, Kind, bare_c, node_ws, stand_in
from bench.figures import row
from bench.swarm import Swarm, masked

ROUNDS = 9
TURN_SECONDS = 0.5
# A reliable client with 1,000 unacknowledged messages would be closed.
ACKNOWLEDGED_EVERY = 500


@dataclass(frozen=True)
class Load:
    """Groups of equal size. In each, one member or all send ``in_flight`` messages, then all members receive them."""

    name: str
    groups: int
    members: int
    everybody: bool
    in_flight: int


ONE = Load("1 group of 1,000, one message at a time", 1, 1000, False, 1)
MANY = Load("1 group of 1,000, 64 in flight", 1, 1000, False, 64)
ALL = Load("200 groups of 5, every member publishes", 200, 5, True, 1)
SMALL_ONE = Load("1 group of 200, one message at a time", 1, 200, False, 1)
SMALL_MANY = Load("1 group of 200, 64 in flight", 1, 200, False, 64)
LOADS = [
    *((JSON, load) for load in (ONE, MANY, ALL)),
    *((kind, load) for kind in (RELIABLE, PROTOBUF, SIMPLE) for load in (SMALL_ONE, SMALL_MANY)),
]


@dataclass
class Turn:
    """The result of one server's turn."""

    deliveries: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.deliveries / self.seconds


class Player:
    """A server under a load, and its clients."""

    def __init__(self, contestant: Contestant, load: Load) -> None:
        self._contestant, self._load, self._swarm = contestant, load, Swarm()
        self.turns: list[Turn] = []
        groups = [f"{number:03}" for number in range(load.groups)]
        urls = [contestant.url(group) for group in groups]
        self._swarm.connect([url for url in urls for _ in range(load.members)], contestant.subprotocol)
        members = self._swarm.members
        self._rounds = [
            (members[at * load.members :][: load.members if load.everybody else 1], contestant.publish(group))
            for at, group in enumerate(groups)
        ]
        self._sent = 0
        self._swarm.settle()
        self._publish(1)
        self._size = self._swarm.settle()
        self._sent += self._per_member

    @property
    def _per_member(self) -> int:
        return self._load.members if self._load.everybody else 1

    def play(self) -> None:
        """Plays one turn."""
        deliveries, busy, started = 0, self._contestant.cpu_seconds(), time.perf_counter()
        while (elapsed := time.perf_counter() - started) < TURN_SECONDS:
            deliveries += self._round()
        self.turns.append(Turn(deliveries, elapsed, self._contestant.cpu_seconds() - busy))

    def close(self) -> None:
        self._swarm.close()

    def _round(self) -> int:
        """Sends all messages in flight once; returns how many messages arrived."""
        count = self._load.in_flight
        self._publish(count)
        self._swarm.expect(self._expected(count))
        before, self._sent = self._sent, self._sent + count * self._per_member
        if self._contestant.reliable and before // ACKNOWLEDGED_EVERY < self._sent // ACKNOWLEDGED_EVERY:
            ack = masked(json.dumps({"type": "sequenceAck", "sequenceId": self._sent}).encode())
            self._swarm.send(self._swarm.members, ack)
        return count * self._per_member * len(self._swarm.members)

    def _publish(self, count: int) -> None:
        for members, publication in self._rounds:
            self._swarm.send(members, publication * count)

    def _expected(self, count: int) -> int:
        """The bytes of ``count`` more messages. A reliable client's grow with the digits of their sequence ids."""
        if not self._contestant.reliable:
            return count * self._size
        numbers = range(self._sent + 1, self._sent + count + 1)
        return count * self._size + sum(len(str(number)) - 1 for number in numbers) * len(self._swarm.members)


@contextmanager
def players(kind: Kind, load: Load) -> Iterator[dict[str, Player]]:
    """All available contestants, with their clients connected."""
    with ExitStack() as exits:
        contestants = {"ws": node_ws(), "chatr": stand_in(kind), "c": bare_c()}
        found = {name: exits.enter_context(contestant) for name, contestant in contestants.items()}
        playing = {name: Player(one, load) for name, one in found.items() if one is not None}
        for player in playing.values():
            exits.callback(player.close)
        yield playing


def rows_of(kind: Kind, load: Load) -> list[dict[str, object]]:
    """The rows of a load."""
    with players(kind, load) as playing:
        for _ in range(ROUNDS + 1):
            for player in playing.values():
                player.play()
        # The first turn is a warm-up.
        turns = {name: player.turns[1:] for name, player in playing.items()}
    what = f"{load.name}, {kind.name} clients"
    # The CPU share shows the bottleneck: a server below 100 % was waiting for its clients.
    return [
        row(f"{what}: deliveries/s", {name: [turn.per_second for turn in each] for name, each in turns.items()}, 0),
        row(f"{what}: server CPU us/delivery", {name: [cpu_us(each)] for name, each in turns.items()}, 2),
        row(f"{what}: server busy, %", {name: [busy(each)] for name, each in turns.items()}, 0, compared=False),
    ]


def cpu_us(turns: Sequence[Turn]) -> float:
    """CPU time per delivery, over all turns, since the CPU clock is too coarse for a single one."""
    return 1e6 * sum(turn.cpu_seconds for turn in turns) / sum(turn.deliveries for turn in turns)


def busy(turns: Sequence[Turn]) -> float:
    """CPU time in percent of wall time."""
    return 100 * sum(turn.cpu_seconds for turn in turns) / sum(turn.seconds for turn in turns)


def run() -> list[dict[str, object]]:
    """Rows of the table."""
    return [found for kind, load in LOADS for found in rows_of(kind, load)]
