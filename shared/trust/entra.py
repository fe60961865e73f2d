"""Checks a Microsoft Entra token that Web PubSub's managed identity presents to the webhook.

The issuer, audience, tenant and above all the object id must be the configured ones: without the last, anybody in the
tenant who can get a token for the audience would be believed. Must not know where keys come from.
https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
"""

import jwt

from shared.ports.signing_keys import SigningKeys, issuers
from shared.settings import Settings

# Entra signs access tokens with RS256 only; naming it keeps a forger from choosing another.
ALGORITHM = "RS256"
LEEWAY_SECONDS = 300


async def accepts(token: str, settings: Settings, keys: SigningKeys) -> bool:
    """Whether ``token`` proves that our own Web PubSub is calling. May raise Unavailable when keys cannot be had."""
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
    """Version 1 tokens name the resource by its URI, version 2 tokens by its bare id."""
    bare = configured.removeprefix("api://")
    return [configured, bare, f"api://{bare}"]
