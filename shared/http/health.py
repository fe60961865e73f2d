"""``GET health``: whether the settings are valid, and Storage and Web PubSub respond."""

import asyncio
from collections.abc import Awaitable, Callable

import azure.functions as func

from shared import logs
from shared.clients import process
from shared.flow.admission import PING
from shared.flow.deadline import Deadline
from shared.http import answers
from shared.http.calls import Call, answered
from shared.http.parameters import check_size
from shared.model.errors import Unavailable
from shared.settings import BadSettings
from shared.wire.route import Route
from shared.wire.shapes import ErrorDetail, Health

# Longer than a slow response, shorter than a load balancer's time-out.
PING_SECONDS = 8.0


async def get_health() -> func.HttpResponse:
    """200 if everything works, else 503 with the problem of each part."""
    try:
        backend = process.backend()
    except BadSettings as problem:
        return _report({"settings": " ".join(problem.problems)})
    parts = {"storage": backend.store.ping, "pubsub": backend.sender.ping}
    outcomes = await asyncio.gather(*(_ping(part) for part in parts.values()))
    return _report(dict(zip(parts, outcomes, strict=True)) | {"settings": ""})


HEALTH = Route(
    "GET",
    "health",
    "anyone",
    get_health,
    price=PING,
    past_the_door=True,
    answers=(Health,),
    errors=(Unavailable,),
)


async def serve(request: func.HttpRequest) -> func.HttpResponse:
    """Serves the route. It is separate from the others, because it reports invalid settings itself."""

    async def work() -> func.HttpResponse:
        check_size(request, HEALTH)
        try:
            call = Call(request, process.backend(), Deadline())
        except BadSettings:
            return await get_health()
        async with call.place(PING):
            return await get_health()

    return await answered(request, HEALTH, work)


async def _ping(part: Callable[[], Awaitable[None]]) -> str:
    try:
        await asyncio.wait_for(part(), PING_SECONDS)
    except (Unavailable, TimeoutError):
        return "is not responding, or refuses our requests"
    return ""


def _report(outcomes: dict[str, str]) -> func.HttpResponse:
    broken = {part: what for part, what in sorted(outcomes.items()) if what}
    parts = {part: outcomes[part] or "ok" for part in sorted(outcomes)}
    if not broken:
        return answers.json(Health("ok", parts))
    logs.note(broken=list(broken))
    message = " ".join(f"{part}: {what}" for part, what in broken.items())
    return answers.json(Health("unavailable", parts, ErrorDetail(Unavailable.code, message)), status=503)
