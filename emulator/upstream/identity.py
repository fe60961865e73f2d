"""The identity that the stand-in shows to event handlers, where a managed identity would show Microsoft's.

Owns a key of its own, made when it is first needed, and the documents by which its tokens are verified. Must not know
events. https://learn.microsoft.com/azure/azure-web-pubsub/howto-use-managed-identity: a Bearer token whose audience is
the handler's resource.
"""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PATH = "/identity"
CONFIGURATION = f"{PATH}/.well-known/openid-configuration"
KEYS = f"{PATH}/keys"
TENANT = "00000000-0000-0000-0000-000000000001"
PRINCIPAL = "00000000-0000-0000-0000-000000000002"
KEY_ID = "stand-in"
LIFETIME_SECONDS = 3600
# A token is made anew before it could expire under way.
SPARE_SECONDS = 300


class Identity:
    """Signs tokens as ``endpoint``/identity."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._made: RSAPrivateKey | None = None
        self._tokens: dict[str, tuple[str, float]] = {}

    def token(self, resource: str, now: float) -> str:
        """A token for an audience; ``now``: seconds since 1970."""
        import jwt

        kept, expires = self._tokens.get(resource, ("", 0.0))
        if expires - SPARE_SECONDS > now:
            return kept
        expires = int(now) + LIFETIME_SECONDS
        claims = {"aud": resource, "iss": f"{self._endpoint}{PATH}", "iat": int(now), "nbf": int(now), "exp": expires}
        claims |= {"sub": PRINCIPAL, "oid": PRINCIPAL, "tid": TENANT, "ver": "1.0"}
        made = jwt.encode(claims, self._key(), "RS256", headers={"kid": KEY_ID})
        self._tokens[resource] = made, expires
        return made

    def document(self, path: str) -> dict[str, Any] | None:
        """What is published at a path: the OpenID configuration, the key set, or nothing."""
        if path == CONFIGURATION:
            return {
                "issuer": f"{self._endpoint}{PATH}",
                "jwks_uri": f"{self._endpoint}{KEYS}",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        if path != KEYS:
            return None
        from jwt.algorithms import RSAAlgorithm

        public = json.loads(RSAAlgorithm.to_jwk(self._key().public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def _key(self) -> "RSAPrivateKey":
        if self._made is None:
            from cryptography.hazmat.primitives.asymmetric import rsa

            self._made = rsa.generate_private_key(65537, 2048)
        return self._made
