"""What every HTTP call goes through: the backend, who is asking, the route's own part, and errors as answers.

Must not know the routes.
"""

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
# Room for an event's connection id and number, none for anything that could start another line.
CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,100}\Z")

log = logging.getLogger("chatr.http")


@dataclass(frozen=True)
class Call:
    """A request with the backend that serves it, and by when it has to be answered."""

    request: func.HttpRequest
    backend: Backend
    deadline: Deadline

    @property
    def address(self) -> str:
        """The network address that the caller comes from, as far as our own front end tells."""
        return address_of(self.request, self.backend.settings.trust_swa_principal)

    def place(self, price: Price) -> AbstractAsyncContextManager[None]:
        """The call's place among those that run; a caller who has no name is known by the address."""
        address = self.address
        # No user's id has a slash.
        return self.backend.admission.place(f"/{address}" if address else "", price, self.backend.clock())


@dataclass(frozen=True)
class SignedIn:
    """A request of somebody who is signed in."""

    request: func.HttpRequest
    backend: Backend
    user: Profile

    def place(self, price: Price) -> AbstractAsyncContextManager[None]:
        """The call's place among those that run."""
        return self.backend.admission.place(self.user.user_id, price, self.backend.clock())

    def costs(self, tokens: int) -> None:
        """Counts what the call turned out to cost, beyond its price."""
        self.backend.admission.charge(self.user.user_id, tokens, self.backend.clock())


async def serve(request: func.HttpRequest, route: Route) -> func.HttpResponse:
    """Serves a route, within its deadline. Who may not call it gets 401 before anything else is looked at.

    Nothing is read of a call that is too large, or one too many.
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
                        # Beside what the call reads itself, so that it takes no longer.
                        return await checked(require_present(call.backend, call.user.user_id), work)
                    finally:
                        call.costs(count.rows // route.price.rows_a_token if route.price else 0)

    return await answered(request, route, work)


async def _admitted(request: func.HttpRequest, backend: Backend, route: Route, deadline: Deadline) -> Call | SignedIn:
    if route.who == "Web PubSub":
        if not await believed(request.headers, request.params.get("code", ""), backend):
            raise NotSignedIn("This address is for Web PubSub only; see EVENT_HANDLER_AUTH.")
        return Call(request, backend, deadline)
    if not route.past_the_door and not came_through_the_front_door(request, backend.settings.front_door_secret):
        raise Forbidden("Call this through the site; see FRONT_DOOR_SECRET.")
    if route.who == "anyone":
        require_own_site(request, route)
        return Call(request, backend, deadline)
    user = caller(request.headers, backend.settings, came_by_https(request))
    if user is None:
        raise NotSignedIn
    require_own_site(request, route)
    return SignedIn(request, backend, user)


def require_own_site(request: func.HttpRequest, route: Route) -> None:
    """Raises Forbidden where another site's page would change something: browsers bring the cookie all the same."""
    if route.changes and sent_by_another_site(request):
        raise Forbidden("Call this from the site itself; another may change nothing here.")


async def answered(
    request: func.HttpRequest, route: Route, work: Callable[[], Awaitable[func.HttpResponse]]
) -> func.HttpResponse:
    """What ``work`` answers, or its error as an answer, with the id that finds the call's lines in the log."""
    with logs.call(correlation_of(request)) as notes:
        started = time.perf_counter()
        response = await _outcome(work)
        response.headers[REQUEST_ID] = logs.correlation()
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        spent = round((time.perf_counter() - started) * 1000)
        about = {"method": route.method, "route": route.path, "status": response.status_code, "ms": spent, **notes}
        log.log(level, logs.line("call", **about))
        return response


async def _outcome(work: Callable[[], Awaitable[func.HttpResponse]]) -> func.HttpResponse:
    try:
        return await work()
    except ChatrError as error:
        problem: ChatrError = error
    except BadSettings as error:
        log.error(logs.line("the settings are wrong", problems=error.problems))
        problem = Unavailable("The settings of the backend are wrong; see GET /api/health.")
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the log its origin
        log.error(logs.line("bug", origin=logs.origin(error)))
        problem = Internal()
    logs.note(code=problem.code)
    return answers.error(problem)


def correlation_of(request: func.HttpRequest) -> str:
    """What follows a call through the logs: an event's connection and number, what the caller sent, or a new id."""
    headers = request.headers
    event = f"{headers.get('ce-connectionid', '')}.{headers.get('ce-id', '')}"
    offered = (event if len(event) > 1 else "", headers.get(REQUEST_ID, ""), headers.get("x-ms-request-id", ""))
    return next((given for given in offered if CORRELATION.match(given)), uuid.uuid4().hex)
