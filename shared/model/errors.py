"""Everything that can go wrong, by the name of what the caller did wrong, with its HTTP status.

A Refusal is the caller's to mend: over HTTP a 4xx, for an event a 200 that carries an ``error`` event, because Web
PubSub may drop a connection whose event is answered with anything else. A Fault is ours: a 5xx, which is retried.
``docs/protocol.md`` lists the codes. Must not know how an answer is written.
"""

from typing import ClassVar

# In how many seconds to ask again what does not answer now.
RETRY_AFTER = 5


class ChatrError(Exception):
    """Base of all: a stable ``code``, and a sentence as ``str()``.

    ``retry_after`` is in how many seconds, where that is known.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    sentence: ClassVar[str]

    def __init__(self, sentence: str = "", retry_after: int | None = None) -> None:
        super().__init__(sentence or self.sentence)
        self.retry_after = retry_after


class Refusal(ChatrError):
    """The caller may not do this, or asked in the wrong way."""


class Fault(ChatrError):
    """The system failed; the caller did nothing wrong."""


class BadRequest(Refusal):
    code, status = "BadRequest", 400
    sentence = "The request cannot be understood."


class UnknownEvent(Refusal):
    code, status = "UnknownEvent", 400
    sentence = "There is no such event."


class NotSignedIn(Refusal):
    code, status = "NotSignedIn", 401
    sentence = "Sign in first, with a provider or as a guest."


class Forbidden(Refusal):
    code, status = "Forbidden", 403
    sentence = "You may act for yourself only."


class Blocked(Refusal):
    code, status = "Blocked", 403
    sentence = "You cannot write to this person."


class UnblockFirst(Refusal):
    code, status = "UnblockFirst", 403
    sentence = "You have blocked this person; unblock them first."


class NotAMember(Refusal):
    code, status = "NotAMember", 403
    sentence = "You are not a member of this chat; join it first."


class NotTheOwner(Refusal):
    code, status = "NotTheOwner", 403
    sentence = "Only the owner of the chat may do this."


class NotTheAuthor(Refusal):
    code, status = "NotTheAuthor", 403
    sentence = "Only its author may edit a message; deleting it is for its author and the owner of the chat."


class ChatNotFound(Refusal):
    code, status = "ChatNotFound", 404
    sentence = "There is no such chat."


class InviteNotFound(Refusal):
    code, status = "InviteNotFound", 404
    sentence = "This invite does not lead anywhere any more; ask for a new one."


class UserNotFound(Refusal):
    code, status = "UserNotFound", 404
    sentence = "There is no such user."


class MessageNotFound(Refusal):
    code, status = "MessageNotFound", 404
    sentence = "There is no such message in this chat."


class ChatIdTaken(Refusal):
    code, status = "ChatIdTaken", 409
    sentence = "This chat id has been used before; make a new one."


class MessageIdTaken(Refusal):
    code, status = "MessageIdTaken", 409
    sentence = "This message id has been used before; make a new one."


class TooManyChats(Refusal):
    code, status = "TooManyChats", 409
    sentence = "You have as many chats as one person may; leave or delete one of them first."


class TooLarge(Refusal):
    code, status = "TooLarge", 413
    sentence = "The request is larger than any that makes sense here."


class TooManyRequests(Refusal):
    code, status = "TooManyRequests", 429
    sentence = "Too many requests; try again in a moment."


class TooManyConnections(Refusal):
    code, status = "TooManyConnections", 429
    sentence = "You have too many connections open; close one, in another tab or on another device."


class TooManyReactions(Refusal):
    code, status = "TooManyReactions", 409
    sentence = "This message has as many reactions as there may be; one has to be taken away first."


class Unavailable(Fault):
    code, status = "Unavailable", 503
    sentence = "Something the chat depends on does not answer; try again in a moment."

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence, RETRY_AFTER)


class Internal(Fault):
    code, status = "Internal", 500
    sentence = "Something went wrong on our side; try again in a moment."


def catalogue() -> dict[str, type[ChatrError]]:
    """Every error by its code."""
    return {error.code: error for family in (Refusal, Fault) for error in family.__subclasses__()}
