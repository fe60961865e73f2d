"""Which names of hubs, groups, events and users are valid, and which metadata. Pure rules.

Sources: the REST specification of Web PubSub (2024-12-01) for lengths and the pattern of hub names; Microsoft's
emulator for event names and metadata, about which the documentation is silent.
"""

import re
from collections.abc import Iterable, Mapping

HUB_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_`,.\[\]]{0,127}")
EVENT_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,127}", re.IGNORECASE)
METADATA_KEY = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}")
CONTROL_OR_SURROGATE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
HUB_MAX_CHARACTERS = 128
GROUP_MAX_CHARACTERS = 1024
METADATA_VALUE_MAX_BYTES = 1024
METADATA_MAX_BYTES = 8192

Metadata = Mapping[str, str]


def is_hub(name: str, most: int = HUB_MAX_CHARACTERS) -> bool:
    """Whether ``name`` is a valid hub name. Hub names are case-insensitive."""
    return len(name) <= most and HUB_NAME.fullmatch(name) is not None


def is_group(name: str, most: int = GROUP_MAX_CHARACTERS) -> bool:
    """Whether ``name`` is a valid group name: 1 to ``most`` characters, not only white space. Case-sensitive."""
    return 0 < len(name) <= most and not name.isspace() and is_unicode(name)


def is_unicode(text: str) -> bool:
    """Whether ``text`` can be encoded as UTF-8. Tokens may contain lone surrogates, which cannot."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def is_event(name: str) -> bool:
    """Whether ``name`` is a valid name of a user event. Event names are case-insensitive."""
    return EVENT_NAME.fullmatch(name) is not None


def is_user_id(name: str) -> bool:
    """Whether ``name`` is a valid user id. Control characters must not get into the ``ce-userId`` header."""
    return CONTROL_OR_SURROGATE.search(name) is None


def metadata_fault(pairs: Iterable[tuple[str, str]]) -> str | None:
    """What is wrong with a message's metadata, or None."""
    seen: set[str] = set()
    total = 0
    for key, value in pairs:
        if not METADATA_KEY.fullmatch(key):
            return "a metadata key must be 1 to 256 letters, digits or !#$%&'*+-.^_`|~"
        if key in seen:
            return f"metadata key {key!r} occurs twice"
        if not (value.isascii() and value.isprintable() and len(value) <= METADATA_VALUE_MAX_BYTES):
            return f"metadata value of {key!r} must be at most {METADATA_VALUE_MAX_BYTES} printable ASCII characters"
        seen.add(key)
        total += len(key) + len(value)
    if total > METADATA_MAX_BYTES:
        return f"metadata must not exceed {METADATA_MAX_BYTES} bytes"
    return None
