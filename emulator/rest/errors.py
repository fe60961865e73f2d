"""What callers are told when a call is refused: every error of the data plane, with its body as the service has it.

Two forms, as the recordings of the service show (docs/conformance.md, section 6.6): parameters and fields that are
checked before an operation runs bring a list of what is wrong with each, everything else an error with a target.
Knows no HTTP server.
"""

from collections.abc import Mapping
from typing import Any

JSON_TYPE = "application/json"
INVALID_GROUP = "Invalid group name. Valid group name should be in between 1 and {most} characters long."
INVALID_HUB = (
    "Invalid hub name. Valid hub name should be in between 1 and {most} characters long. The first character must be"
    " a letter, other characters can be letters, digits or the following symbols _`,.[]"
)


class ApiError(Exception):
    """A call is answered with an error; ``code`` goes into ``x-ms-error-code`` too.

    ``logged`` is what the log may say where the message quotes what must not stand there.
    """

    content_type = JSON_TYPE
    # Which versions there are goes without saying where the operation was not reached.
    names_versions = True

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        target: str | None = None,
        headers: Mapping[str, str] | None = None,
        logged: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.target = status, code, message, target
        self.headers = headers or {}
        self.logged = message if logged is None else logged

    def body(self) -> dict[str, Any]:
        """The error at top level."""
        return {
            "code": self.code,
            "message": self.message,
            "target": self.target,
            "details": None,
            "inner": None,
        }


class InvalidParameter(ApiError):
    """400: a parameter or a field, named by ``target``, is not what it may be."""

    content_type = "application/problem+json"
    names_versions = False

    def __init__(self, message: str, target: str, logged: str | None = None) -> None:
        super().__init__(400, "Error.BadRequest", message, target, logged=logged)

    def body(self) -> dict[str, Any]:
        """The problem's details (RFC 7807), and the error's fields beside them."""
        return {
            "code": self.code,
            "message": self.message,
            "target": self.target,
            "errors": {self.target: [self.message]},
            "type": None,
            "title": "One or more validation errors occurred.",
            "status": self.status,
            "detail": None,
            "instance": None,
            "extensions": {},
        }


def bad_request(message: str, target: str | None = None) -> ApiError:
    """400 with the service's code for it."""
    return ApiError(400, "Error.BadRequest", message, target)


def not_found(code: str, what: str, name: str) -> ApiError:
    """404 with one of the service's codes for a connection or a user that is not there."""
    return ApiError(404, code, f"{what} `{name}` is not found.", what)


def unsupported_media_type(allowed: str) -> ApiError:
    """415 for a body that is not read."""
    return ApiError(415, "Error.UnsupportedMediaType", f"Content-Type must be {allowed}.", "Content-Type")
