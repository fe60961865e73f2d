"""What people and chats may be called: in one form of several, with nothing that nobody sees and few marks on a letter.

Names are not unique. That two look the same is for the page to show (`frontend/src/state/names.ts`), since only what
stands beside each other is mixed up; here is seen to it that a name is what it looks like.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from shared.model.limits import USER_NAME_CHARACTERS, is_visible
from shared.model.text.characters import cut
from shared.model.text.invisible import is_invisible, seen, with_plain_pictures

# Under this name the original Chatr's client shows what the backend says.
SYSTEM_NAME = "Chatr"
# Whom nobody has a name for.
UNNAMED = "Someone"
OWN_NAMES = (SYSTEM_NAME, UNNAMED)

_CHAT_WITH = "Chat with "
# Of a hint no more is looked at, in code points.
_LONGEST_HINT = 500
# What is so many times as long as a name may be is not looked at: its spaces alone cannot be too many.
_MOST_TIMES = 10

# Marks that any letter may carry. Those of a script's own are needed in larger numbers: Hebrew, Burmese, Tibetan.
_ANYBODYS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
MOST_MARKS = 3
MOST_MARKS_OF_ANYBODY = 2

# What may stand around an address, and what is left of it when it goes.
_SIGN_OF_MAIL = "@\uff20\ufe6b"
_IN_ADDRESS = rf"[^\s<>()\[\],;:\"{_SIGN_OF_MAIL}]+"
_ADDRESS = re.compile(rf"{_IN_ADDRESS}[{_SIGN_OF_MAIL}]{_IN_ADDRESS}\.[^\W\d_]{{2,}}")
_AROUND = " \t<>()[]{},;:|/\"'-–—·"
# How Microsoft Entra writes the address of a guest of a tenant: ann_example.org#EXT#@tenant.onmicrosoft.com.
# https://learn.microsoft.com/entra/external-id/user-properties
_EXTERNAL = re.compile(r"#EXT#$", re.IGNORECASE)


def tidy_name(text: str, limit: int, field: str) -> str:
    """``text`` as a name: trimmed, composed (NFC), with single spaces.

    Raises ValueError naming ``field`` when it is too long, shows nothing, or has what a name may not have.
    """
    size = f"`{field}` must have 1 to {limit} characters"
    if len(text) > _MOST_TIMES * limit:
        raise ValueError(size)
    if any(map(_is_control, text.strip())):
        raise ValueError(f"`{field}` must not contain control characters")
    name = _one_form(text)
    if not 1 <= len(name) <= limit:
        raise ValueError(size)
    if (hidden := _first_lost(name, seen(name))) is not None:
        raise ValueError(f"`{field}` must not contain invisible characters like U+{ord(hidden):04X}")
    if _with_few_marks(name) != name:
        raise ValueError(f"`{field}` must not have marks piled on a letter, or on none")
    if not is_visible(name):
        raise ValueError(f"`{field}` must have a character that can be seen")
    return name


def tidy_user_name(text: str, field: str) -> str:
    """``text`` as the name that somebody chose for themselves; raises ValueError naming ``field``."""
    name = tidy_name(text, USER_NAME_CHARACTERS, field)
    if _ADDRESS.search(name):
        raise ValueError(f"`{field}` must not contain an e-mail address, since everybody sees it")
    # Only who chooses a name pays for the table.
    from shared.model.text.lookalikes import looks_like_one_of

    if looks_like_one_of(name, OWN_NAMES):
        raise ValueError(f"`{field}` must not be a name that Chatr itself speaks under")
    return name


def hinted_name(text: str, fallback: str) -> str:
    """The nearest user name to ``text``, for names from a source that cannot be asked to mend them; without an address.

    Remembers the latest, since the same few stand at thousands of messages.
    """
    return _hinted(text[:_LONGEST_HINT], fallback)


@lru_cache(maxsize=1_000)
def _hinted(text: str, fallback: str) -> str:
    if len(text) <= USER_NAME_CHARACTERS and _is_plain(text):
        return text
    name = _until_settled(text, _mended)
    name = _until_settled(cut(name, USER_NAME_CHARACTERS), _mended)
    return name if is_visible(name) else fallback


def kept_name(name: str) -> str:
    """A user's name that was kept before the rules of today, as it is told."""
    return hinted_name(name, UNNAMED)


def chat_with(name: str) -> str:
    """What a private chat is called, as the one reads it who talks with somebody of this ``name``."""
    return _CHAT_WITH + name


def kept_chat_with(name: str) -> str:
    """The ``name`` of a private chat that was kept before the rules of today, as it is told."""
    return chat_with(kept_name(name.removeprefix(_CHAT_WITH))) if name.startswith(_CHAT_WITH) else name


def name_of_account(details: str) -> str:
    """What a provider's ``details`` say of a name: they are a user name or, also without a dot, an address."""
    address = re.fullmatch(r"([^\s@]+)@[^\s@]+", details.strip())
    return _of_address(address[1]) if address else details


def _is_plain(text: str) -> bool:
    """Whether nothing can be wrong with it, as with most names."""
    spaced = text == " ".join(text.split())
    return text.isascii() and text.isprintable() and spaced and "@" not in text and is_visible(text)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def _one_form(text: str) -> str:
    """Of what looks the same the one form, where it may be several: composed letters, spaces, emoji as pictures."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if unicodedata.category(one) == "Zs" and one != "\u3000" else one for one in composed)
    return with_plain_pictures(re.sub(" {2,}", " ", spaced).strip())


def _with_few_marks(name: str) -> str:
    """``name`` without marks beyond those that a letter may have, and without those that stand on none."""
    kept = []
    marks = of_anybody = 0
    on_letter = False
    for sign in name:
        if is_invisible(sign):
            kept.append(sign)
            continue
        if unicodedata.category(sign) not in ("Mn", "Me"):
            kept.append(sign)
            marks, of_anybody = 0, _composed_marks(sign)
            on_letter = not sign.isspace()
            continue
        anybodys = _ANYBODYS.match(sign) is not None
        if on_letter and marks < MOST_MARKS and of_anybody + anybodys <= MOST_MARKS_OF_ANYBODY:
            kept.append(sign)
            marks += 1
            of_anybody += anybodys
    return "".join(kept)


def _composed_marks(letter: str) -> int:
    """How many marks a composed letter has already."""
    return 0 if letter.isascii() else len(_ANYBODYS.findall(unicodedata.normalize("NFD", letter)))


def _first_lost(whole: str, rest: str) -> str | None:
    """The first character of ``whole`` that ``rest``, which is a part of it, lacks."""
    if len(whole) == len(rest):
        return None
    return next((one for one, other in zip(whole, rest, strict=False) if one != other), whole[len(rest)])


def _mended(text: str) -> str:
    printable = "".join(" " if _is_control(one) else one for one in text)
    return _without_address(_with_few_marks(seen(_one_form(printable))))


def _until_settled(text: str, mend: Callable[[str], str]) -> str:
    """What is left when mending changes nothing more: what goes can bring together what was apart."""
    while (mended := mend(text)) != text:
        text = mended
    return text


def _without_address(name: str) -> str:
    """The words beside an address, or what stands before its ``@``."""
    found = _ADDRESS.search(name)
    if found is None:
        return name
    words = (name[: found.start()] + " " + name[found.end() :]).strip(_AROUND)
    return words if any(map(str.isalpha, words)) else _of_address(re.split(f"[{_SIGN_OF_MAIL}]", found[0])[0])


def _of_address(local: str) -> str:
    """``ann.lee+chat`` as ``Ann Lee``."""
    if _EXTERNAL.search(local):
        local = _EXTERNAL.sub("", local).rpartition("_")[0] or local
    words = re.split(r"[._\s]+", local.rpartition("#")[2].partition("+")[0])
    return " ".join(word.capitalize() if word.islower() else word for word in words if word)
