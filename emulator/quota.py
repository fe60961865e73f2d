"""Quotas, for rehearsing what happens when they are used up: of messages a day, of calls a second. Pure.

Messages count as the service bills them: outbound traffic in messages of 2 KB, to clients and to event handlers; what
comes in is free. Days are those of UTC. https://learn.microsoft.com/azure/azure-web-pubsub/concept-billing-model
"""

DAY_SECONDS = 86_400
MESSAGE_BYTES = 2048


def used_up(most: int) -> str:
    """What clients and callers are told beyond the daily quota."""
    return f"The quota of {most} messages a day is used up"


class DailyQuota:
    """What was used of today's messages."""

    def __init__(self) -> None:
        self._day, self.used = 0, 0

    def take(self, size: int, receivers: int, most: int, now: float) -> bool:
        """Uses what a message of ``size`` bytes to so many costs; False, and nothing used, beyond ``most``.

        ``now``: seconds since 1970.
        """
        day = int(now // DAY_SECONDS)
        if day != self._day:
            self._day, self.used = day, 0
        wanted = receivers * max(1, -(-size // MESSAGE_BYTES))
        if self.used + wanted > most:
            return False
        self.used += wanted
        return True


class Rate:
    """What was used of this second's calls."""

    def __init__(self) -> None:
        self._second, self._used = 0, 0

    def take(self, most: int, now: float) -> bool:
        """Counts one call; False beyond ``most`` in the same second of ``now``."""
        second = int(now)
        if second != self._second:
            self._second, self._used = second, 0
        self._used += 1
        return self._used <= most
