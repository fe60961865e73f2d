"""Authenticates webhook calls from our Web PubSub: a call has to pass one of the checks that EVENT_HANDLER_AUTH lists.

``docs/security.md`` says how strong each check is.
"""

import hashlib
import hmac
from collections.abc import Mapping

from shared.backend import Backend

BEARER = "bearer "
# The service has two keys.
SIGNATURES = 4


async def believed(headers: Mapping[str, str], code: str, backend: Backend) -> bool:
    """Whether a call with these (lower-case) headers and this ``?code=`` passes any configured check."""
    settings = backend.settings
    if "signature" in settings.event_checks and signed(headers, settings.pubsub_access_key):
        return True
    if "secret" in settings.event_checks and any(same(code, secret) for secret in settings.event_secrets):
        return True
    return "entra" in settings.event_checks and await _entra(headers.get("authorization", ""), backend)


def signed(headers: Mapping[str, str], access_key: str) -> bool:
    """Whether one of the signatures is the HMAC of the connection id with our access key.

    The service signs with both of its keys, so that either can be rotated.
    """
    connection_id = headers.get("ce-connectionid", "")
    if not connection_id or not access_key:
        return False
    digest = hmac.new(access_key.encode(), connection_id.encode("utf-8", "surrogatepass"), hashlib.sha256)
    wanted = f"sha256={digest.hexdigest()}"
    offered = headers.get("ce-signature", "").split(",")[:SIGNATURES]
    return any(same(given.strip().lower(), wanted) for given in offered)


def same(given: str, wanted: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


async def _entra(authorization: str, backend: Backend) -> bool:
    if not authorization.lower().startswith(BEARER) or backend.signing_keys is None:
        return False
    # Loaded only if this check is configured.
    from shared.trust.entra import accepts

    return await accepts(authorization[len(BEARER) :].strip(), backend.settings, backend.signing_keys)
