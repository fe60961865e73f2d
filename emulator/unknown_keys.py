"""Warnings about keys of a configuration file that are not read, with the key that was probably meant.

Without them a misspelt key would silently leave the stand-in without handlers. Pure.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

import msgspec.inspect

WARNINGS_MAX = 20
# Keys of Microsoft's emulator for features that are not supported here.
UNSUPPORTED_KEYS = ("EventListeners",)


def warnings(value: Any, kind: type, path: str = "") -> list[str]:
    """Warnings about the keys of ``value``, which is at ``path`` and is read as ``kind``."""
    found = list(_unknown(value, msgspec.inspect.type_info(kind), path))
    more = len(found) - WARNINGS_MAX
    return [*found[:WARNINGS_MAX], *([f"{more} more keys are ignored"] if more > 0 else [])]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question to append to an unknown name; empty if no known name is similar."""
    by_small = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), by_small, n=1)
    return f": did you mean {by_small[near[0]]}?" if near else ""


def _unknown(value: Any, kind: msgspec.inspect.Type, path: str) -> Iterator[str]:
    match kind:
        case msgspec.inspect.StructType(fields=fields) if isinstance(value, dict):
            known = {field.encode_name: field.type for field in fields}
            for key, inside in value.items():
                there = f"{path}.{key}".removeprefix(".")
                if key in known:
                    yield from _unknown(inside, known[key], there)
                elif key not in UNSUPPORTED_KEYS:
                    yield f"{there} is ignored{did_you_mean(key, known)}"
                elif inside:
                    yield f"{there} is not supported and is ignored"
        case msgspec.inspect.ListType(item_type=item) if isinstance(value, list):
            for number, inside in enumerate(value):
                yield from _unknown(inside, item, f"{path}[{number}]")
        case msgspec.inspect.DictType(value_type=item) if isinstance(value, dict):
            for key, inside in value.items():
                yield from _unknown(inside, item, f"{path}.{key}")
        case msgspec.inspect.UnionType(types=types):
            for one in types:
                yield from _unknown(value, one, path)
