"""Who may look into the window, and who may act in it. Pure rules over what a request says of itself.

The danger is not only others on the network but other sites in the developer's own browser: they can send requests to
this machine, and one whose name is made to point here (DNS rebinding) could read the answers.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..address import as_address, host_without_port, is_loopback

# What a proxy or a tunnel adds: the request then comes from this machine, but not from somebody at it.
PROXIED = re.compile(r"x-forwarded-.+|forwarded|via|x-real-ip")


def is_own_host(host: str, *names: str) -> bool:
    """Whether a ``Host`` header names this service by an address, by ``localhost``, or by one of its own ``names``.

    An address cannot be rebound, and no other site can have one of these names.
    """
    name = host_without_port(host)
    return name == "localhost" or name in map(str.lower, names) or as_address(name) is not None


def is_same_site_only(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from the window's own page, or from no page at all. Header names are lower case.

    Pages on other ports of this machine count as others.
    """
    fetched_from = headers.get("sec-fetch-site")
    if fetched_from is not None:
        return fetched_from in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def is_local(peer: str, headers: Mapping[str, str]) -> bool:
    """Whether a request was made on this machine, without anybody in between. Header names are lower case."""
    return is_loopback(peer) and not any(map(PROXIED.fullmatch, headers))
