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
from shared.http.parameters import read
from shared.http.route import Route
from shared.identity import caller
from shared.records import Profile
from shared.settings import BadSettings
from shared.verification import believed

CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")

log = logging.getLogger("chatr.http")


@dataclass(frozen=True)
class Call:
    """A request with the backend that serves it."""

    request: func.HttpRequest
    backend: Backend


@dataclass(frozen=True)
class SignedIn:
    """A request of somebody who is signed in."""

    request: func.HttpRequest
    backend: Backend
    user: Profile


async def serve(request: func.HttpRequest, route: Route) -> func.HttpResponse:
    """Serves a route. Who may not call it gets 401 before anything else is looked at."""

    async def work() -> func.HttpResponse:
        call = await _admitted(request, process.backend(), route)
        return await route.run(call, *read(request, route))

    return await answered(request, work)


async def _admitted(request: func.HttpRequest, backend: Backend, route: Route) -> Call | SignedIn:
    if route.who == "anyone":
        return Call(request, backend)
    if route.who == "Web PubSub":
        if not await believed(request.headers, request.params.get("code", ""), backend):
            raise NotSignedIn("This address is for Web PubSub only; see EVENT_HANDLER_AUTH.")
        return Call(request, backend)
    user = caller(request.headers, backend.settings)
    if user is None:
        raise NotSignedIn
    return SignedIn(request, backend, user)


async def answered(request: func.HttpRequest, work: Callable[[], Awaitable[func.HttpResponse]]) -> func.HttpResponse:
    """What ``work`` answers, or its error as an answer; what is not the caller's to mend is logged."""
    correlation = correlation_of(request)
    try:
        return await work()
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


def correlation_of(request: func.HttpRequest) -> str:
    """What follows a call through the logs: Static Web Apps' own id, an event's connection and number, or a new one."""
    event = f"{request.headers.get('ce-connectionid', '')}.{request.headers.get('ce-id', '')}"
    given = request.headers.get("x-ms-request-id") or (event if len(event) > 1 else "")
    return given if CORRELATION.match(given) else uuid.uuid4().hex


def _path(request: func.HttpRequest) -> str:
    """The address without its query, which may hold a secret."""
    return str(request.url).partition("?")[0]
