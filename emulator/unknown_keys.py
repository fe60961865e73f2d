"""Keys of a configuration file that nothing here reads, and the name that was probably meant.

A key that is passed over in silence is a stand-in without handlers, and nobody knows why. Pure; must not know what the
keys mean.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

import msgspec.inspect

WARNINGS_MAX = 20
# Microsoft's, for which there is no stand-in here.
UNSUPPORTED_KEYS = ("EventListeners",)


def warnings(value: Any, kind: type, path: str = "") -> list[str]:
    """What is to be said of the keys of ``value``, which is to be read as ``kind`` and stands at ``path``."""
    found = list(_unknown(value, msgspec.inspect.type_info(kind), path))
    more = len(found) - WARNINGS_MAX
    return [*found[:WARNINGS_MAX], *([f"{more} more keys are not read"] if more > 0 else [])]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question behind an unknown name; empty where no known one is near."""
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
                    yield f"{there} is not read{did_you_mean(key, known)}"
                elif inside:
                    yield f"{there} is not supported here, and not read"
        case msgspec.inspect.ListType(item_type=item) if isinstance(value, list):
            for number, inside in enumerate(value):
                yield from _unknown(inside, item, f"{path}[{number}]")
        case msgspec.inspect.DictType(value_type=item) if isinstance(value, dict):
            for key, inside in value.items():
                yield from _unknown(inside, item, f"{path}.{key}")
        case msgspec.inspect.UnionType(types=types):
            for one in types:
                yield from _unknown(value, one, path)
