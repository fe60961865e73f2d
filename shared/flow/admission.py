"""Admission control: whether this process accepts one more HTTP call of a given caller and kind.

It protects the process, and other callers from one who asks for too much. Each instance has its own, in memory.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from shared.flow.limiter import Bounds, Limiter
from shared.flow.rate_limit import Buckets, Rate
from shared.model.clock import SECOND

# Defaults of the settings. Loading a chat page takes about 20 tokens; a burst may be a quarter of a minute's tokens.
CALLS_PER_MINUTE = 1_200
# Enough for a school class behind one address.
GUESTS_PER_MINUTE = 60

# The smallest burst, so that the most expensive call is possible.
MOST_TOKENS = 10

# How many callers may queue for an expensive kind of call. Callers with one running don't queue.
IN_LINE = 20


@dataclass(frozen=True)
class Price(Bounds):
    """The cost of a kind of call in tokens of its caller's bucket, and how many of the kind run at a time.

    ``tokens`` are charged before the call runs. Afterwards one more is charged for every ``rows_a_token`` rows that it
    has read (``Admission.charge``): each row takes 30 to 90 us of CPU time, which all callers share.
    """

    tokens: int = 1
    rows_a_token: int = 50


# A few requests to storage.
PLAIN = Price("calls", of_one=20, of_all=200)
# Until they sign in, all people behind one network address are one caller. A sign-in makes one storage request.
SIGN_IN = Price("sign-ins", of_one=60, of_all=100)
# A page takes up to a hundred requests to storage.
LIST = Price("lists", of_one=8, of_all=40, in_line=IN_LINE, tokens=2, rows_a_token=100)
# A page holds up to 1,000 messages in memory: 16 MB if all have the maximum length.
EXPORT = Price("exports", of_one=2, of_all=4, in_line=IN_LINE, tokens=4, rows_a_token=200)
# Reads up to 20,000 messages.
SEARCH = Price("searches", of_one=2, of_all=4, in_line=IN_LINE, tokens=10, rows_a_token=2_000)
# Anybody can call it, and it sends requests to Storage and Web PubSub.
PING = Price("health checks", of_one=2, of_all=10)


class Admission:
    """The calls that are running in one process, and the token buckets of its callers."""

    def __init__(self, calls_per_minute: int = CALLS_PER_MINUTE, guests_per_minute: int = GUESTS_PER_MINUTE) -> None:
        """``calls_per_minute`` is per caller, ``guests_per_minute`` per network address."""
        burst = max(MOST_TOKENS, calls_per_minute // 4)
        calls = f"The limit is {burst} calls at once, then {calls_per_minute} per minute (some calls count as several)"
        guests = f"The limit is {guests_per_minute} new guests per minute from one network"
        self._callers = Buckets(Rate(burst, 60 * SECOND // calls_per_minute, calls))
        self._addresses = Buckets(Rate(guests_per_minute, 60 * SECOND // guests_per_minute, guests))
        self._limiter = Limiter()

    @asynccontextmanager
    async def place(self, caller: str, price: Price, now: int) -> AsyncIterator[None]:
        """Charges a call and counts it as running until it ends; raises TooManyRequests.

        ``caller`` is empty if unknown: then only the limit for all callers applies.
        """
        async with self._limiter.hold(caller, price):
            if caller:
                self._callers.take(caller, price.tokens, now)
            yield

    def charge(self, caller: str, tokens: int, now: int) -> None:
        """Charges a caller for what a call turned out to cost. The bucket may go into debt."""
        self._callers.charge(caller, tokens, now)

    def new_guest(self, address: str, now: int) -> None:
        """Counts a new guest from a network address; all guests with an unknown address (empty) count as one.

        Raises TooManyRequests.
        """
        self._addresses.take(address, 1, now)
