"""Validates the Microsoft Entra token with which Web PubSub's managed identity calls the webhook.

The issuer, audience, tenant and object id must be the configured ones. The object id matters most: without it, anybody
in the tenant who can get a token for the audience would be accepted.
https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
"""

import jwt

from shared.ports.signing_keys import SigningKeys, issuers
from shared.settings import Settings

# Entra signs access tokens with RS256 only. Pinning it keeps an attacker from choosing another algorithm.
ALGORITHM = "RS256"
LEEWAY_SECONDS = 300


async def accepts(token: str, settings: Settings, keys: SigningKeys) -> bool:
    """Whether ``token`` proves that our own Web PubSub is calling; raises Unavailable if there are no keys."""
    if not token.isascii():
        return False
    try:
        key = await keys.find(str(jwt.get_unverified_header(token).get("kid", "")))
        if key is None:
            return False
        claims = jwt.decode(
            token,
            key,
            [ALGORITHM],
            audience=audiences(settings.event_audience),
            issuer=issuers(settings.event_tenant),
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "tid", "oid"]},
        )
    except jwt.InvalidTokenError:
        return False
    return bool(claims["tid"] == settings.event_tenant and claims["oid"] == settings.event_principal)


def audiences(configured: str) -> list[str]:
    """The accepted audiences: version 1 tokens have the resource's URI, version 2 tokens its bare id."""
    bare = configured.removeprefix("api://")
    return [configured, bare, f"api://{bare}"]
