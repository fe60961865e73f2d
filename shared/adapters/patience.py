"""How long one request to Azure may take: what the clients of its SDKs are made with.

The SDKs' own bounds are minutes. A call makes several requests, one after another, and has a bound of its own
(``deadline``); these are shorter, so that the log names the service that does not answer.
"""

from typing import Any

# What the service refuses for now is tried three times, what it does not answer twice: 10 s in all, or 6 s while it
# cannot be reached. Requests are such that it does no harm when one is done twice.
PATIENCE: dict[str, Any] = {
    "retry_total": 2,
    "retry_connect": 1,
    "retry_read": 1,
    "retry_backoff_factor": 0.2,
    "connection_timeout": 3,
    "read_timeout": 5,
}
