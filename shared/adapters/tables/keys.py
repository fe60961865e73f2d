"""Turns any text into a legal PartitionKey or RowKey, differently for different texts.

Table keys may not hold ``/ \\ # ?`` or control characters
(https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model). Must not know tables.
"""

import hashlib
from urllib.parse import quote, unquote

# Above every time until the year 5138, in microseconds; fixed width makes text order time order.
TIME_DIGITS = 17
TIME_END = 10**TIME_DIGITS - 1


# A key may have 512 characters; the rest is for what stands before and behind.
KEY_CHARACTERS = 400
# Below and above every character of a key, so that ranges can name "right behind" and "to the end".
LOW, HIGH = "!", "~"
DIGEST = "=="


def key(text: str) -> str:
    """``text`` as a key of letters, digits and ``_ . - =``: percent-encoding, with ``=`` for ``%``."""
    encoded = quote(text, safe="", errors="surrogatepass").replace("~", "%7E").replace("%", "=")
    if len(encoded) <= KEY_CHARACTERS:
        return encoded
    # Two equals signs follow each other in no encoding, so a digest meets no other key.
    return DIGEST + hashlib.sha256(encoded.encode()).hexdigest()


def text_of(key: str) -> str:
    """The text that a key was made of; empty for a digest, which tells none."""
    return "" if key.startswith(DIGEST) else unquote(key.replace("=", "%"), errors="surrogatepass")


def ascending(time: int) -> str:
    """A time (microseconds) whose text order is oldest first."""
    return f"{time:0{TIME_DIGITS}d}"


def descending(time: int) -> str:
    """A time (microseconds) whose text order is newest first."""
    return f"{TIME_END - time:0{TIME_DIGITS}d}"


def from_behind(after: str, prefix: str = "") -> str:
    """Where the keys right behind that of ``after`` start; where all with ``prefix`` start when ``after`` is empty."""
    return prefix + (key(after) + LOW if after else LOW)


def end_of(prefix: str) -> str:
    """Where the keys with ``prefix`` end."""
    return prefix + HIGH
