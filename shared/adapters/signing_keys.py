"""The public signing keys of an Entra tenant, fetched on demand and cached.

Loaded only where the ``entra`` check is configured.
https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import jwt

from shared.logs import line
from shared.model.errors import Unavailable
from shared.ports.signing_keys import issuers

# Entra rotates its keys without notice; Microsoft's own libraries refresh them once a day.
KEEP_SECONDS = 24 * 3600.0
# An attacker may name any key id, and Entra may be unreachable; these limit how often that makes us fetch.
AGAIN_SECONDS = 300.0
WITHOUT_KEYS_AGAIN_SECONDS = 5.0
TIMEOUT_SECONDS = 5.0
AUTHORITY = "https://login.microsoftonline.com"
# What reading a document in an unexpected format raises.
MALFORMED = (AttributeError, TypeError, ValueError)

log = logging.getLogger("chatr.entra")


class TenantKeys:
    """Implements ``ports.signing_keys.SigningKeys``. ``seconds`` is a monotonic clock."""

    def __init__(self, tenant: str, authority: str = AUTHORITY, seconds: Callable[[], float] = time.monotonic) -> None:
        self._tenant = tenant
        self._address = f"{authority}/{tenant}/v2.0/.well-known/openid-configuration"
        self._seconds = seconds
        self._keys: dict[str, Any] = {}
        self._asked = self._answered = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def find(self, key_id: str) -> Any | None:
        """The key with this id, None if there is none; raises Unavailable if no keys could ever be fetched."""
        if self._worth_asking(key_id):
            async with self._one_at_a_time:
                if self._worth_asking(key_id):
                    await self._fetch()
        if not self._keys:
            raise Unavailable
        return self._keys.get(key_id)

    def _worth_asking(self, key_id: str) -> bool:
        now = self._seconds()
        fresh = key_id in self._keys and now - self._answered < KEEP_SECONDS
        pause = AGAIN_SECONDS if self._keys else WITHOUT_KEYS_AGAIN_SECONDS
        return not fresh and now - self._asked >= pause

    async def _fetch(self) -> None:
        """Replaces all keys, so that a withdrawn one is no longer accepted. If that fails, the cached keys stay."""
        try:
            # One time-out for both documents.
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                aiohttp.ClientSession(raise_for_status=True) as session,
            ):
                configuration = await self._json(session, self._address)
                document = await self._json(session, configuration["jwks_uri"])
            ours = [key for key in document["keys"] if signs_for(key, self._tenant)]
            self._keys = {key.key_id: key.key for key in jwt.PyJWKSet(ours).keys if key.key_id}
            self._answered = self._seconds()
        except (aiohttp.ClientError, TimeoutError, jwt.PyJWTError, LookupError, *MALFORMED) as error:
            log.error(line("the signing keys of the Entra tenant cannot be fetched", error=type(error).__name__))
        finally:
            # Only now, so that concurrent callers wait on the lock for this fetch.
            self._asked = self._seconds()

    async def _json(self, session: aiohttp.ClientSession, address: str) -> Any:
        async with session.get(address) as response:
            return await response.json()


def signs_for(key: Mapping[str, Any], tenant: str) -> bool:
    """Whether a published key may sign a tenant's tokens: an RSA signature key that is not another issuer's.

    https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
    """
    issuer = str(key.get("issuer", "")).replace("{tenantid}", tenant)
    for_us = not issuer or issuer in issuers(tenant)
    return for_us and key.get("kty") == "RSA" and key.get("use", "sig") == "sig"
