"""The host names under which the parts of the stack may be called. ``hosts.mjs`` has the same rule for Node.js.

It protects against DNS rebinding: a website can make its own host name resolve to this machine, and would then be
same-site with every port here. Its browser still sends that name as ``Host``.
"""

import argparse
from collections.abc import Collection, Mapping

from emulator.sites import is_known_host, is_name_to_allow

VARIABLE = "CHATR_ALLOWED_HOSTS"


def is_own(host: str, allowed: Collection[str]) -> bool:
    """Whether a ``Host`` header is an IP address, a name that no public site can have, or one of ``allowed``."""
    return is_known_host(host, allowed)


def add_option(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """Adds ``--allowed-hosts``; its default is the environment's value, else none."""
    parser.add_argument(
        "--allowed-hosts",
        type=names,
        metavar="NAME,…",
        default=environ.get(VARIABLE, ""),
        help=f"additional host names under which browsers may connect, such as a tunnel's; also {VARIABLE}",
    )


def names(text: str) -> list[str]:
    """The names in a comma-separated list, in lower case. Raises ArgumentTypeError for anything but a host name."""
    found = [name for part in text.split(",") if (name := part.strip().lower())]
    for name in found:
        if not is_name_to_allow(name):
            raise argparse.ArgumentTypeError(
                f"{name!r} (here or in {VARIABLE}) is not a host name; leave out https://, the port and the path, as in"
                " NAME.devtunnels.ms"
            )
    return found


def variables(allowed: Collection[str]) -> dict[str, str]:
    """The environment variable that passes ``allowed`` to a part."""
    return {VARIABLE: ",".join(allowed)}
