"""Folds texts for search, so that case, accents and different encodings of a letter make no difference.

The page folds by the same rule (`frontend/src/folding.ts`). `tests/folding/cases.json` has what both must return, and
`tests/backend/rules/test_folding.py` compares them character by character. Each character is folded by itself, so the
time is linear in the text's length, and an offset in the folded text can be mapped back to the text.
"""

import unicodedata

# Accents and invisible characters to drop, as ranges (first, last) of code points. These are not simply all marks
# (category M), because vowel signs of Indic scripts and Japanese voicing marks are not accents.
_LEFT_OUT = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x0300, 0x036F),  # combining marks
    (0x0483, 0x0489),  # Cyrillic titla
    (0x0591, 0x05BD),  # Hebrew points
    (0x05BF, 0x05BF),
    (0x05C1, 0x05C2),
    (0x05C4, 0x05C5),
    (0x05C7, 0x05C7),
    (0x0610, 0x061A),  # Arabic points
    (0x061C, 0x061C),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06DC),
    (0x06DF, 0x06E4),
    (0x06E7, 0x06E8),
    (0x06EA, 0x06ED),
    (0x180B, 0x180F),  # Mongolian selectors
    (0x1AB0, 0x1AFF),  # combining marks
    (0x1DC0, 0x1DFF),
    (0x200B, 0x200F),  # joiners and directions
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x20D0, 0x20FF),  # marks around signs, as of keycaps
    (0xFE00, 0xFE0F),  # selectors of a variant, as of emoji
    (0xFE20, 0xFE2F),
    (0xFEFF, 0xFEFF),
    (0xE0000, 0xE0FFF),  # tags and further selectors
)
# Letters that Unicode does not decompose, as in CLDR's Latin-ASCII transform; Arabic letters that look the same but
# differ between keyboards; the various apostrophes and dashes that devices insert by themselves.
_INSTEAD = {
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    **dict(zip("øðđłħŋŧĸəƀɓƈɗƒɠǥɨɉƙƚɲƥɍƭʉƴɏƶȥⱥȼɇⱦȷς", "oddlhntqebbcdfggijklnprtuyyzzacetjσ", strict=True)),
    **dict(zip("ىیکہ", "ييكه", strict=True)),
    **dict.fromkeys("’‘‛ʼʹʻ´′", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}
_CHARACTERS = 0x110000

_left_out = frozenset(chr(code) for first, last in _LEFT_OUT for code in range(first, last + 1))


def folded(text: str) -> str:
    """``text`` in a form that is equal for texts which differ only in case, accents or encoding."""
    return text.lower() if text.isascii() else text.translate(_folds)


class _Folds(dict[int, str]):
    """A cache from code point to its folded form, filled on demand; unchanged code points are only flagged.

    Nothing is computed twice, so a text with nearly every character takes little longer than any other. Unicode bounds
    the size: 22,000 characters change, and the others take a byte each.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stays = bytearray(_CHARACTERS)

    def __missing__(self, code: int) -> int | str:
        if self._stays[code]:
            return code
        fold = _folded_one(chr(code))
        if fold == chr(code):
            self._stays[code] = True
        else:
            self[code] = fold
        return fold


def _folded_one(character: str) -> str:
    parts = unicodedata.normalize("NFKD", _INSTEAD.get(character, character))
    kept = "".join(part for part in parts if part not in _left_out)
    # Some letters (s, sigma, i) have several lower-case forms but one upper-case form.
    return "".join(_INSTEAD.get(one, one) for one in kept.lower().upper().lower())


_folds = _Folds()
