"""Retries and time-outs of the Azure SDKs' clients.

The SDKs' defaults allow minutes. One of our calls makes several requests in sequence and has a deadline of its own
(``flow/deadline.py``). These time-outs are shorter than it, so that the log names the service that does not respond.
"""

from typing import Any

# Two retries after an error response that can be retried, one after a time-out: 10 s in all, or 6 s if the service
# can't be reached. All our requests can be retried safely.
CLIENT_OPTIONS: dict[str, Any] = {
    "retry_total": 2,
    "retry_connect": 1,
    "retry_read": 1,
    "retry_backoff_factor": 0.2,
    "connection_timeout": 3,
    "read_timeout": 5,
}
