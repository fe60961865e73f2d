"""Whether this process takes on one more HTTP call: of this caller, of this kind, at this moment.

Protects the process, and those who share it with one who asks too much; each instance has an admission of its own and
storage none. What has to hold across instances lies in storage. Must not know routes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from shared.flow.places import Bounds, Places
from shared.flow.rate_limit import Buckets, Rate
from shared.model.clock import SECOND

# The settings' defaults. A page of a chat takes about 20 tokens to load; a quarter of a minute's may come at once.
CALLS_PER_MINUTE = 1_200
# A school class comes in from one address.
GUESTS_PER_MINUTE = 60

# The dearest call has to be possible.
MOST_TOKENS = 10

# Of what is dear few run, and so many callers who run none of it wait in line.
IN_LINE = 20


@dataclass(frozen=True)
class Price(Bounds):
    """What a kind of call takes of its caller's tokens, and how many of it run at a time.

    ``tokens`` are known before it runs; what it turns out to cost comes on top (``Admission.charge``): one for each
    ``rows_a_token`` rows that it has read, which take 30 to 90 us each of a processor that all share.
    """

    tokens: int = 1
    rows_a_token: int = 50


# A few requests to storage.
PLAIN = Price("calls", of_one=20, of_all=200)
# All of a network are one caller until they are signed in. A call is a request to storage.
SIGN_IN = Price("sign-ins", of_one=60, of_all=100)
# A page takes up to a hundred requests to storage.
LIST = Price("lists", of_one=8, of_all=40, in_line=IN_LINE, tokens=2, rows_a_token=100)
# A page holds up to 1,000 messages in memory, 16 MB when all are as long as can be.
EXPORT = Price("exports", of_one=2, of_all=4, in_line=IN_LINE, tokens=4, rows_a_token=200)
# Reads up to 20,000 messages.
SEARCH = Price("searches", of_one=2, of_all=4, in_line=IN_LINE, tokens=10, rows_a_token=2_000)
# Asks Storage and Web PubSub, for anybody.
PING = Price("looks at the health", of_one=2, of_all=10)


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
        self._places = Places()

    @asynccontextmanager
    async def place(self, caller: str, price: Price, now: int) -> AsyncIterator[None]:
        """Charges a call and holds its place as long as it runs; raises TooManyRequests.

        ``caller`` is empty where nobody knows who calls: then only the bound of all counts.
        """
        async with self._places.of(caller, price):
            if caller:
                self._callers.take(caller, price.tokens, now)
            yield

    def charge(self, caller: str, tokens: int, now: int) -> None:
        """Takes more of a caller's tokens, for what a call turned out to cost; their next calls wait for it."""
        self._callers.charge(caller, tokens, now)

    def new_guest(self, address: str, now: int) -> None:
        """Counts a guest from a network address, or one of all those whose address nobody tells.

        Raises TooManyRequests.
        """
        self._addresses.take(address, 1, now)
