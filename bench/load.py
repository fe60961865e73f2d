"""Two hundred people talk in twenty chats through the whole local stack: how long messages take, and what is lost.

Every acknowledged message must be in the history exactly once, in its author's order, and must have reached every other
member exactly once. The clients use the API like a browser.
"""

import asyncio
import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import aiohttp
import uvloop

from bench.stack import Stack, started
from bench.talker import Refused, Talker

CHATS, MEMBERS, MESSAGES = 20, 10, 50
# The pause between a person's messages, well below a connection's rate limit of ten a second.
PAUSE_SECONDS = 2.0
# Then everybody sends this many at once, within the limit of a connection, to measure the stack's throughput.
BURST = 10
# A message without its acks for this long is lost.
PATIENCE_SECONDS = 60.0
SIGN_INS_AT_ONCE = 20
PAGE = 100
SHARES = {"p50": 0.5, "p99": 0.99, "max": 1.0}
# The stand-in logs this if the backend did not answer a call, or answered with a 5xx.
REPEATED = "; retrying in "


@dataclass
class Outcome:
    """What happened to each message, by id; times are seconds of ``time.perf_counter``."""

    sent: dict[str, float] = field(default_factory=dict)
    delivered: dict[str, float] = field(default_factory=dict)
    saved: dict[str, float] = field(default_factory=dict)
    arrivals: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    problems: Counter[str] = field(default_factory=Counter)

    def arrived(self, message_id: str, at: float) -> None:
        self.arrivals[message_id].append(at)


class Room:
    """A chat and its members; the first one creates it."""

    def __init__(self, people: Sequence[Talker]) -> None:
        self.id, self.people = str(uuid.uuid4()), people

    async def open(self) -> None:
        first, *others = self.people
        await first.event("createChat", {"id": self.id, "name": "Load"}, self.id)
        for other in others:
            await other.event("joinChat", self.id, self.id)

    async def history(self) -> list[dict[str, str]]:
        """The whole history, oldest first, read page by page."""
        found: list[dict[str, str]] = []
        cursor = ""
        while True:
            page = await self.people[0].get(f"chats/{self.id}/messages?limit={PAGE}{cursor}")
            found = page["messages"] + found
            if not page["more"]:
                return found
            cursor = f"&before={found[0]['id']}"


async def chat(room: Room, person: Talker, outcome: Outcome) -> None:
    """Sends one message after another, each when it is due and the previous one has been answered."""
    due = time.perf_counter() + random.random() * PAUSE_SECONDS
    for _ in range(MESSAGES):
        await asyncio.sleep(due - time.perf_counter())
        await say(room, person, outcome)
        due = max(due + PAUSE_SECONDS, time.perf_counter())


async def burst(room: Room, person: Talker, outcome: Outcome) -> None:
    """Sends several messages without waiting for answers."""
    await asyncio.gather(*(say(room, person, outcome) for _ in range(BURST)))


async def say(room: Room, person: Talker, outcome: Outcome) -> None:
    """Sends a message to the group and to the backend, as the page does, and records when each was acknowledged."""
    one = str(uuid.uuid4())
    text = f"This is number {len(person.said)} of what I have to say in here."
    person.said.append(one)
    outcome.sent[one] = time.perf_counter()
    shown = {"id": one, "message": text, "fromUserId": person.user_id}
    kept = {"chatId": room.id, "id": one, "message": text}
    answers = {"group": person.to_group(room.id, shown), "saved": person.event("saveMessage", kept, one)}
    times = {"group": outcome.delivered, "saved": outcome.saved}
    await asyncio.gather(*(noted(kind, answer, times[kind], one, outcome) for kind, answer in answers.items()))


async def noted(kind: str, answer: Awaitable[float], times: dict[str, float], one: str, outcome: Outcome) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            times[one] = await answer
    except TimeoutError:
        outcome.problems[f"no {kind} ack"] += 1
    except Refused as refused:
        outcome.problems[f"no {kind} ack but {refused}"] += 1


def judge(said_by: Mapping[str, Sequence[str]], kept: Sequence[Mapping[str, str]], outcome: Outcome) -> None:
    """Counts what is missing, duplicated or out of order in a chat's history, given each user's messages in order."""
    found = outcome.problems
    counts = Counter(message["id"] for message in kept)
    said = {one for messages in said_by.values() for one in messages}
    found["acknowledged but not kept"] += len((said & outcome.saved.keys()) - counts.keys())
    found["kept twice"] += sum(count > 1 for count in counts.values())
    found["kept but never said"] += len(counts.keys() - said)
    for user_id, messages in said_by.items():
        own = [message["id"] for message in kept if message["fromUserId"] == user_id]
        found["author's order lost"] += own != [one for one in messages if one in counts]
    for one in said & outcome.delivered.keys():
        found["not once in front of every other member"] += len(outcome.arrivals[one]) != MEMBERS - 1


async def gathered(exits: AsyncExitStack, stack: Stack, outcome: Outcome) -> list[Room]:
    """Signs everybody in, connects them, and lets them join their chats."""
    gate = asyncio.Semaphore(SIGN_INS_AT_ONCE)

    async def enter(number: int) -> Talker:
        # `unsafe`, so that aiohttp accepts the cookies of `localhost`.
        http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        person = Talker(await exits.enter_async_context(http), stack.url, outcome.arrived)
        async with gate:
            await person.sign_in(f"Person {number}")
        return person

    people = await asyncio.gather(*(enter(number) for number in range(CHATS * MEMBERS)))
    rooms = [Room(people[start : start + MEMBERS]) for start in range(0, len(people), MEMBERS)]
    await asyncio.gather(*(room.open() for room in rooms))
    return rooms


async def talked(stack: Stack) -> tuple[Outcome, int]:
    """Runs the load. Returns the outcome and how many messages were sent at a steady pace before the burst."""
    outcome = Outcome()
    async with AsyncExitStack() as exits:
        rooms = await gathered(exits, stack, outcome)
        everybody = [(room, person) for room in rooms for person in room.people]
        await asyncio.gather(*(chat(*one, outcome) for one in everybody))
        steady = len(outcome.sent)
        await asyncio.gather(*(burst(*one, outcome) for one in everybody))
        for room in rooms:
            judge({person.user_id: person.said for person in room.people}, await room.history(), outcome)
        await asyncio.gather(*(person.close() for _, person in everybody))
    return outcome, steady


def run() -> list[dict[str, object]]:
    """Rows of the table: latency at a steady pace, throughput in a burst, and problems."""
    with started() as stack:
        outcome, steady = uvloop.run(talked(stack))
        repeated = stack.output().count(REPEATED)
    for problem, count in (+outcome.problems).items():
        print(f"{problem}: {count}")
    name = f"{CHATS * MEMBERS} people in {CHATS} chats"
    messages, pace = list(outcome.sent), f"{name}, each every {PAUSE_SECONDS:g} s"
    return [
        row(f"{pace}: saved/s", rate(outcome, messages[:steady])),
        *waits(outcome, messages[:steady], pace),
        row(f"{name}, {BURST} messages each at once: saved/s", rate(outcome, messages[steady:])),
        row(f"{name}, all {len(messages)} messages: lost, doubled, out of order", outcome.problems.total()),
        row(f"{name}, all {len(messages)} messages: calls repeated", repeated),
    ]


def waits(outcome: Outcome, messages: Sequence[str], name: str) -> list[dict[str, object]]:
    """Milliseconds from sending a message to its group ack, its arrival and its saved ack."""
    ends = {
        "group ack": [(one, [outcome.delivered[one]]) for one in messages if one in outcome.delivered],
        "another member": [(one, outcome.arrivals[one]) for one in messages],
        "saved ack": [(one, [outcome.saved[one]]) for one in messages if one in outcome.saved],
    }
    rows = []
    for end, reached in ends.items():
        taken = sorted(1000 * (time - outcome.sent[one]) for one, times in reached for time in times)
        rows += [row(f"{name}: to {end}, {label} ms", at(taken, share)) for label, share in SHARES.items()]
    return rows


def rate(outcome: Outcome, messages: Sequence[str]) -> float:
    """How many of these messages were saved per second."""
    saved = [outcome.saved[one] for one in messages if one in outcome.saved]
    return len(saved) / (max(saved) - outcome.sent[messages[0]])


def at(ordered: Sequence[float], share: float) -> float:
    """The quantile ``share`` of sorted values."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def row(what: str, figure: float) -> dict[str, object]:
    return {"what": what, "chatr": round(figure, 1)}
