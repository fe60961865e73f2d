"""Cuts texts between grapheme clusters, such as an emoji of seven code points or a letter with its marks.

It implements those rules for grapheme clusters that matter in chat texts and names
(https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundary_Rules). The page asks the browser (`characters.ts`).
"""

import unicodedata

# The longest emoji has ten code points. A longer cluster is a pile of marks, which may be cut anywhere.
LONGEST_CHARACTER = 32
_JOINER = "\u200d"


def cut(text: str, longest: int) -> str:
    """``text``, cut after the last whole grapheme cluster within ``longest`` code points if it is longer."""
    if len(text) <= longest:
        return text
    for end in range(longest, max(-1, longest - LONGEST_CHARACTER), -1):
        if end == 0 or not _goes_on(text, end):
            return text[:end]
    return text[:longest]


def _goes_on(text: str, at: int) -> bool:
    """Whether the code point at ``at`` belongs to the same cluster as the one before it."""
    one = text[at]
    if _is_regional(one):
        before = text[:at]
        return (len(before) - len(before.rstrip(_REGIONAL))) % 2 == 1
    return text[at - 1] == _JOINER or unicodedata.category(one)[0] == "M" or _extends(ord(one))


_REGIONAL = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def _is_regional(character: str) -> bool:
    """Whether it is a regional indicator, two of which make a flag."""
    return character in _REGIONAL


def _extends(code: int) -> bool:
    """Whether it is a joiner, a skin tone, a flag tag, a Hangul vowel or final, or a half-width voicing mark."""
    return (
        code in (0x200C, 0x200D, 0xFF9E, 0xFF9F)
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
        or 0x1160 <= code <= 0x11FF
        or 0xD7B0 <= code <= 0xD7FF
    )
