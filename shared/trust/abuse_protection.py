"""The handshake with which Web PubSub asks whether it may send events here (CloudEvents webhook, section 4).

Must not know the events. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from shared.model.errors import Forbidden

PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


def allowed_origin(asked: str, endpoints: Iterable[str]) -> str:
    """The origin to allow: the first asked one that is the host of an endpoint, port or not; else raises Forbidden.

    The service names all its hosts in one list where it has replicas or a domain of its own. The answer names one of
    them, as Microsoft's own handlers do. https://learn.microsoft.com/azure/azure-web-pubsub/howto-develop-eventhandler
    """
    own = {name for endpoint in endpoints if endpoint for name in _names(endpoint)}
    for origin in asked.split(","):
        if origin.strip().lower() in own:
            return origin.strip()
    raise Forbidden("WebHook-Request-Origin must name the host of the Web PubSub service that PUBSUB_… names.")


def _names(endpoint: str) -> set[str]:
    """What the host of an endpoint may be called in an origin, in lower case."""
    parts = urlsplit(endpoint.lower())
    # Not ``hostname``, which loses the brackets of an IPv6 address.
    host = parts.netloc.removesuffix(f":{parts.port}")
    return {host, f"{host}:{parts.port or PORTS[parts.scheme]}"}
