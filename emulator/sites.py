"""Which sites' pages may reach the stand-in through a browser on this machine. Pure rules over a request's headers.

A browser sends any page's requests to the loopback, with two things that no page can choose: ``Host``, the name by
which it came, and, where a WebSocket is opened, ``Origin``, the page's own site. The live service has neither check: a
key that everybody knows is good enough for this machine only as long as other sites cannot use it here.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from .address import as_address, host_without_port, is_host, is_private_address

ANY = "*"
# What pages say that have no site: sandboxed frames and files, and files in Electron.
NO_SITE = ("null", "file://")
# Names that no public site can have, so that none can be made to point here: of Compose and of Docker among them.
# https://www.iana.org/assignments/special-use-domain-names (internal: ICANN's resolution of 2024-07-29)
# Kubernetes shortens NAME.NAMESPACE.svc.cluster.local to NAME.NAMESPACE.svc; there is no such top-level domain.
PRIVATE_SUFFIXES = (".localhost", ".internal", ".local", ".test", ".svc")


def is_known_host(host: str, names: Collection[str]) -> bool:
    """Whether a ``Host`` header is an address, one of ``names``, or a name that no public site can have.

    An address cannot be rebound. No browser leaves the header out; what does is no page.
    """
    name = host_without_port(host).rstrip(".").lower()
    if not host or ANY in names or name in map(str.lower, names) or as_address(name) is not None:
        return True
    return is_private(name)


def may_connect(origin: str, host: str, names: Collection[str], allowed: Collection[str]) -> bool:
    """Whether a page of ``origin`` may open a WebSocket here; what is no page says none.

    Those may that no public site has served, whatever their ports; those of the host that they connect to; those of
    ``names``; and whom ``allowed`` names by origin or by host.
    """
    given = origin.strip().lower()
    site = origin_host(given)
    if not given or ANY in allowed or given in allowed:
        return True
    own = {"localhost", host_without_port(host).lower(), *map(str.lower, names), *allowed} - {""}
    # Only of these schemes is the host a name of the network: of an extension's it is the extension's id.
    return site in own or (given.startswith(("http://", "https://")) and is_private(site))


def is_private(site: str) -> bool:
    """Whether no public site can have this name or address, which is in lower case and without a port.

    A public address is somebody's site, although its name cannot be rebound.
    """
    name = site.rstrip(".")
    if as_address(name) is not None:
        return is_private_address(name)
    return bool(name) and ("." not in name or name.endswith(PRIVATE_SUFFIXES))


def is_name_to_allow(text: str) -> bool:
    """Whether ``text`` can be told as a further name of a host: without scheme, port and path, or ``*`` for any."""
    return text == ANY or (":" not in text and is_host(text))


def origin_host(origin: str) -> str:
    """The host of an origin without its port; empty for ``null`` and for what is no origin."""
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""
