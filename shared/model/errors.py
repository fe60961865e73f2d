"""Every error that the API answers with, named after what the caller did wrong, and its HTTP status.

A Refusal is for the caller to fix. Over HTTP it is a 4xx. For an event it is a 200 that carries an ``error`` event,
because Web PubSub may drop a connection whose event gets any other status. A Fault is ours: a 5xx, which is retried.
``docs/protocol.md`` lists the codes.
"""

from typing import ClassVar

# Seconds to wait before retrying after Unavailable.
RETRY_AFTER = 5


class ChatrError(Exception):
    """Base class of all errors. ``code`` is stable; ``str()`` is a sentence for people.

    ``retry_after`` is the number of seconds to wait before a retry, None if unknown.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    sentence: ClassVar[str]

    def __init__(self, sentence: str = "", retry_after: int | None = None) -> None:
        super().__init__(sentence or self.sentence)
        self.retry_after = retry_after


class Refusal(ChatrError):
    """The caller may not do this, or sent an invalid request."""


class Fault(ChatrError):
    """The system failed; the caller did nothing wrong."""


class BadRequest(Refusal):
    code, status = "BadRequest", 400
    sentence = "The request is malformed."


class UnknownEvent(Refusal):
    code, status = "UnknownEvent", 400
    sentence = "There is no event with this name."


class NotSignedIn(Refusal):
    code, status = "NotSignedIn", 401
    sentence = "Sign in first, with an identity provider or as a guest."


class Forbidden(Refusal):
    code, status = "Forbidden", 403
    sentence = "You are not allowed to do this."


class Blocked(Refusal):
    code, status = "Blocked", 403
    sentence = "You can't message this person."


class UnblockFirst(Refusal):
    code, status = "UnblockFirst", 403
    sentence = "You have blocked this person; unblock them first."


class NotAMember(Refusal):
    code, status = "NotAMember", 403
    sentence = "You are not a member of this chat; join it first."


class NotTheOwner(Refusal):
    code, status = "NotTheOwner", 403
    sentence = "Only the chat's owner can do this."


class NotTheAuthor(Refusal):
    code, status = "NotTheAuthor", 403
    sentence = "Only the author can edit a message, and only the author or the chat's owner can delete it."


class ChatNotFound(Refusal):
    code, status = "ChatNotFound", 404
    sentence = "This chat does not exist or has been deleted."


class InviteNotFound(Refusal):
    code, status = "InviteNotFound", 404
    sentence = "This invite link is invalid or has expired; ask the chat's owner for a new one."


class UserNotFound(Refusal):
    code, status = "UserNotFound", 404
    sentence = "There is no user with this id."


class MessageNotFound(Refusal):
    code, status = "MessageNotFound", 404
    sentence = "This chat has no message with this id."


class ChatIdTaken(Refusal):
    code, status = "ChatIdTaken", 409
    sentence = "This chat id has already been used; generate a new one."


class MessageIdTaken(Refusal):
    code, status = "MessageIdTaken", 409
    sentence = "This message id has already been used; generate a new one."


class TooManyChats(Refusal):
    code, status = "TooManyChats", 409
    sentence = "You have reached the maximum number of chats; leave or delete one first."


class TooLarge(Refusal):
    code, status = "TooLarge", 413
    sentence = "The request is too large."


class TooManyRequests(Refusal):
    code, status = "TooManyRequests", 429
    sentence = "Too many requests; try again in a moment."


class TooManyConnections(Refusal):
    code, status = "TooManyConnections", 429
    sentence = "You have too many open connections; close one in another tab or on another device."


class TooManyReactions(Refusal):
    code, status = "TooManyReactions", 409
    sentence = "This message has the maximum number of reactions; one must be removed first."


class Unavailable(Fault):
    code, status = "Unavailable", 503
    sentence = "A service that Chatr depends on is not responding; try again in a moment."

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence, RETRY_AFTER)


class Internal(Fault):
    code, status = "Internal", 500
    sentence = "Something went wrong on our side; try again in a moment."


def catalogue() -> dict[str, type[ChatrError]]:
    """Every error by its code."""
    return {error.code: error for family in (Refusal, Fault) for error in family.__subclasses__()}
