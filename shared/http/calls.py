"""What all HTTP calls have in common: authentication, admission, the deadline, and errors as responses."""

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

import azure.functions as func

from shared import logs
from shared.backend import Backend
from shared.clients import process
from shared.flow import rows_read
from shared.flow.admission import Price
from shared.flow.concurrency import checked
from shared.flow.deadline import Deadline
from shared.http import answers
from shared.http.origin import address_of, came_by_https, came_through_the_front_door, sent_by_another_site
from shared.http.parameters import check_size, read
from shared.model.errors import ChatrError, Forbidden, Internal, NotSignedIn, Unavailable
from shared.model.records import Profile
from shared.settings import BadSettings
from shared.trust.identity import caller
from shared.trust.revocation import require_present
from shared.trust.verification import believed
from shared.wire.route import Route

REQUEST_ID = "x-request-id"
# Long enough for an event's connection id and number; no character that could start another log line.
CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,100}\Z")

log = logging.getLogger("chatr.http")


@dataclass(frozen=True)
class Call:
    """A request, the backend that serves it, and its deadline."""

    request: func.HttpRequest
    backend: Backend
    deadline: Deadline

    @property
    def address(self) -> str:
        """The caller's network address according to our front end; empty if unknown."""
        return address_of(self.request, self.backend.settings.trust_swa_principal)

    def place(self, price: Price) -> AbstractAsyncContextManager[None]:
        """Admits the call while it runs. The caller is not signed in, so the address stands for them."""
        address = self.address
        # The slash keeps addresses and user ids apart, since no user id has one.
        return self.backend.admission.place(f"/{address}" if address else "", price, self.backend.clock())


@dataclass(frozen=True)
class SignedIn:
    """A request from somebody who is signed in."""

    request: func.HttpRequest
    backend: Backend
    user: Profile

    def place(self, price: Price) -> AbstractAsyncContextManager[None]:
        """Admits the call while it runs."""
        return self.backend.admission.place(self.user.user_id, price, self.backend.clock())

    def costs(self, tokens: int) -> None:
        """Charges what the call turned out to cost, on top of its price."""
        self.backend.admission.charge(self.user.user_id, tokens, self.backend.clock())


async def serve(request: func.HttpRequest, route: Route) -> func.HttpResponse:
    """Serves a route within its deadline. A caller who is not authenticated gets a 401 before anything is parsed.

    A call that is too large or not admitted is not parsed either.
    """

    async def work() -> func.HttpResponse:
        deadline = Deadline()
        async with deadline.bounds():
            call = await _admitted(request, process.backend(), route, deadline)
            check_size(request, route)
            async with call.place(route.price) if route.price else nullcontext():
                work = route.run(call, *read(request, route))
                if not isinstance(call, SignedIn):
                    return await work
                with rows_read.counted() as count:
                    try:
                        # Concurrently with the call's own reads, so that it takes no longer.
                        return await checked(require_present(call.backend, call.user.user_id), work)
                    finally:
                        call.costs(count.rows // route.price.rows_a_token if route.price else 0)

    return await answered(request, route, work)


async def _admitted(request: func.HttpRequest, backend: Backend, route: Route, deadline: Deadline) -> Call | SignedIn:
    if route.who == "Web PubSub":
        if not await believed(request.headers, request.params.get("code", ""), backend):
            raise NotSignedIn("Only Web PubSub can call this address; check EVENT_HANDLER_AUTH.")
        return Call(request, backend, deadline)
    if not route.past_the_door and not came_through_the_front_door(request, backend.settings.front_door_secret):
        raise Forbidden("This has to be called through the site; check FRONT_DOOR_SECRET.")
    if route.who == "anyone":
        require_own_site(request, route)
        return Call(request, backend, deadline)
    user = caller(request.headers, backend.settings, came_by_https(request))
    if user is None:
        raise NotSignedIn
    require_own_site(request, route)
    return SignedIn(request, backend, user)


def require_own_site(request: func.HttpRequest, route: Route) -> None:
    """Raises Forbidden if a page of another site would change something: browsers send it our cookies (CSRF)."""
    if route.changes and sent_by_another_site(request):
        raise Forbidden("This can only be called from a page of the same site.")


async def answered(
    request: func.HttpRequest, route: Route, work: Callable[[], Awaitable[func.HttpResponse]]
) -> func.HttpResponse:
    """The response of ``work``, or of its error, with the correlation id of the call's log lines as a header."""
    with logs.call(correlation_of(request)) as notes:
        started = time.perf_counter()
        response = await _outcome(work)
        response.headers[REQUEST_ID] = logs.correlation()
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        elapsed = round((time.perf_counter() - started) * 1000)
        about = {"method": route.method, "route": route.path, "status": response.status_code, "ms": elapsed, **notes}
        log.log(level, logs.line("call", **about))
        return response


async def _outcome(work: Callable[[], Awaitable[func.HttpResponse]]) -> func.HttpResponse:
    try:
        return await work()
    except ChatrError as error:
        problem: ChatrError = error
    except BadSettings as error:
        log.error(logs.line("the settings are invalid", problems=error.problems))
        problem = Unavailable("The backend's settings are invalid; see GET /api/health.")
    except Exception as error:  # noqa: BLE001 - the caller gets a response and the log the error's origin
        log.error(logs.line("bug", origin=logs.origin(error)))
        problem = Internal()
    logs.note(code=problem.code)
    return answers.error(problem)


def correlation_of(request: func.HttpRequest) -> str:
    """The call's correlation id: an event's connection and number, else the caller's request id, else a new id."""
    headers = request.headers
    event = f"{headers.get('ce-connectionid', '')}.{headers.get('ce-id', '')}"
    offered = (event if len(event) > 1 else "", headers.get(REQUEST_ID, ""), headers.get("x-ms-request-id", ""))
    return next((given for given in offered if CORRELATION.match(given)), uuid.uuid4().hex)
