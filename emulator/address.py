"""The address by which a request reached the stand-in, and the addresses of the stand-in itself.

Only this module decides what to believe: the ``Host`` header, and what a proxy on this machine adds. Addresses grant no
access: a caller proves that it has the access key with a signature.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from .redaction import redacted_text

if TYPE_CHECKING:
    from aiohttp import web

HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?", re.ASCII | re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}
# The names of this machine for itself.
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
# RFC 1918, RFC 3927, RFC 4193 and RFC 4291. `is_private` of ipaddress changes with Python's version.
PRIVATE_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
)


class Address(NamedTuple):
    """The start of a URL; ``host`` includes the port if the URL has one."""

    scheme: str
    host: str

    @property
    def base(self) -> str:
        """The URL without a path."""
        return f"{self.scheme}://{self.host}"

    @property
    def portless(self) -> str:
        """The host without its port; an IPv6 address keeps its brackets."""
        return self.host.removesuffix(f":{port_of(self.host)}")


class Addresses:
    """The stand-in's addresses: the configured one, or else where it listens and how a request reached it."""

    def __init__(self, listening_on: str, bound_to: str, port: int, public: str = "") -> None:
        """``listening_on``: the configured host; ``bound_to``: the IP address it was resolved to.

        ``public``: the base URL at which others reach the stand-in, if it is configured.
        """
        bound = as_address(bound_to)
        everywhere = bound is not None and bound.is_unspecified
        self.only_here = bound is not None and bound.is_loopback
        name = "localhost" if everywhere or self.only_here else listening_on
        self.own = Address("http", f"{f'[{name}]' if ':' in name else name}:{port}")
        self.public = address_of(public) if public else None
        self._port = port

    @property
    def endpoint(self) -> str:
        """The service's base URL when there is no request to derive it from."""
        return (self.public or self.own).base

    @property
    def names(self) -> tuple[str, ...]:
        """The stand-in's own host names, without ports."""
        return tuple(host_without_port(address.host) for address in self._known())

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins to name in the abuse protection, one after another: each with its port and without."""
        known = [*self._known(), Address("http", f"localhost:{self._port}")]
        return tuple(dict.fromkeys(origin for address in known for origin in (address.host, address.portless)))

    def _known(self) -> list[Address]:
        return [address for address in (self.public, self.own) if address is not None]

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other origins that a handler may allow, because it reaches the stand-in there."""
        return tuple(f"{name}:{self._port}" for name in LOOPBACK)

    def base(self, request: "web.BaseRequest") -> str:
        """The base URL for links and audiences in the answer to a request."""
        came_by = request_address(request)
        return (self.public or (came_by if came_by.host else self.own)).base

    def hosts(self, request: "web.BaseRequest") -> set[str]:
        """The hosts that may stand in the audience of a request's token."""
        came_by = {request.headers.get("Host", ""), request_address(request).host} - {""}
        known = came_by | {address.host for address in self._known()}
        # With port mapping, callers outside a container use another port, and may call the host localhost too.
        ports = {self._port, *map(port_of, came_by)}
        return known | {f"{name}:{port}" if port else name for name in LOOPBACK for port in ports}


def request_address(request: "web.BaseRequest") -> Address:
    """The address by which a request came. Only a proxy on this machine is believed."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    address = Address("http", headers.get("host", ""))
    return forwarded(headers, address) if is_loopback(peer(request)) else address


def forwarded(headers: Mapping[str, str], address: Address) -> Address:
    """The address that a proxy says it was reached by. Header names are lower case."""
    scheme, host, port = (
        headers.get(f"x-forwarded-{name}", "").partition(",")[0].strip().lower() for name in ("proto", "host", "port")
    )
    scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    if scheme not in DEFAULT_PORTS:
        scheme = address.scheme
    host = host if is_host(host) else address.host
    if is_host(f"{host}:{port}") and port_of(host) is None and int(port) != DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    return Address(scheme, host)


def address_of(url: str) -> Address:
    """The address of a base URL; raises ValueError for anything else."""
    scheme, _, host = url.strip().lower().rstrip("/").partition("://")
    if scheme not in DEFAULT_PORTS or not is_host(host):
        raise ValueError(f"{redacted_text(url)!r} is not a base URL such as https://pubsub.example:8443")
    return Address(scheme, host)


def is_host(text: str) -> bool:
    """Whether ``text`` is exactly a host name or an IP address, with or without a port."""
    match = HOST.fullmatch(text)
    return match is not None and (match["port"] is None or 0 < int(match["port"]) < 65536)


def port_of(host: str) -> int | None:
    """The port of a host, if it names one."""
    match = HOST.fullmatch(host)
    return int(match["port"]) if match and match["port"] else None


def host_without_port(host: str) -> str:
    """The name or address in a ``Host`` header, without port and brackets; empty if there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def peer(request: "web.BaseRequest") -> str:
    """The client's IP address; empty if the connection is closed."""
    found = request.transport.get_extra_info("peername") if request.transport is not None else None
    return str(found[0]) if found else ""


def is_loopback(text: str) -> bool:
    """Whether an address is a loopback address."""
    address = as_ipv4_where_mapped(text)
    return address is not None and address.is_loopback


def is_private_address(text: str) -> bool:
    """Whether an address is loopback, unspecified (0.0.0.0) or from a network that is not routed on the internet."""
    address = as_ipv4_where_mapped(text)
    if address is None:
        return False
    return address.is_loopback or address.is_unspecified or any(address in network for network in PRIVATE_NETWORKS)


def as_ipv4_where_mapped(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IP address or None. An IPv4-mapped IPv6 address (``::ffff:127.0.0.1``) is returned as IPv4."""
    address = as_address(text)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def as_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IP address, or None if ``text`` is not one."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
