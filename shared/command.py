"""Runs a command that an operator starts: over the backend of the environment's settings, with an exit code."""

import asyncio
import logging
import os
import sys
import uuid
from collections.abc import Awaitable, Callable

from shared import logs
from shared.backend import Backend
from shared.clients import Clients
from shared.model.errors import Unavailable
from shared.settings import BadSettings


def run(name: str, work: Callable[[Backend], Awaitable[None]], again: str) -> int:
    """Runs ``work`` and returns the exit code: 0, or 1 with the reason on stderr.

    ``again`` is a sentence that says what running it again does when Storage or Web PubSub did not respond.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        asyncio.run(_over_the_backend(name, work))
    except BadSettings as error:
        print(f"{name}: {error}", file=sys.stderr)
    except Unavailable:
        print(f"{name}: Storage or Web PubSub is not responding. {again}", file=sys.stderr)
    else:
        return 0
    return 1


async def _over_the_backend(name: str, work: Callable[[Backend], Awaitable[None]]) -> None:
    clients = Clients(os.environ)
    try:
        with logs.call(f"{name}-{uuid.uuid4().hex}"):
            await work(clients.backend())
    finally:
        await clients.close()
