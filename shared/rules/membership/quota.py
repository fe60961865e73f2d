"""How many chats a user may be in, and may have made.

Each chat costs requests whenever its members list their chats; a public one costs everybody who lists chats. The rows
of the user's own memberships are counted (``MembershipStore.held``), so the quota holds across instances. Private chats
do not count, because anybody may open one with anybody.
"""

from shared.model.errors import TooManyChats
from shared.model.records import Held, Kind

# A connection gets rights for so many when it is opened (``connection/tokens.py``).
CHATS = 1_000
# Public chats. One that its owner has left counts for whoever inherits it.
MADE_CHATS = 50


def check_joining(held: Held) -> None:
    """Raises TooManyChats unless a user who is in ``held`` other chats may join one more."""
    if held.chats >= CHATS:
        raise TooManyChats(f"You are in {CHATS} chats, which is the limit; leave one of them first.")


def check_making(held: Held, kind: Kind) -> None:
    """Raises TooManyChats unless the user may also make a chat of this kind."""
    check_joining(held)
    if kind == "public" and held.made >= MADE_CHATS:
        limit = f"You have made {MADE_CHATS} public chats, which is the limit"
        raise TooManyChats(f"{limit}; delete or leave one of them first, or make a private group.")
