"""How fast a connection may send events: a bucket of BURST tokens that gains PER_SECOND tokens each second. Pure.

A bucket is one number, the moment (microseconds) at which it will be full: the generic cell rate algorithm. One that
lies in the past is full, so 0 is the bucket of a new connection. Must not know events or where buckets are kept.
"""

import math

from shared.clock import SECOND, SKEW
from shared.errors import TooManyRequests

BURST = 60
PER_SECOND = 10
TOKEN = SECOND // PER_SECOND
# An empty bucket is full after so long. One that takes longer by more than clocks may differ is not ours.
FILLS_IN = BURST * TOKEN


def take(bucket: int, tokens: int, now: int) -> int:
    """The bucket without ``tokens``; raises TooManyRequests with the seconds after which it holds enough."""
    full_at = max(bucket, now) if bucket <= now + FILLS_IN + SKEW else now
    taken = full_at + tokens * TOKEN
    missing = taken - now - FILLS_IN
    if missing <= 0:
        return taken
    seconds = math.ceil(missing / SECOND)
    limit = f"A connection may send {BURST} events at once, then {PER_SECOND} a second"
    raise TooManyRequests(f"{limit}; try again in {seconds} s.", seconds)
