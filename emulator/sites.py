"""Which sites' pages may reach the stand-in through a browser on this machine. Pure rules over a request's headers.

A browser sends any page's requests to this machine, with two headers that pages cannot forge: ``Host``, the name that
the page used, and, for a WebSocket, ``Origin``, the page's site. The live service has neither check. The stand-in needs
them because its default access key is public: without them any site could use it.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from .address import as_address, host_without_port, is_host, is_private_address

ANY = "*"
# The origins of pages without a site: sandboxed frames, files, and files in Electron.
NO_SITE = ("null", "file://")
# No public site can have these names (Compose and Docker use some of them), so none can be rebound to this machine.
# https://www.iana.org/assignments/special-use-domain-names (internal: ICANN's resolution of 2024-07-29)
# Kubernetes shortens NAME.NAMESPACE.svc.cluster.local to NAME.NAMESPACE.svc; there is no such top-level domain.
PRIVATE_SUFFIXES = (".localhost", ".internal", ".local", ".test", ".svc")


def is_known_host(host: str, names: Collection[str]) -> bool:
    """Whether a ``Host`` header is an address, one of ``names``, or a name that no public site can have.

    An address cannot be rebound. A request without the header is not from a browser.
    """
    name = host_without_port(host).rstrip(".").lower()
    if not host or ANY in names or name in map(str.lower, names) or as_address(name) is not None:
        return True
    return is_private(name)


def may_connect(origin: str, host: str, names: Collection[str], allowed: Collection[str]) -> bool:
    """Whether a page of ``origin`` may open a WebSocket. Programs that are not browsers send no origin.

    Allowed are origins that are not public, on any port; the host that the request came to; ``names``; and what
    ``allowed`` lists by origin or by host.
    """
    given = origin.strip().lower()
    site = origin_host(given)
    if not given or ANY in allowed or given in allowed:
        return True
    own = {"localhost", host_without_port(host).lower(), *map(str.lower, names), *allowed} - {""}
    # In other schemes the host is not a network name: a browser extension's is its id.
    return site in own or (given.startswith(("http://", "https://")) and is_private(site))


def is_private(site: str) -> bool:
    """Whether no public site can have this name or address (in lower case, without a port).

    A public IP address counts as a public site.
    """
    name = site.rstrip(".")
    if as_address(name) is not None:
        return is_private_address(name)
    return bool(name) and ("." not in name or name.endswith(PRIVATE_SUFFIXES))


def is_name_to_allow(text: str) -> bool:
    """Whether ``text`` is a host name without scheme, port and path, or ``*``."""
    return text == ANY or (":" not in text and is_host(text))


def origin_host(origin: str) -> str:
    """The host of an origin without its port; empty for ``null`` and invalid origins."""
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""
