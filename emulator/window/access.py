"""Who may see the window, and who may act in it. Pure rules over a request's headers.

They protect against the network and against other sites in the developer's own browser, which can send requests to this
machine and, with DNS rebinding, read the answers.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..address import as_address, host_without_port, is_loopback

# Headers that a proxy or a tunnel adds: the request then comes from this machine, but not from its user.
PROXIED = re.compile(r"x-forwarded-.+|forwarded|via|x-real-ip")


def is_own_host(host: str, *names: str) -> bool:
    """Whether a ``Host`` header is an address, ``localhost`` or one of the stand-in's ``names``.

    An address cannot be rebound, and no other site can have these names.
    """
    name = host_without_port(host)
    return name == "localhost" or name in map(str.lower, names) or as_address(name) is not None


def is_same_site_only(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from the window's own page or from no page at all. Header names are lower case.

    Pages on other ports of this machine are other sites.
    """
    fetched_from = headers.get("sec-fetch-site")
    if fetched_from is not None:
        return fetched_from in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def is_local(peer: str, headers: Mapping[str, str]) -> bool:
    """Whether a request was made on this machine and not forwarded. Header names are lower case."""
    return is_loopback(peer) and not any(map(PROXIED.fullmatch, headers))
