"""The origin of a request: its site, whether it came through the front door, its network address and scheme."""

import hmac
import ipaddress
from urllib.parse import urlsplit

import azure.functions as func

FRONT_DOOR = "x-chatr-front-door"
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def sent_by_another_site(request: func.HttpRequest) -> bool:
    """Whether the browser says that a page of another site sent it.

    A form on another site can post here, and the cookie in the response would replace a guest's identity.
    ``Sec-Fetch-Site`` decides if present: browsers since 2023 send it over https and to localhost. Otherwise ``Origin``
    decides, which all browsers send with a POST. Pages can't set either.
    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    site = request.headers.get("sec-fetch-site", "").strip()
    if site:
        return site not in ("none", "same-origin")
    origin = request.headers.get("origin", "").strip()
    return bool(origin) and _host(origin) not in _came_by(request)


def _came_by(request: func.HttpRequest) -> set[str]:
    """The host names that the browser may have used. Behind Static Web Apps, ``Host`` is the function app's own.

    A page of another site can't choose the value of any of these headers.
    """
    headers = request.headers
    forwarded = [f"//{host.strip()}" for host in headers.get("x-forwarded-host", "").split(",")]
    return {_host(url) for url in (headers.get("x-ms-original-url", ""), *forwarded, request.url)} - {""}


def _host(url: str) -> str:
    """Host and port of a URL, in lower case and without a default port; empty if there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc.lower().removesuffix(DEFAULT_PORTS.get(parts.scheme, "\0"))


def came_through_the_front_door(request: func.HttpRequest, secret: str) -> bool:
    """Whether a request has the secret that our front end adds; always true if none is configured."""
    # A header may contain bytes that are not text.
    shown = request.headers.get(FRONT_DOOR, "").encode(errors="surrogateescape")
    return not secret or hmac.compare_digest(shown, secret.encode())


def came_by_https(request: func.HttpRequest) -> bool:
    """Whether the browser's own request used https, whatever the proxies in between use."""
    seen = request.headers.get("x-ms-original-url") or ""
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    scheme = seen.partition(":")[0] or forwarded or urlsplit(request.url).scheme
    return scheme.lower() == "https"


def address_of(request: func.HttpRequest, behind_static_web_apps: bool) -> str:
    """The network address of the caller, for IPv6 the /64 network of one access line; empty if unknown.

    Each proxy appends the address of its caller as ``address:port``; anything before that may be forged. Behind Static
    Web Apps the last entry is theirs and the one before it the caller's, otherwise the last is the caller's.
    """
    hops = request.headers.get("x-forwarded-for", "").rsplit(",", 2)
    hop = hops[-2] if behind_static_web_apps and len(hops) > 1 else hops[-1]
    return _network(hop.strip())


def _network(hop: str) -> str:
    # A bare IPv6 address has several colons, none of which starts a port.
    host = hop[1:].partition("]")[0] if hop.startswith("[") else hop.partition(":")[0] if hop.count(":") == 1 else hop
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.IPv6Network((int(address), 64), strict=False))
