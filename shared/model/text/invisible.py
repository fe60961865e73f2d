"""Finds invisible characters, and tells those that an emoji or a script needs from those that have no effect."""

import re
import unicodedata

from idna.core import valid_contextj

from shared.model.text.emoji import AS_PICTURE, BLOCKS, FLAG, KEYCAP, NEEDS_SELECTOR, OLD_PICTURES, PICTURE

_NON_JOINER, _JOINER, _AS_TEXT = "\u200c", "\u200d", "\ufe0e"
# Unicode's Default_Ignorable_Code_Point beyond category Cf, and other characters that are drawn as nothing.
_SHOWS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U00016fe4"
    "\U0001d159\U000e0000-\U000e0fff]"
)
# Visible although in category Cf: signs that are drawn around or above numbers.
_DRAWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_PIECES = re.compile(f"(?P<emoji>{FLAG}|{KEYCAP}|{PICTURE}(?:{_JOINER}{PICTURE})*)|.", re.DOTALL)
_TAGS = re.compile("[\U000e0020-\U000e007f]+")
# The tag sequences that Unicode recommends: England, Scotland and Wales. Others are drawn as a plain black flag.
_TAGGED = frozenset(
    "".join(chr(0xE0000 + ord(sign)) for sign in region) + "\U000e007f" for region in ("gbeng", "gbsct", "gbwls")
)
_PICTURES = re.compile(f"[{OLD_PICTURES}{BLOCKS}]")
_IDEOGRAPHS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_VARIANTS = re.compile("[\ufe00-\ufe02\U000e0100-\U000e01ef]")
_MONGOLIAN = re.compile("[\u1820-\u18aa]")
_BEFORE_EYELASH = "\u0930\u09b0"
_VIRAMA_CLASS = 9


def without_invisible(text: str) -> str:
    """``text`` without invisible characters that have no effect."""
    return _PIECES.sub(_seen_of_piece, text)


def with_plain_pictures(text: str) -> str:
    """``text`` without redundant variation selectors at emoji, which some phones add."""
    return _PIECES.sub(_plain, text)


def is_invisible(character: str) -> bool:
    """Whether a character by itself is drawn as nothing."""
    if unicodedata.category(character) == "Cf":
        return character not in _DRAWN
    return _SHOWS_NOTHING.match(character) is not None


def _plain(piece: re.Match[str]) -> str:
    text, signs = piece.string, piece[0]
    if piece["emoji"]:
        asked_for = re.compile(f"(?P<sign>.){AS_PICTURE}", re.DOTALL)
        return asked_for.sub(lambda one: one[0] if NEEDS_SELECTOR.match(one["sign"]) else one["sign"], signs)
    if signs == _AS_TEXT and piece.start() and NEEDS_SELECTOR.match(text[piece.start() - 1]):
        return ""
    return signs


def _seen_of_piece(piece: re.Match[str]) -> str:
    signs = piece[0]
    if piece["emoji"]:
        return _TAGS.sub(lambda tags: tags[0] if tags[0] in _TAGGED else "", signs)
    return signs if not is_invisible(signs) or _does_something(piece.string, piece.start()) else ""


def _does_something(text: str, at: int) -> bool:
    """Whether the invisible character at ``at`` changes how the visible ones around it are drawn."""
    sign, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if sign in (_NON_JOINER, _JOINER):
        return _joins(text, at)
    if sign == _AS_TEXT:
        return _PICTURES.match(before) is not None
    if _VARIANTS.match(sign):
        return _IDEOGRAPHS.match(before) is not None
    if sign == "\u180e":
        return _MONGOLIAN.match(before) is not None and after in ("\u1820", "\u1821")
    return "\u180b" <= sign <= "\u180f" and _MONGOLIAN.match(before) is not None


def _joins(text: str, at: int) -> bool:
    """Whether a joiner or non-joiner stands where it has an effect, as in Persian and in Indic scripts.

    These are the rules for host names (RFC 5892, appendix A.1 and A.2), plus a joiner between a Bengali or Devanagari
    RA and its virama.
    """
    after = text[at + 1 : at + 2]
    if text[at] == _JOINER and text[at - 1 : at] in _BEFORE_EYELASH and after:
        return unicodedata.combining(after) == _VIRAMA_CLASS
    try:
        fits = valid_contextj(text, at)
    except ValueError:
        return False
    return fits and (text[at] == _JOINER or after.isalpha())
