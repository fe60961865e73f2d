"""What every HTTP call goes through: the backend, who is asking, the route's own part, and errors as answers.

Must not know the routes.
"""

import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import azure.functions as func

from shared.backend import Backend
from shared.clients import process
from shared.errors import ChatrError, Fault, Internal, NotSignedIn, Unavailable
from shared.http import answers
from shared.identity import caller
from shared.records import Profile
from shared.settings import BadSettings

CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")

log = logging.getLogger("chatr.http")


@dataclass(frozen=True)
class Call:
    """A request with the backend that serves it; ``user`` is None when nobody is signed in."""

    request: func.HttpRequest
    backend: Backend
    user: Profile | None


@dataclass(frozen=True)
class SignedIn:
    """A request of somebody who is signed in."""

    request: func.HttpRequest
    backend: Backend
    user: Profile


Open = Callable[[Call], Awaitable[func.HttpResponse]]
Closed = Callable[[SignedIn], Awaitable[func.HttpResponse]]


async def anyone(request: func.HttpRequest, route: Open) -> func.HttpResponse:
    """Serves a route that does not ask who is there."""
    correlation = correlation_of(request)
    try:
        backend = process.backend()
        return await route(Call(request, backend, caller(request.headers, backend.settings)))
    except ChatrError as problem:
        if isinstance(problem, Fault):
            log.error("%s %s failed: %s (%s)", request.method, _path(request), problem.code, correlation)
        return answers.error(problem, correlation)
    except BadSettings as problem:
        log.error("The settings are wrong: %s (%s)", problem, correlation)
        return answers.error(Unavailable("The settings of the backend are wrong; see GET /api/health."), correlation)
    except Exception:
        log.exception("%s %s failed (%s)", request.method, _path(request), correlation)
        return answers.error(Internal(), correlation)


async def signed_in(request: func.HttpRequest, route: Closed) -> func.HttpResponse:
    """Serves a route for those who are signed in only; others get 401 before anything else is looked at."""

    async def checked(call: Call) -> func.HttpResponse:
        if call.user is None:
            raise NotSignedIn
        return await route(SignedIn(call.request, call.backend, call.user))

    return await anyone(request, checked)


def correlation_of(request: func.HttpRequest) -> str:
    """What follows a call through the logs: Static Web Apps' own id, an event's connection and number, or a new one."""
    event = f"{request.headers.get('ce-connectionid', '')}.{request.headers.get('ce-id', '')}"
    given = request.headers.get("x-ms-request-id") or (event if len(event) > 1 else "")
    return given if CORRELATION.match(given) else uuid.uuid4().hex


def _path(request: func.HttpRequest) -> str:
    """The address without its query, which may hold a secret."""
    return str(request.url).partition("?")[0]
