"""Access keys of functions whose auth level is FUNCTION or ADMIN.

Core Tools checks no keys locally; this host does, so that a caller who forgot the key finds out before Azure says so.
https://learn.microsoft.com/azure/azure-functions/function-keys-how-to
"""

import hmac
from collections.abc import Mapping

HEADER = "x-functions-key"
PARAMETER = "code"


def allowed(auth_level: str, key: str, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
    """Whether a request may call a function of this level; ``key`` serves as function key and as master key."""
    if auth_level == "ANONYMOUS":
        return True
    offered = headers.get(HEADER) or query.get(PARAMETER) or ""
    # A header may hold bytes that are no text.
    return hmac.compare_digest(offered.encode(errors="surrogateescape"), key.encode())
