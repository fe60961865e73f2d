"""Rate limits: token buckets that gain one token every ``token`` microseconds, up to ``burst``.

A bucket is stored as one number, the time (in microseconds) at which it will be full: the generic cell rate algorithm.
A bucket whose time has passed is full, so 0 is a new bucket.
"""

import math
from dataclasses import dataclass

from shared.model.clock import SECOND, SKEW
from shared.model.errors import TooManyRequests


@dataclass(frozen=True)
class Rate:
    """The parameters of a token bucket. ``says`` describes the limit, for the error text."""

    burst: int
    token: int
    says: str

    @property
    def fills_in(self) -> int:
        """Microseconds until an empty bucket is full. A bucket that claims more than this plus SKEW is not genuine."""
        return self.burst * self.token

    def take(self, bucket: int, tokens: int, now: int, besides: int = 0) -> int:
        """The bucket after taking ``tokens``; raises TooManyRequests if it holds fewer.

        ``retry_after`` is then the number of seconds until it holds ``tokens`` and ``besides`` more, since a retry has
        to pay for both.
        """
        full_at = max(bucket, now) if bucket <= now + self.fills_in + SKEW else now
        taken = full_at + tokens * self.token
        missing = taken - now - self.fills_in
        if missing <= 0:
            return taken
        seconds = math.ceil((missing + besides * self.token) / SECOND)
        raise TooManyRequests(f"{self.says}; try again in {seconds} s.", seconds)

    def charged(self, bucket: int, tokens: int, now: int) -> int:
        """The bucket after taking ``tokens``, even if it holds fewer. Paying back the debt takes SKEW at most."""
        return min(max(bucket, now) + tokens * self.token, now + self.fills_in + SKEW)


_EVENTS = "at once, then 10 per second (some events count as several)"
# For the events of one connection. Its bucket travels with them (``connection_state``).
CONNECTION = Rate(60, SECOND // 10, f"The limit per connection is 60 events {_EVENTS}")
# For all events that a user's connections send to one process: several tabs get a larger burst, but no higher rate.
USER = Rate(120, SECOND // 10, f"The limit per user is 120 events {_EVENTS}")


class Buckets:
    """Token buckets by name, in memory. They limit what one process does, not all instances together."""

    # Up to this many are kept without checking for full ones, which can be dropped.
    FEW = 1_000
    # The maximum, at 100 bytes each. Beyond it the fullest half is dropped, whose owners gain least by that.
    MOST = 20_000

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._full_at: dict[str, int] = {}
        self._look_at = self.FEW

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, name: str, tokens: int, now: int, besides: int = 0) -> None:
        """Takes ``tokens`` from the bucket ``name``; raises TooManyRequests without taking any if it holds fewer."""
        self._keep(name, self._rate.take(self._full_at.get(name, 0), tokens, now, besides), now)

    def charge(self, name: str, tokens: int, now: int) -> None:
        """Takes ``tokens`` even if the bucket holds fewer: a debt lengthens the wait before the next ``take``."""
        self._keep(name, self._rate.charged(self._full_at.get(name, 0), tokens, now), now)

    def _keep(self, name: str, full_at: int, now: int) -> None:
        self._full_at[name] = full_at
        if len(self._full_at) <= self._look_at:
            return
        emptiest = sorted(self._full_at.items(), key=lambda one: one[1], reverse=True)[: self.MOST // 2]
        self._full_at = {one: moment for one, moment in emptiest if moment > now}
        self._look_at = max(self.FEW, min(2 * len(self._full_at), self.MOST))
