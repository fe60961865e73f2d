"""``python -m shared.cleanup``: reports data that is no longer needed, and removes it with ``--apply``.

It reads the backend's settings from the environment. ``docs/operations.md`` says when to run it.
"""

import argparse
import sys
from collections.abc import Mapping

from shared import command
from shared.backend import Backend
from shared.cleanup import blocks, chats, endings, ghosts, guests, history, invites, memberships, reads, revoked
from shared.cleanup.removal import Find
from shared.cleanup.run import Tally, run

LIMIT = 5_000
# The order matters: removing ghosts can make a guest removable, and removing a guest can leave a chat without members.
KINDS: Mapping[str, Find] = {
    "ghosts": ghosts.find,
    "guests": guests.find,
    "revoked": revoked.find,
    "endings": endings.find,
    "chats": chats.find,
    "memberships": memberships.find,
    "blocks": blocks.find,
    "reads": reads.find,
    "invites": invites.find,
    "events": history.events,
}
MESSAGES = "messages"


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns the exit code: 0 (even if there is more to do), or 1 with the reason on stderr."""
    options = parser().parse_args(arguments)
    try:
        kinds = wanted(options.only, options.messages_older_than)
    except ValueError as error:
        parser().error(str(error))
    return command.run(
        "cleanup", lambda backend: clean(backend, kinds, options.limit, options.apply), "Run it again to continue."
    )


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m shared.cleanup",
        description="Removes data that is no longer needed. Without --apply it only reports how much that is.",
    )
    made.add_argument("--apply", action="store_true", help="actually remove the data")
    made.add_argument(
        "--messages-older-than", type=positive, metavar="DAYS", help="also remove older messages, in every chat"
    )
    made.add_argument(
        "--limit", type=positive, default=LIMIT, metavar="ROWS", help=f"rows to remove in one run (default {LIMIT})"
    )
    made.add_argument("--only", default="", metavar="KIND,…", help=f"one or more of {', '.join([*KINDS, MESSAGES])}")
    return made


def wanted(only: str, days: int | None) -> dict[str, Find]:
    """The kinds that the options select; raises ValueError naming the invalid option."""
    known = {**KINDS, MESSAGES: history.messages_older_than(days)} if days else KINDS
    names = [name.strip() for name in only.split(",")] if only else list(known)
    if MESSAGES in names and not days:
        raise ValueError(f"--only {MESSAGES} needs --messages-older-than DAYS")
    if unknown := sorted(set(names) - set(known)):
        raise ValueError(f"--only: unknown kind {unknown[0]!r}; the kinds are {', '.join([*KINDS, MESSAGES])}")
    return {name: find for name, find in known.items() if name in names}


async def clean(backend: Backend, kinds: Mapping[str, Find], limit: int, apply: bool) -> None:
    """Cleans up and prints a line for each kind. Raises Unavailable."""
    verb = "removed" if apply else "would be removed"

    def tell(name: str, tally: Tally) -> None:
        print(f"{name:<12}{tally.things:>8} {verb} ({tally.rows} rows)", flush=True)

    if not await run(backend, kinds, limit, apply, tell):
        print(f"Reached the limit of {limit} rows. There may be more: run it again.")
    if not apply:
        print("Nothing was removed. Add --apply to remove it.")


def positive(text: str) -> int:
    """An integer of at least 1; raises ArgumentTypeError for anything else."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not an integer of at least 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
