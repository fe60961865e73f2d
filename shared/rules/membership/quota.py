"""How many chats one person may be in and have made: each costs everybody who lists chats, or the person's own pages.

The rows of the user's own memberships say how many there are (``MembershipStore.held``), so it holds whatever instance
is asked. Private chats do not count, since anybody can open one with anybody. Must not know how chats begin.
"""

from shared.model.errors import TooManyChats
from shared.model.records import Held, Kind

# As many as a connection gets rights for when it is opened (``tokens``).
CHATS = 1_000
# Public ones that stand in everybody's list. One that was left counts no more, or for whom it was handed to.
MADE_CHATS = 50


def check_joining(held: Held) -> None:
    """Raises TooManyChats where a user is in as many chats as one may be, beside the one that they would join."""
    if held.chats >= CHATS:
        raise TooManyChats(f"You are in {CHATS} chats, as many as one may be; leave one of them first.")


def check_making(held: Held, kind: Kind) -> None:
    """The same for a chat of one's own, beside that."""
    check_joining(held)
    if kind == "public" and held.made >= MADE_CHATS:
        limit = f"You have made {MADE_CHATS} public chats, as many as one may"
        raise TooManyChats(f"{limit}; delete or leave one of them first, or make a private group.")
