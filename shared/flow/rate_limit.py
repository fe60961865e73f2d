"""How fast somebody may go on: a bucket of tokens that gains one each ``token`` microseconds, up to ``burst``. Pure.

A bucket is one number, the moment (microseconds) at which it will be full: the generic cell rate algorithm. One that
lies in the past is full, so 0 is a new bucket. Must not know events or where buckets are kept, but for those in memory.
"""

import math
from dataclasses import dataclass

from shared.model.clock import SECOND, SKEW
from shared.model.errors import TooManyRequests


@dataclass(frozen=True)
class Rate:
    """``says`` is the limit in words, for whoever meets it."""

    burst: int
    token: int
    says: str

    @property
    def fills_in(self) -> int:
        """An empty bucket is full after so long. One that takes longer by more than clocks may differ is not ours."""
        return self.burst * self.token

    def take(self, bucket: int, tokens: int, now: int, besides: int = 0) -> int:
        """The bucket without ``tokens``; raises TooManyRequests with the seconds after which it holds enough.

        Enough also for ``besides`` more, which whoever comes again then pays too.
        """
        full_at = max(bucket, now) if bucket <= now + self.fills_in + SKEW else now
        taken = full_at + tokens * self.token
        missing = taken - now - self.fills_in
        if missing <= 0:
            return taken
        seconds = math.ceil((missing + besides * self.token) / SECOND)
        raise TooManyRequests(f"{self.says}; try again in {seconds} s.", seconds)

    def charged(self, bucket: int, tokens: int, now: int) -> int:
        """The bucket without ``tokens``, also those it does not hold; nobody owes for longer than clocks may differ."""
        return min(max(bucket, now) + tokens * self.token, now + self.fills_in + SKEW)


# Of the events of one connection; its bucket travels with them (``connection_state``).
CONNECTION = Rate(60, SECOND // 10, "A connection may send 60 events at once, then 10 a second, and some count as more")
# Of all that a user's connections send to one process: more tabs begin with more, and go on like one.
USER = Rate(120, SECOND // 10, "A user may send 120 events at once, then 10 a second, and some count as more")


class Buckets:
    """The buckets of many, in memory: what they limit is what one process does, not what all do together."""

    # So many are kept without looking which of them are full, as those are that nobody has used lately.
    FEW = 1_000
    # No more are kept, 100 bytes each: then the fullest are forgotten, whose owners gain least by it.
    MOST = 20_000

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._full_at: dict[str, int] = {}
        self._look_at = self.FEW

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, name: str, tokens: int, now: int, besides: int = 0) -> None:
        """Takes ``tokens`` from the bucket called ``name``; raises TooManyRequests, and then takes none."""
        self._keep(name, self._rate.take(self._full_at.get(name, 0), tokens, now, besides), now)

    def charge(self, name: str, tokens: int, now: int) -> None:
        """Takes ``tokens``, even those that are not there: whoever owes waits the longer before they may take again."""
        self._keep(name, self._rate.charged(self._full_at.get(name, 0), tokens, now), now)

    def _keep(self, name: str, full_at: int, now: int) -> None:
        self._full_at[name] = full_at
        if len(self._full_at) <= self._look_at:
            return
        emptiest = sorted(self._full_at.items(), key=lambda one: one[1], reverse=True)[: self.MOST // 2]
        self._full_at = {one: moment for one, moment in emptiest if moment > now}
        self._look_at = max(self.FEW, min(2 * len(self._full_at), self.MOST))
