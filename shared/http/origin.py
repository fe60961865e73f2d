"""Where a request comes from: which site, which network address, and whether by https. Must not know routes."""

import ipaddress
from urllib.parse import urlsplit

import azure.functions as func


def sent_by_another_site(request: func.HttpRequest) -> bool:
    """Whether a browser says so: a form elsewhere can post here, and the answer's cookie would take a guest's place.

    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


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
