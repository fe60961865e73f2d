"""Quotas of messages per day and calls per second, to rehearse what happens when they are used up. Pure.

Messages are counted as the service bills them: outbound ones to clients and event handlers, in units of 2 KiB. Inbound
messages are free. Days are UTC. https://learn.microsoft.com/azure/azure-web-pubsub/concept-billing-model
"""

DAY_SECONDS = 86_400
MESSAGE_BYTES = 2048


def used_up(most: int) -> str:
    """The text for clients and callers beyond the daily quota."""
    return f"The quota of {most} messages a day is used up"


class DailyQuota:
    """The messages used today."""

    def __init__(self) -> None:
        self._day, self.used = 0, 0

    def take(self, size: int, receivers: int, most: int, now: float) -> bool:
        """Counts a message of ``size`` bytes to so many receivers. False, and nothing is counted, beyond ``most``.

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
    """The calls of the current second."""

    def __init__(self) -> None:
        self._second, self._used = 0, 0

    def take(self, most: int, now: float) -> bool:
        """Counts one call; False beyond ``most`` in the same second of ``now``."""
        second = int(now)
        if second != self._second:
            self._second, self._used = second, 0
        self._used += 1
        return self._used <= most
