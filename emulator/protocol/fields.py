"""The checks of fields that all sub-protocols share. Each returns the field or raises Malformed."""

from collections.abc import Iterable

import msgspec

from ..names import Metadata, is_event, is_group, metadata_fault
from .messages import TTL_MAX_SECONDS, Malformed


def group(name: str | None) -> str:
    """A group name."""
    if name is None or not is_group(name):
        raise Malformed("group must be 1 to 1024 characters, not only white space")
    return name


def event(name: str | None) -> str:
    """An event name."""
    if name is None or not is_event(name):
        raise Malformed("event must be a letter followed by up to 127 letters, digits, '_', '.' or '-'")
    return name


def ttl(field: str, seconds: int) -> int:
    """A message's time to live."""
    if not 0 <= seconds <= TTL_MAX_SECONDS:
        raise Malformed(f"{field} must be from 0 to {TTL_MAX_SECONDS}")
    return seconds


# Numbers too large for a float are valid JSON and are passed on as they are.
_any_json = msgspec.json.Decoder(float_hook=str)


def json_data(data: bytes) -> bytes:
    """Valid JSON."""
    try:
        _any_json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed(f"data is not valid JSON: {error}") from None
    return data


def metadata(pairs: Iterable[tuple[str, str]]) -> Metadata:
    """A message's metadata."""
    pairs = list(pairs)
    if fault := metadata_fault(pairs):
        raise Malformed(fault)
    return dict(pairs)
