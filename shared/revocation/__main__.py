"""``python -m shared.revocation USER_ID``: shows who that is, and signs them out everywhere with ``--apply``.

It reads the backend's settings from the environment. ``docs/operations.md`` says when to use it.
"""

import argparse
import asyncio
import logging
import os
import sys
import uuid

from shared import logs
from shared.backend import Backend
from shared.clients import Clients
from shared.model.errors import Unavailable
from shared.settings import BadSettings
from shared.trust.guests import is_guest
from shared.trust.revocation import revoke


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns the exit code: 0, or 1 with the reason on stderr."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        print(asyncio.run(run(options.user_id, options.apply)))
    except BadSettings as error:
        print(f"revocation: {error}", file=sys.stderr)
    except Unavailable:
        print("revocation: Storage or Web PubSub is not responding. Run it again until it succeeds.", file=sys.stderr)
    else:
        return 0
    return 1


def parser() -> argparse.ArgumentParser:
    command = argparse.ArgumentParser(
        prog="python -m shared.revocation",
        description="Signs a user out everywhere. A guest is gone for good; a provider's user can sign in again.",
    )
    command.add_argument("user_id", metavar="USER_ID", help="as in GET /api/me and GET /api/users")
    command.add_argument("--apply", action="store_true", help="actually sign them out; otherwise nothing is changed")
    return command


async def run(user_id: str, apply: bool) -> str:
    """Runs the command and returns its result as a sentence. Raises BadSettings or Unavailable."""
    clients = Clients(os.environ)
    try:
        with logs.call(f"revocation-{uuid.uuid4().hex}"):
            return await signed_out(clients.backend(), user_id, apply)
    finally:
        await clients.close()


async def signed_out(backend: Backend, user_id: str, apply: bool) -> str:
    """Says who the user is, and signs them out if ``apply``. Unknown users too, since they may have valid tokens."""
    known = await backend.store.users.read(user_id)
    who = f"a {'guest' if is_guest(user_id) else 'user'} called {known.name!r}" if known else "an unknown user"
    if not apply:
        return f"That is {who}. Nothing was changed. Add --apply to sign them out."
    await revoke(backend, user_id)
    return f"That is {who}, who is now signed out everywhere."


if __name__ == "__main__":
    sys.exit(main())
