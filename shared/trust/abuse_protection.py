"""The abuse protection handshake, in which Web PubSub asks whether it may send events here.

CloudEvents webhook, section 4: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from shared.model.errors import Forbidden

PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


def allowed_origin(asked: str, endpoints: Iterable[str]) -> str:
    """The first requested origin that is the host of one of our endpoints, with or without its port.

    A service with replicas or a custom domain sends all its host names in one list. The answer names one of them, as
    Microsoft's own handlers do. https://learn.microsoft.com/azure/azure-web-pubsub/howto-develop-eventhandler
    Raises Forbidden if none is ours.
    """
    own = {name for endpoint in endpoints if endpoint for name in _names(endpoint)}
    for origin in asked.split(","):
        if origin.strip().lower() in own:
            return origin.strip()
    raise Forbidden("WebHook-Request-Origin must be the host of the Web PubSub service in the PUBSUB_… settings.")


def _names(endpoint: str) -> set[str]:
    """The forms that an endpoint's host may have in an origin, in lower case."""
    parts = urlsplit(endpoint.lower())
    # Not ``hostname``, which strips the brackets of an IPv6 address.
    host = parts.netloc.removesuffix(f":{parts.port}")
    return {host, f"{host}:{parts.port or PORTS[parts.scheme]}"}
