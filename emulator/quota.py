"""The daily quota of messages, for rehearsing what happens when it is used up. Pure; counts as the service bills.

https://learn.microsoft.com/azure/azure-web-pubsub/concept-billing-model: outbound traffic in messages of 2 KB, to
clients and to event handlers; what comes in is free. Days are those of UTC.
"""

DAY_SECONDS = 86_400
MESSAGE_BYTES = 2048


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
