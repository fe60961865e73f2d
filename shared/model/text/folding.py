"""What of a text counts when words are looked for: not case, accents, or which of several ways a letter was written.

The page folds by the same rule (`frontend/src/folding.ts`); `tests/folding/cases.json` is what both must give, and
`tests/backend/rules/test_folding.py` compares them sign by sign. Each character is folded for itself, so a text takes a
time that grows with its length only, and a place in what was folded is a place in the text.
"""

import unicodedata

# Marks upon letters, and signs that show nothing: (first, last) code points. Vowel signs of Indian scripts and the
# voicing marks of Japanese are no accents, so marks in general (category M) are not meant.
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
# Letters that Unicode does not take apart, as in CLDR's transform Latin-ASCII; letters of Arabic that look the same
# but differ by keyboard; the many apostrophes and dashes that devices put in by themselves.
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
    """``text`` without what makes no difference; the same for two texts that differ only in that."""
    return text.lower() if text.isascii() else text.translate(_folds)


class _Folds(dict[int, str]):
    """Code point → what it is folded to, for those that are folded to something else. Found out when one is met.

    None is worked out twice, so that a text which has nearly all of them takes little longer than another. Unicode
    bounds it: 22,000 characters change, and the others take a byte each.
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
    # Upper case has one form where lower case has several: of s, of sigma, of i.
    return "".join(_INSTEAD.get(one, one) for one in kept.lower().upper().lower())


_folds = _Folds()
