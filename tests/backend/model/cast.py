"""The participants of all plays: users, and the ids of chats and messages."""

from shared.rules.chats.private_chats import private_chat_id
from tests.backend.model.worlds import PRIVATE_KEY

USERS = ("ann", "bob", "cat")


def pair(one: str, other: str) -> str:
    """The id of a private chat."""
    return private_chat_id(bytes.fromhex(PRIVATE_KEY[1]), one, other)


# Chats that users create, as public chats or groups.
MADE = ("11111111-2222-4333-8444-000000000000", "11111111-2222-4333-8444-000000000001")
PRIVATE = (pair("ann", "bob"), pair("ann", "cat"), pair("bob", "cat"))
CHATS = MADE + PRIVATE
MESSAGES_EACH = 3


def message_id(chat_id: str, number: int) -> str:
    """An id that is unique to this chat."""
    return f"aaaaaaaa-2222-4333-8444-00000000{CHATS.index(chat_id):02d}{number:02d}"


def chat_of_message(one: str) -> str:
    """The chat of the message with this id."""
    return CHATS[int(one[-4:-2])]


def message_ids(chat_id: str) -> list[str]:
    """The ids of all messages that a chat can have."""
    return [message_id(chat_id, number) for number in range(MESSAGES_EACH)]
