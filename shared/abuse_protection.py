"""The handshake with which Web PubSub asks whether it may send events here (CloudEvents webhook, section 4).

Must not know the events. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
"""

from urllib.parse import urlsplit

from shared.errors import Forbidden


def allowed_origin(asked: str, endpoint: str) -> str:
    """The origin to allow: the asked one if it is our own service's host, port or not; else raises Forbidden."""
    own = urlsplit(endpoint)
    if asked and asked.strip().lower() in {own.netloc.lower(), (own.hostname or "").lower()}:
        return asked.strip()
    raise Forbidden("WebHook-Request-Origin must be the host of the Web PubSub service that PUBSUB_… names.")
