"""Whether a name looks like one of a few others, whichever letters it is written with.

By Unicode's table of confusable characters (https://www.unicode.org/reports/tr39/#Confusable_Detection), of which
`lookalikes.json` has what those names need: `make confusables` writes it with the page's, which tells all names apart
(`frontend/src/state/skeleton.ts`).
"""

import json
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from shared.model.text.folding import folded

TABLE = Path(__file__).with_suffix(".json")


def looks_like_one_of(name: str, others: Iterable[str]) -> bool:
    """Whether ``name`` can be taken for one of ``others``, in any case and with any accents."""
    looks = _looks(name)
    return any(looks & _looks(other) for other in others)


def shape(text: str) -> str:
    """``text`` without case and accents; where a letter looks like two, as those."""
    return folded(text).replace("m", "rn")


def _looks(name: str) -> set[str]:
    return {shape(name), shape(_skeleton(name)), shape(_skeleton(name.lower()))}


def _skeleton(name: str) -> str:
    return "".join(_plain(sign) for sign in unicodedata.normalize("NFD", name))


def _plain(sign: str) -> str:
    """What a character looks like; the table leaves some out that are only other forms of a letter."""
    like = _prototypes()
    return like[sign] if sign in like else "".join(like.get(part, part) for part in unicodedata.normalize("NFKD", sign))


@cache
def _prototypes() -> dict[str, str]:
    table = json.loads(TABLE.read_text())
    return {sign: prototype for prototype, signs in table.items() for sign in signs}
