"""Whether this process takes on one more HTTP call: of this caller, of this kind, at this moment.

Protects the process, and those who share it with one who asks too much; each instance has an admission of its own and
storage none. What has to hold across instances lies in storage. Must not know routes.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from shared.clock import SECOND
from shared.errors import TooManyRequests
from shared.rate_limit import Buckets, Rate

T = TypeVar("T")

# The settings' defaults. A page of a chat takes about 20 tokens to load; a quarter of a minute's may come at once.
CALLS_PER_MINUTE = 1_200
# A school class comes in from one address.
GUESTS_PER_MINUTE = 60

# The dearest call has to be possible.
MOST_TOKENS = 10
# When a place may have become free.
PLACE_SECONDS = 1


@dataclass(frozen=True)
class Price:
    """What a kind of call takes of its caller's tokens, and how many of it run at a time: of one caller, of all.

    ``tokens`` are known before it runs; what it turns out to cost comes on top (``Admission.charge``).
    """

    kind: str
    tokens: int
    of_one: int
    of_all: int


# A few requests to storage.
PLAIN = Price("calls", 1, 20, 200)
# A page takes up to a hundred requests to storage.
LIST = Price("lists", 2, 8, 40)
# A page holds up to 1,000 messages in memory, 16 MB when all are as long as can be.
EXPORT = Price("exports", 4, 2, 4)
# Reads up to 20,000 messages.
SEARCH = Price("searches", 10, 2, 4)
# Asks Storage and Web PubSub, for anybody.
PING = Price("looks at the health", 1, 2, 10)


class Admission:
    """Who is running what in one process, and who has asked how much."""

    def __init__(self, calls_per_minute: int = CALLS_PER_MINUTE, guests_per_minute: int = GUESTS_PER_MINUTE) -> None:
        """``calls_per_minute`` are those of one caller, ``guests_per_minute`` those who come from one address."""
        burst = max(MOST_TOKENS, calls_per_minute // 4)
        calls = (
            f"You may ask {burst} times at once, then {calls_per_minute} times a minute, and some calls count as more"
        )
        guests = f"From one network {guests_per_minute} guests may come a minute"
        self._callers = Buckets(Rate(burst, 60 * SECOND // calls_per_minute, calls))
        self._addresses = Buckets(Rate(guests_per_minute, 60 * SECOND // guests_per_minute, guests))
        self._running: Counter[tuple[str, str]] = Counter()
        self._of_kind: Counter[str] = Counter()

    @contextmanager
    def place(self, caller: str, price: Price, now: int) -> Iterator[None]:
        """Charges a call and holds its place as long as it runs; raises TooManyRequests.

        ``caller`` is empty where nobody knows who calls: then only the bound of all counts.
        """
        self._check(caller, price)
        if caller:
            self._callers.take(caller, price.tokens, now)
        _add(self._running, (price.kind, caller), 1)
        _add(self._of_kind, price.kind, 1)
        try:
            yield
        finally:
            _add(self._running, (price.kind, caller), -1)
            _add(self._of_kind, price.kind, -1)

    def charge(self, caller: str, tokens: int, now: int) -> None:
        """Takes more of a caller's tokens, for what a call turned out to cost; their next calls wait for it."""
        self._callers.charge(caller, tokens, now)

    def new_guest(self, address: str, now: int) -> None:
        """Counts a guest from a network address, or one of all those whose address nobody tells.

        Raises TooManyRequests.
        """
        self._addresses.take(address, 1, now)

    def _check(self, caller: str, price: Price) -> None:
        if self._of_kind[price.kind] >= price.of_all:
            raise TooManyRequests(f"Too many {price.kind} are running; try again in a moment.", PLACE_SECONDS)
        if caller and self._running[price.kind, caller] >= price.of_one:
            limit = f"You may have {price.of_one} {price.kind} running at a time"
            raise TooManyRequests(f"{limit}; wait until one of them has ended.", PLACE_SECONDS)


def _add(counter: Counter[T], key: T, change: int) -> None:
    counter[key] += change
    if not counter[key]:
        del counter[key]
