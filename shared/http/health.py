"""``GET health``: whether the settings are valid and Storage and Web PubSub answer.

Must not know how they are reached.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import azure.functions as func

from shared.clients import process
from shared.errors import Unavailable
from shared.http import answers
from shared.settings import BadSettings

# Longer than a slow answer, shorter than a load balancer's patience.
PING_SECONDS = 8.0

log = logging.getLogger("chatr.health")


async def handle(_: func.HttpRequest) -> func.HttpResponse:
    """200 when all is well, else 503 naming each part that is not."""
    try:
        backend = process.backend()
    except BadSettings as problem:
        return _report({"settings": " ".join(problem.problems)})
    parts = {"storage": backend.store.ping, "pubsub": backend.sender.ping}
    outcomes = await asyncio.gather(*(_ping(part) for part in parts.values()))
    return _report(dict(zip(parts, outcomes, strict=True)) | {"settings": ""})


async def _ping(part: Callable[[], Awaitable[None]]) -> str:
    try:
        await asyncio.wait_for(part(), PING_SECONDS)
    except (Unavailable, TimeoutError):
        return "does not answer, or refuses us"
    return ""


def _report(outcomes: dict[str, str]) -> func.HttpResponse:
    broken = {part: what for part, what in sorted(outcomes.items()) if what}
    if not broken:
        return answers.json({"status": "ok", "parts": dict.fromkeys(sorted(outcomes), "ok")})
    message = " ".join(f"{part}: {what}" for part, what in broken.items())
    content = {"status": "unavailable", "parts": {part: outcomes[part] or "ok" for part in sorted(outcomes)}}
    return answers.json({**content, "error": {"code": Unavailable.code, "message": message}}, status=503)
