"""Tokens for event handlers in place of those of a managed identity, and the documents to verify them with.

They are signed with a key of the stand-in's own, which is created when it is first needed.
https://learn.microsoft.com/azure/azure-web-pubsub/howto-use-managed-identity: a Bearer token whose audience is the
handler's resource.
"""

import json
import secrets
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ..configuration import Identity

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PATH = "/identity"
KEYS = f"{PATH}/keys"
# Below PATH, or below a tenant's path, where libraries look that are configured with an authority and a tenant.
CONFIGURATION = "/.well-known/openid-configuration"
LIFETIME_SECONDS = 3600
# A token is renewed so long before it expires.
SPARE_SECONDS = 300


class Signer:
    """Signs tokens, and publishes at ``endpoint``/identity how to verify them. ``identity`` may be reassigned."""

    def __init__(self, endpoint: str, identity: Identity) -> None:
        self.identity = identity
        self._endpoint = endpoint
        self._made: RSAPrivateKey | None = None
        # A new id per run, so that handlers that cache keys by id do not use the key of the last run.
        self._key_id = secrets.token_hex(8)
        self._tokens: dict[tuple[Identity, str], tuple[str, float]] = {}

    def token(self, resource: str, now: float) -> str:
        """A token for an audience; ``now``: seconds since 1970."""
        import jwt

        kept, expires = self._tokens.get((self.identity, resource), ("", 0.0))
        if expires - SPARE_SECONDS > now:
            return kept
        expires = int(now) + LIFETIME_SECONDS
        principal = self.identity.principal_id
        claims = {"aud": resource, "iss": self._issuer(), "iat": int(now), "nbf": int(now), "exp": expires}
        claims |= {"sub": principal, "oid": principal, "tid": self.identity.tenant_id, "ver": "1.0"}
        made = jwt.encode(claims, self._key(), "RS256", headers={"kid": self._key_id})
        self._tokens[self.identity, resource] = made, expires
        return made

    def document(self, path: str, base: str = "") -> dict[str, Any] | None:
        """What is published at a path: the OpenID configuration, the key set, or nothing.

        ``base``: the base URL for the caller, if it is not the endpoint.
        """
        if not path.startswith(f"{PATH}/") or find_spec("cryptography") is None:
            return None
        tenant = f"{PATH}/{self.identity.tenant_id}"
        if path in (f"{base}{CONFIGURATION}" for base in (PATH, tenant, f"{tenant}/v2.0")):
            return {
                "issuer": self._issuer(),
                "jwks_uri": f"{base or self._endpoint}{KEYS}",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        return self._keys() if path == KEYS else None

    def _keys(self) -> dict[str, Any]:
        from jwt.algorithms import RSAAlgorithm

        public = json.loads(RSAAlgorithm.to_jwk(self._key().public_key()))
        return {"keys": [{**public, "kid": self._key_id, "use": "sig", "alg": "RS256"}]}

    def _issuer(self) -> str:
        # Microsoft's issuer, because handlers compare it with that of their tenant. Trust comes from the key.
        return f"https://sts.windows.net/{self.identity.tenant_id}/"

    def _key(self) -> "RSAPrivateKey":
        if self._made is None:
            from cryptography.hazmat.primitives.asymmetric import rsa

            self._made = rsa.generate_private_key(65537, 2048)
        return self._made
