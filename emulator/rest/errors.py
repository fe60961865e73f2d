"""The errors of the data plane, with the bodies of the live service.

Recordings of the service show two forms (docs/conformance.md, section 6.6). Errors in parameters and fields, which are
checked before an operation runs, list what is wrong with each; all other errors have a target.
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
    """A call fails. ``code`` is also the header ``x-ms-error-code``.

    ``logged`` replaces the message in the log if the message quotes something that must not be logged.
    """

    content_type = JSON_TYPE
    # Whether the response lists the API versions. It does not if the operation was not reached.
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
        """The body: an error at the top level."""
        return {
            "code": self.code,
            "message": self.message,
            "target": self.target,
            "details": None,
            "inner": None,
        }


class InvalidParameter(ApiError):
    """400: the parameter or field ``target`` is invalid."""

    content_type = "application/problem+json"
    names_versions = False

    def __init__(self, message: str, target: str, logged: str | None = None) -> None:
        super().__init__(400, "Error.BadRequest", message, target, logged=logged)

    def body(self) -> dict[str, Any]:
        """The body: problem details (RFC 7807) and the fields of the error."""
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
    """400 with the service's code."""
    return ApiError(400, "Error.BadRequest", message, target)


def not_found(code: str, what: str, name: str) -> ApiError:
    """404 for a connection, a user or a permission, with the service's code."""
    return ApiError(404, code, f"{what} `{name}` is not found.", what)


def unsupported_media_type(allowed: str) -> ApiError:
    """415 for a body of another type."""
    return ApiError(415, "Error.UnsupportedMediaType", f"Content-Type must be {allowed}.", "Content-Type")
