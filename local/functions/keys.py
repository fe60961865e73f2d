"""Access keys of functions whose auth level is FUNCTION or ADMIN.

Core Tools does not check keys locally. This host does, so that a caller without a key fails here and not only in Azure.
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
    # A header may contain bytes that are not text.
    return hmac.compare_digest(offered.encode(errors="surrogateescape"), key.encode())
