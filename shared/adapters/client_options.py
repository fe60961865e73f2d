"""Retries and timeouts of the Azure SDKs' clients.

The SDKs' defaults allow minutes. A call of ours makes several requests, one after another, and has a deadline of its
own (``deadline``). These are shorter, so that the log names the service that does not answer.
"""

from typing import Any

# Two retries when the service refuses for now, one when it does not answer: 10 s in all, or 6 s while it cannot be
# reached. Repeating one of our requests does no harm.
CLIENT_OPTIONS: dict[str, Any] = {
    "retry_total": 2,
    "retry_connect": 1,
    "retry_read": 1,
    "retry_backoff_factor": 0.2,
    "connection_timeout": 3,
    "read_timeout": 5,
}
