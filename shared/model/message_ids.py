"""Whose a message's id is. Must not know messages.

A message is shown to the chat at the moment at which it is sent to the backend. Whoever sees its id go by could save a
message of their own under it first, and then edit or delete what others believe to be the author's. So an id may name
its author: a UUID of version 8 (RFC 9562) whose third group is 8c4a, so that hardly one does by chance, and whose last
12 digits are the first of the SHA-256 of the author's user id.
"""

import hashlib
import re

NAMES_ITS_AUTHOR = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8c4a-[89ab][0-9a-f]{3}-([0-9a-f]{12})\Z")


def may_use(user_id: str, message_id: str) -> bool:
    """Whether a user may call a message so: with any UUID but one that names another author."""
    named = NAMES_ITS_AUTHOR.match(message_id.lower())
    return named is None or named[1] == author_digits(user_id)


def author_digits(user_id: str) -> str:
    """The digits that name a user in the ids of their messages."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:12]
