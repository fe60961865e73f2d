"""Rules for the names of users and chats: normalized, without invisible characters, with few marks on a letter.

They make sure that a name is what it looks like. Names are not unique: the page marks names that look the same where
they appear side by side (`frontend/src/state/names.ts`).
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from shared.model.limits import USER_NAME_CHARACTERS, is_visible
from shared.model.text.characters import cut
from shared.model.text.invisible import is_invisible, with_plain_pictures, without_invisible

# The sender's name that the original Chatr's client shows for messages from the backend.
SYSTEM_NAME = "Chatr"
# The name of a user who has none.
UNNAMED = "Someone"
OWN_NAMES = (SYSTEM_NAME, UNNAMED)

_CHAT_WITH = "Chat with "
# Only the first code points of a hint are examined.
_LONGEST_HINT = 500
# A text longer than this many times the limit is refused unread; extra spaces alone do not explain such a length.
_MOST_TIMES = 10

# Marks that any letter may carry. Marks that belong to a script are needed in larger numbers: Hebrew, Burmese, Tibetan.
_ANYBODYS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
MOST_MARKS = 3
MOST_MARKS_OF_ANYBODY = 2

# The parts of an email address, and the characters that may be left around one when it is removed.
_SIGN_OF_MAIL = "@\uff20\ufe6b"
_IN_ADDRESS = rf"[^\s<>()\[\],;:\"{_SIGN_OF_MAIL}]+"
_ADDRESS = re.compile(rf"{_IN_ADDRESS}[{_SIGN_OF_MAIL}]{_IN_ADDRESS}\.[^\W\d_]{{2,}}")
_AROUND = " \t<>()[]{},;:|/\"'-–—·"
# How Microsoft Entra writes the address of a tenant's guest: ann_example.org#EXT#@tenant.onmicrosoft.com.
# https://learn.microsoft.com/entra/external-id/user-properties
_EXTERNAL = re.compile(r"#EXT#$", re.IGNORECASE)


def tidy_name(text: str, limit: int, field: str) -> str:
    """``text`` as a name: trimmed, composed (NFC), with single spaces.

    Raises ValueError naming ``field`` if it is too long, invisible, or contains what a name may not contain.
    """
    size = f"`{field}` must have 1 to {limit} characters"
    if len(text) > _MOST_TIMES * limit:
        raise ValueError(size)
    if any(map(_is_control, text.strip())):
        raise ValueError(f"`{field}` must not contain control characters")
    name = _one_form(text)
    if not 1 <= len(name) <= limit:
        raise ValueError(size)
    if (hidden := _first_lost(name, without_invisible(name))) is not None:
        raise ValueError(f"`{field}` must not contain invisible characters like U+{ord(hidden):04X}")
    if _with_few_marks(name) != name:
        raise ValueError(f"`{field}` must not have many combining marks on a letter, or any without a letter")
    if not is_visible(name):
        raise ValueError(f"`{field}` must contain a visible character")
    return name


def tidy_user_name(text: str, field: str) -> str:
    """``text`` as a user name that its owner typed; raises ValueError naming ``field``."""
    name = tidy_name(text, USER_NAME_CHARACTERS, field)
    if _ADDRESS.search(name):
        raise ValueError(f"`{field}` must not contain an email address, because everybody can see it")
    # Loaded here, because only choosing a name needs the table.
    from shared.model.text.lookalikes import looks_like_one_of

    if looks_like_one_of(name, OWN_NAMES):
        raise ValueError(f"`{field}` must not be a name that Chatr reserves for itself")
    return name


def hinted_name(text: str, fallback: str) -> str:
    """The closest valid user name to ``text``, without an email address, else ``fallback``.

    It is for names from sources that can't be asked to correct them. Results are cached, because the same few names
    stand on thousands of messages.
    """
    return _hinted(text[:_LONGEST_HINT], fallback)


@lru_cache(maxsize=1_000)
def _hinted(text: str, fallback: str) -> str:
    if len(text) <= USER_NAME_CHARACTERS and _is_plain(text):
        return text
    name = _until_settled(text, _mended)
    name = _until_settled(cut(name, USER_NAME_CHARACTERS), _mended)
    return name if is_visible(name) else fallback


def stored_name(name: str) -> str:
    """A stored user name as it is shown. It may have been stored before the current rules."""
    return hinted_name(name, UNNAMED)


def chat_with(name: str) -> str:
    """The name of a private chat, as seen by the user who talks to somebody with this ``name``."""
    return _CHAT_WITH + name


def stored_chat_with(name: str) -> str:
    """The stored ``name`` of a private chat as it is shown. It may have been stored before the current rules."""
    return chat_with(stored_name(name.removeprefix(_CHAT_WITH))) if name.startswith(_CHAT_WITH) else name


def name_of_account(details: str) -> str:
    """The user's name according to a provider's ``details``: a user name or an address, whose host may lack a dot."""
    address = re.fullmatch(r"([^\s@]+)@[^\s@]+", details.strip())
    return _of_address(address[1]) if address else details


def _is_plain(text: str) -> bool:
    """Whether it is valid as it is. This fast path covers most names."""
    spaced = text == " ".join(text.split())
    return text.isascii() and text.isprintable() and spaced and "@" not in text and is_visible(text)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def _one_form(text: str) -> str:
    """The canonical one of several forms that look the same: NFC, single spaces, plain emoji."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if unicodedata.category(one) == "Zs" and one != "\u3000" else one for one in composed)
    return with_plain_pictures(re.sub(" {2,}", " ", spaced).strip())


def _with_few_marks(name: str) -> str:
    """``name`` without marks that exceed the limit for a letter, and without marks that stand on no letter."""
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
    """How many marks a precomposed letter already includes."""
    return 0 if letter.isascii() else len(_ANYBODYS.findall(unicodedata.normalize("NFD", letter)))


def _first_lost(whole: str, rest: str) -> str | None:
    """The first character of ``whole`` that is missing in ``rest``, a subsequence of it; None if none is."""
    if len(whole) == len(rest):
        return None
    return next((one for one, other in zip(whole, rest, strict=False) if one != other), whole[len(rest)])


def _mended(text: str) -> str:
    printable = "".join(" " if _is_control(one) else one for one in text)
    return _without_address(_with_few_marks(without_invisible(_one_form(printable))))


def _until_settled(text: str, mend: Callable[[str], str]) -> str:
    """Applies ``mend`` until nothing changes, because a removal can join parts into something invalid again."""
    while (mended := mend(text)) != text:
        text = mended
    return text


def _without_address(name: str) -> str:
    """``name`` without its email address; if no words are left, a name made from the address's local part."""
    found = _ADDRESS.search(name)
    if found is None:
        return name
    words = (name[: found.start()] + " " + name[found.end() :]).strip(_AROUND)
    return words if any(map(str.isalpha, words)) else _of_address(re.split(f"[{_SIGN_OF_MAIL}]", found[0])[0])


def _of_address(local: str) -> str:
    """A name made from an address's local part: ``ann.lee+chat`` becomes ``Ann Lee``."""
    if _EXTERNAL.search(local):
        local = _EXTERNAL.sub("", local).rpartition("_")[0] or local
    words = re.split(r"[._\s]+", local.rpartition("#")[2].partition("+")[0])
    return " ".join(word.capitalize() if word.islower() else word for word in words if word)
