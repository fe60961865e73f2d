"""The Static Web Apps CLI's configuration for serving the built site locally.

It differs from the deployed one in the content security policy, which allows the local Web PubSub.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

CONFIG = "staticwebapp.config.json"
POLICY = "Content-Security-Policy"


class BadSiteConfig(Exception):
    """``staticwebapp.config.json`` has no content security policy that can be extended."""


def write_config(root: Path, target: Path, settings: Mapping[str, str]) -> Path:
    """Writes the site's configuration into the folder ``target``, and returns the folder. Raises BadSiteConfig."""
    content = json.loads((root / CONFIG).read_text())
    headers = content.get("globalHeaders", {})
    if "connect-src" not in headers.get(POLICY, ""):
        raise BadSiteConfig(f"{CONFIG} must set a {POLICY} with a connect-src; the local stack adds its origin to it.")
    headers[POLICY] = headers[POLICY].replace("connect-src", f"connect-src {websocket_origin(settings)}", 1)
    target.mkdir(parents=True, exist_ok=True)
    (target / CONFIG).write_text(json.dumps(content, indent=2))
    return target


def websocket_origin(settings: Mapping[str, str]) -> str:
    """The origin of the WebSocket URLs that the backend gives to browsers."""
    pairs = (part.split("=", 1) for part in settings["PUBSUB_CONNECTION_STRING"].split(";") if "=" in part)
    connection = {name.strip().lower(): value for name, value in pairs}
    endpoint = settings["PUBSUB_CLIENT_ENDPOINT"].strip() or connection.get("endpoint") or settings["PUBSUB_ENDPOINT"]
    url = urlsplit(endpoint.strip())
    scheme = {"http": "ws", "https": "wss"}.get(url.scheme, url.scheme)
    return f"{scheme}://{url.netloc}"
