"""Detects names that look like one of a few reserved names but are spelled with other characters.

It uses Unicode's table of confusables (https://www.unicode.org/reports/tr39/#Confusable_Detection). `lookalikes.json`
holds the part that the reserved names need. `make confusables` writes it, together with the page's table, which covers
all names (`frontend/src/state/skeleton.ts`).
"""

import json
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from shared.model.text.folding import folded

TABLE = Path(__file__).with_suffix(".json")


def looks_like_one_of(name: str, others: Iterable[str]) -> bool:
    """Whether ``name`` can be mistaken for one of ``others``, ignoring case and accents."""
    looks = _looks(name)
    return any(looks & _looks(other) for other in others)


def shape(text: str) -> str:
    """``text`` without case and accents, with "m" written as the "rn" that it looks like."""
    return folded(text).replace("m", "rn")


def _looks(name: str) -> set[str]:
    return {shape(name), shape(_skeleton(name)), shape(_skeleton(name.lower()))}


def _skeleton(name: str) -> str:
    return "".join(_plain(sign) for sign in unicodedata.normalize("NFD", name))


def _plain(sign: str) -> str:
    """What a character looks like. The table omits characters that NFKD turns into ones that it has."""
    like = _prototypes()
    return like[sign] if sign in like else "".join(like.get(part, part) for part in unicodedata.normalize("NFKD", sign))


@cache
def _prototypes() -> dict[str, str]:
    table = json.loads(TABLE.read_text())
    return {sign: prototype for prototype, signs in table.items() for sign in signs}
