"""Limits on texts and ids: their length and characters, as types that are validated when a message is decoded."""

import unicodedata
from typing import Annotated

from msgspec import Meta

USER_NAME_CHARACTERS = 50
CHAT_NAME_CHARACTERS = 100
MESSAGE_CHARACTERS = 4_000
MENTIONS = 20
SEARCH_CHARACTERS = 100
# The default and the maximum number of messages on a page of the history.
PAGE_MESSAGES = 50
MAX_PAGE_MESSAGES = 100
ID_CHARACTERS = 128

CHAT_ID = r"^[A-Za-z0-9_-]+\Z"
UUID = r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"
INVITE = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\Z"
EVENT_TYPE = r"^azure\.webpubsub\.(?:user|sys)\."

# Each pattern in words, for error messages.
PATTERNS = {
    CHAT_ID: "letters, digits, `_` and `-`",
    UUID: "a UUID",
    EVENT_TYPE: "an event of Web PubSub",
    INVITE: "an invite",
}

# Character class of what no name may contain, wherever it stands.
UNFIT_FOR_NAMES = (
    r"\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0"
    r"\ufff0-\ufffb"
)
OWN_USER_ID = r"^[!-.0-~](?:[ -.0-~]*[!-.0-~])?$"
UNFIT_FOR_TEXTS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"


def _text_schema(unfit: str, characters: int) -> dict[str, object]:
    """The JSON schema of a text that is not blank, has no ``unfit`` characters and is not too long."""
    pattern = rf"^[^{unfit}]*[^{unfit}\s][^{unfit}]*$"
    return {"minLength": 1, "maxLength": characters, "pattern": pattern}


ChatId = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS, pattern=CHAT_ID)]
NewChatId = Annotated[str, Meta(pattern=UUID)]
MessageId = Annotated[str, Meta(pattern=UUID)]
InviteToken = Annotated[str, Meta(max_length=ID_CHARACTERS, pattern=INVITE)]
UserId = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS)]
# The rules of `is_user_id`, `names.tidy_name` and `check_text`, as far as JSON Schema can express them.
OwnUserId = Annotated[
    str,
    Meta(
        min_length=1, max_length=ID_CHARACTERS, extra_json_schema={"pattern": OWN_USER_ID, "not": {"enum": [".", ".."]}}
    ),
]
UserName = Annotated[str, Meta(extra_json_schema=_text_schema(UNFIT_FOR_NAMES, USER_NAME_CHARACTERS))]
ChatName = Annotated[str, Meta(extra_json_schema=_text_schema(UNFIT_FOR_NAMES, CHAT_NAME_CHARACTERS))]
MessageText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MESSAGE_CHARACTERS,
        extra_json_schema=_text_schema(UNFIT_FOR_TEXTS, MESSAGE_CHARACTERS),
    ),
]
SearchText = Annotated[
    str,
    Meta(
        min_length=1, max_length=SEARCH_CHARACTERS, extra_json_schema=_text_schema(UNFIT_FOR_TEXTS, SEARCH_CHARACTERS)
    ),
]
Mentions = Annotated[tuple[UserId, ...], Meta(max_length=MENTIONS)]


# Characters that Unicode counts as letters or symbols but that are blank: Hangul fillers, the empty Braille pattern.
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def is_visible(text: str) -> bool:
    """Whether ``text`` has a letter, number, symbol or punctuation mark that is not blank."""
    return any(unicodedata.category(one)[0] in "LNPS" and one not in BLANK for one in text)


def check_text(text: str, field: str) -> None:
    """Raises ValueError if ``text`` is invisible or has control characters other than tab and line breaks."""
    if not is_visible(text):
        raise ValueError(f"`{field}` must contain a visible character")
    if has_control(text.translate({9: None, 10: None, 13: None})):
        raise ValueError(f"`{field}` must not contain control characters other than tab and line breaks")


def has_control(text: str) -> bool:
    """Whether ``text`` has a control character or a lone surrogate, which neither the store nor a header can carry."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def is_user_id(text: str) -> bool:
    """Whether ``text`` can be a user id: short, without control characters, and unchanged by URLs and headers.

    A URL cannot carry one that has a slash or is ``.`` or ``..``. A header strips surrounding spaces, and non-ASCII
    text is decoded there as a different text, which could be another user's id.
    """
    unchanged = text.isascii() and "/" not in text and text not in (".", "..") and text == text.strip()
    return 1 <= len(text) <= ID_CHARACTERS and unchanged and not has_control(text)
