"""Message ids that are bound to their author.

A message reaches the chat's members at the same time as the backend. Another member who sees its id could save a
message of their own under that id first, and then edit or delete what others take for the author's message. To prevent
this, an id may name its author: it is a UUID of version 8 (RFC 9562) whose third group is 8c4a, which hardly occurs by
chance, and whose last 12 digits are the first 12 of the SHA-256 of the author's user id.
"""

import hashlib
import re

NAMES_ITS_AUTHOR = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8c4a-[89ab][0-9a-f]{3}-([0-9a-f]{12})\Z")


def may_use(user_id: str, message_id: str) -> bool:
    """Whether a user may give a message this id: any UUID but one that names another author."""
    named = NAMES_ITS_AUTHOR.match(message_id.lower())
    return named is None or named[1] == author_digits(user_id)


def author_digits(user_id: str) -> str:
    """The 12 digits that stand for a user in the ids of their messages."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:12]
