"""Where a request comes from: which site, which door, which network address, and whether by https.

Must not know routes.
"""

import hmac
import ipaddress
from urllib.parse import urlsplit

import azure.functions as func

FRONT_DOOR = "x-chatr-front-door"
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def sent_by_another_site(request: func.HttpRequest) -> bool:
    """Whether a browser says so: a form elsewhere can post here, and the answer's cookie would take a guest's place.

    ``Sec-Fetch-Site`` decides where there is one: browsers since 2023 send it by https and to localhost. Else
    ``Origin`` does, which all send with what they post. No page can set either.
    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    site = request.headers.get("sec-fetch-site", "").strip()
    if site:
        return site not in ("none", "same-origin")
    origin = request.headers.get("origin", "").strip()
    return bool(origin) and _host(origin) not in _came_by(request)


def _came_by(request: func.HttpRequest) -> set[str]:
    """The hosts by which a browser may have come: behind Static Web Apps ``Host`` is the function's own.

    Another site's page cannot send any of these headers with a name of its choice.
    """
    headers = request.headers
    forwarded = [f"//{host.strip()}" for host in headers.get("x-forwarded-host", "").split(",")]
    return {_host(url) for url in (headers.get("x-ms-original-url", ""), *forwarded, request.url)} - {""}


def _host(url: str) -> str:
    """Host and port of a URL, in lower case, without a port that goes without saying; empty where there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc.lower().removesuffix(DEFAULT_PORTS.get(parts.scheme, "\0"))


def came_through_the_front_door(request: func.HttpRequest, secret: str) -> bool:
    """Whether a request shows the secret that what stands in front of us adds; always where there is none."""
    # A header may hold bytes that are no text.
    shown = request.headers.get(FRONT_DOOR, "").encode(errors="surrogateescape")
    return not secret or hmac.compare_digest(shown, secret.encode())


def came_by_https(request: func.HttpRequest) -> bool:
    """Whether the browser's own request was https, whatever the proxies in between spoke."""
    seen = request.headers.get("x-ms-original-url") or ""
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    scheme = seen.partition(":")[0] or forwarded or urlsplit(request.url).scheme
    return scheme.lower() == "https"


def address_of(request: func.HttpRequest, behind_static_web_apps: bool) -> str:
    """The network address of the caller, of IPv6 the network of 64 bits that one line has; empty where none is told.

    Each front end writes behind a comma whom it was called by, as ``address:port``; what stands before may be anybody's
    invention. Behind Static Web Apps the last is theirs and the one before it the caller's, else the last is.
    """
    hops = request.headers.get("x-forwarded-for", "").rsplit(",", 2)
    hop = hops[-2] if behind_static_web_apps and len(hops) > 1 else hops[-1]
    return _network(hop.strip())


def _network(hop: str) -> str:
    # A bare address of IPv6 has several colons, and none of them begins a port.
    host = hop[1:].partition("]")[0] if hop.startswith("[") else hop.partition(":")[0] if hop.count(":") == 1 else hop
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.IPv6Network((int(address), 64), strict=False))
