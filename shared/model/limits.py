"""What texts and ids may look like: lengths and characters, as types that validate when a message is decoded.

Must not know which message or route a value belongs to.
"""

import unicodedata
from typing import Annotated

from msgspec import Meta

USER_NAME_CHARACTERS = 50
CHAT_NAME_CHARACTERS = 100
MESSAGE_CHARACTERS = 4_000
MENTIONS = 20
SEARCH_CHARACTERS = 100
# On a page of the history, where the caller names no number, and at most.
PAGE_MESSAGES = 50
MAX_PAGE_MESSAGES = 100
ID_CHARACTERS = 128

CHAT_ID = r"^[A-Za-z0-9_-]+\Z"
UUID = r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"
INVITE = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\Z"
EVENT_TYPE = r"^azure\.webpubsub\.(?:user|sys)\."

# What a pattern asks for, in words.
PATTERNS = {
    CHAT_ID: "letters, digits, `_` and `-`",
    UUID: "a UUID",
    EVENT_TYPE: "an event of Web PubSub",
    INVITE: "an invite",
}

# What is in no name, wherever it stands.
UNFIT_FOR_NAMES = (
    r"\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0"
    r"\ufff0-\ufffb"
)
OWN_USER_ID = r"^[!-.0-~](?:[ -.0-~]*[!-.0-~])?$"
UNFIT_FOR_TEXTS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"


def _text_schema(unfit: str, characters: int) -> dict[str, object]:
    """Not blank, without ``unfit`` characters, not too long."""
    pattern = rf"^[^{unfit}]*[^{unfit}\s][^{unfit}]*$"
    return {"minLength": 1, "maxLength": characters, "pattern": pattern}


ChatId = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS, pattern=CHAT_ID)]
NewChatId = Annotated[str, Meta(pattern=UUID)]
MessageId = Annotated[str, Meta(pattern=UUID)]
InviteToken = Annotated[str, Meta(max_length=ID_CHARACTERS, pattern=INVITE)]
UserId = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS)]
# What `is_user_id`, `names.tidy_name` and `check_text` ask for in words, as far as a schema can say it.
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


# Characters that count as letters or symbols but show nothing: Hangul fillers and the empty Braille pattern.
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def is_visible(text: str) -> bool:
    """Whether ``text`` has a letter, number, symbol or punctuation mark that shows."""
    return any(unicodedata.category(one)[0] in "LNPS" and one not in BLANK for one in text)


def check_text(text: str, field: str) -> None:
    """Raises ValueError when a message shows nothing or has control characters other than tab and line breaks."""
    if not is_visible(text):
        raise ValueError(f"`{field}` must have a character that can be seen")
    if has_control(text.translate({9: None, 10: None, 13: None})):
        raise ValueError(f"`{field}` must not contain control characters other than tab and line breaks")


def has_control(text: str) -> bool:
    """Whether ``text`` holds a control character or half a surrogate pair, which no store and no header can carry."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def is_user_id(text: str) -> bool:
    """Whether ``text`` can be a user id: short, without control characters, and the same on every way it travels.

    Addresses cannot name one that has a slash or is ``.`` or ``..``; headers lose the spaces around one, and what is
    not ASCII is read there as another text, which could be another user.
    """
    travels = text.isascii() and "/" not in text and text not in (".", "..") and text == text.strip()
    return 1 <= len(text) <= ID_CHARACTERS and travels and not has_control(text)
