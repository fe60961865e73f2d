"""What texts and ids may look like: lengths and characters, as types that validate when a message is decoded.

Must not know which message or route a value belongs to.
"""

import unicodedata
from typing import Annotated

from msgspec import Meta

USER_NAME_CHARACTERS = 50
CHAT_NAME_CHARACTERS = 100
MESSAGE_CHARACTERS = 4_000
ID_CHARACTERS = 128

UUID = r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"

ChatId = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS, pattern=r"^[A-Za-z0-9_-]+\Z")]
NewChatId = Annotated[str, Meta(pattern=UUID)]
MessageId = Annotated[str, Meta(pattern=UUID)]
UserId = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS)]
MessageText = Annotated[str, Meta(min_length=1, max_length=MESSAGE_CHARACTERS)]


def tidy_name(text: str, limit: int, field: str) -> str:
    """``text`` trimmed; raises ValueError naming ``field`` when it is empty, too long or has control characters."""
    name = text.strip()
    if not 1 <= len(name) <= limit:
        raise ValueError(f"`{field}` must have 1 to {limit} characters")
    if has_control(name):
        raise ValueError(f"`{field}` must not contain control characters")
    return name


def hinted_name(text: str, fallback: str) -> str:
    """The nearest allowed user name to ``text``, for names from a source that cannot be asked to mend them."""
    printable = "".join(" " if has_control(character) else character for character in text)
    return printable.strip()[:USER_NAME_CHARACTERS].strip() or fallback


def check_text(text: str, field: str) -> None:
    """Raises ValueError when a message is blank or has control characters other than tab and line breaks."""
    if not text.strip():
        raise ValueError(f"`{field}` must not be blank")
    if has_control(text.translate({9: None, 10: None, 13: None})):
        raise ValueError(f"`{field}` must not contain control characters other than tab and line breaks")


def has_control(text: str) -> bool:
    """Whether ``text`` holds a control character or half a surrogate pair, which no store and no header can carry."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def is_user_id(text: str) -> bool:
    """Whether ``text`` can be a user id: short, no slash (REST paths cannot address one), no control characters."""
    return 1 <= len(text) <= ID_CHARACTERS and "/" not in text and not has_control(text)
