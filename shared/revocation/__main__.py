"""``python -m shared.revocation USER_ID``: shows who that is, and signs them out everywhere with ``--apply``.

It reads the backend's settings from the environment. ``docs/operations.md`` says when to use it.
"""

import argparse
import sys

from shared import command
from shared.backend import Backend
from shared.trust.guests import is_guest
from shared.trust.revocation import revoke


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns the exit code: 0, or 1 with the reason on stderr."""
    options = parser().parse_args(arguments)

    async def tell(backend: Backend) -> None:
        print(await signed_out(backend, options.user_id, options.apply))

    return command.run("revocation", tell, "Run it again until it succeeds.")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m shared.revocation",
        description="Signs a user out everywhere. A guest is gone for good; a provider's user can sign in again.",
    )
    made.add_argument("user_id", metavar="USER_ID", help="as in GET /api/me and GET /api/users")
    made.add_argument("--apply", action="store_true", help="actually sign them out; otherwise nothing is changed")
    return made


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
