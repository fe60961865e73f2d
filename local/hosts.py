"""By which names the parts of the stack may be called; ``hosts.mjs`` has the same rule for those that run in Node.js.

A page on the internet can make its own name point to this machine, and would then be of one site with every port here
(DNS rebinding). Its browser still says that name as ``Host``.
"""

import argparse
from collections.abc import Collection, Mapping

from emulator.sites import is_known_host, is_name_to_allow

VARIABLE = "CHATR_ALLOWED_HOSTS"


def is_own(host: str, allowed: Collection[str]) -> bool:
    """Whether a ``Host`` header names this machine: by an address, a name no public site has, or one of ``allowed``."""
    return is_known_host(host, allowed)


def add_option(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """Adds ``--allowed-hosts``; its default is the environment's value, else none."""
    parser.add_argument(
        "--allowed-hosts",
        type=names,
        metavar="NAME,…",
        default=environ.get(VARIABLE, ""),
        help=f"further names by which browsers may come, such as a tunnel's; also {VARIABLE}",
    )


def names(text: str) -> list[str]:
    """The names of a comma list, in lower case. Raises ArgumentTypeError for what no ``Host`` header would match."""
    found = [name for part in text.split(",") if (name := part.strip().lower())]
    for name in found:
        if not is_name_to_allow(name):
            raise argparse.ArgumentTypeError(
                f"{name!r} (here or in {VARIABLE}) is no name: leave out https://, the port and the path, as in"
                " NAME.devtunnels.ms"
            )
    return found


def variables(allowed: Collection[str]) -> dict[str, str]:
    """What tells a part that is started."""
    return {VARIABLE: ",".join(allowed)}
