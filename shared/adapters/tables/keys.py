"""Encodes any text as a valid PartitionKey or RowKey; different texts get different keys.

Keys may not contain ``/ \\ # ?`` or control characters
(https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model).
"""

import hashlib
from urllib.parse import quote, unquote

# Enough for microseconds until the year 5138. With a fixed width, the order of texts is that of times.
TIME_DIGITS = 17
TIME_END = 10**TIME_DIGITS - 1


# A key may have 512 characters; the rest is for prefixes and suffixes.
KEY_CHARACTERS = 400
# Below and above every character of a key: for ranges that start right after a key, or end with a prefix.
LOW, HIGH = "!", "~"
DIGEST = "=="


def key(text: str) -> str:
    """``text`` as a key of letters, digits and ``_ . - =``: percent-encoded, with ``=`` instead of ``%``."""
    encoded = quote(text, safe="", errors="surrogatepass").replace("~", "%7E").replace("%", "=")
    if len(encoded) <= KEY_CHARACTERS:
        return encoded
    # No encoded text has two equals signs in a row, so a digest can't collide with one.
    return DIGEST + hashlib.sha256(encoded.encode()).hexdigest()


def text_of(key: str) -> str:
    """The text that a key encodes; empty for a digest, which can't be decoded."""
    return "" if key.startswith(DIGEST) else unquote(key.replace("=", "%"), errors="surrogatepass")


def ascending(time: int) -> str:
    """A time (microseconds) as text that sorts oldest first."""
    return f"{time:0{TIME_DIGITS}d}"


def descending(time: int) -> str:
    """A time (microseconds) as text that sorts newest first."""
    return f"{TIME_END - time:0{TIME_DIGITS}d}"


def from_behind(after: str, prefix: str = "") -> str:
    """The start of a range right after the key of ``after``, or of all keys with ``prefix`` if ``after`` is empty."""
    return prefix + (key(after) + LOW if after else LOW)


def end_of(prefix: str) -> str:
    """The end of a range of all keys with ``prefix``."""
    return prefix + HIGH
