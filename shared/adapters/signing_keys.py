"""The public keys of an Entra tenant, fetched when needed and kept.

Loaded only where the ``entra`` check is configured.
https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import jwt

from shared.errors import Unavailable
from shared.logs import line

# A forger may name any key id; this bounds how often that makes us ask Microsoft.
REFRESH_SECONDS = 300.0
TIMEOUT_SECONDS = 5.0
AUTHORITY = "https://login.microsoftonline.com"

log = logging.getLogger("chatr.entra")


class TenantKeys:
    """Implements ``entra.SigningKeys``. ``seconds`` is a clock that never goes back."""

    def __init__(self, tenant: str, authority: str = AUTHORITY, seconds: Callable[[], float] = time.monotonic) -> None:
        self._address = f"{authority}/{tenant}/v2.0/.well-known/openid-configuration"
        self._seconds = seconds
        self._keys: dict[str, Any] = {}
        self._fetched: float | None = None
        self._one_at_a_time = asyncio.Lock()

    async def find(self, key_id: str) -> Any | None:
        """The key with this id; raises Unavailable when keys were never had and cannot be fetched."""
        if key_id not in self._keys:
            async with self._one_at_a_time:
                if key_id not in self._keys and self._may_fetch():
                    await self._fetch()
        return self._keys.get(key_id)

    def _may_fetch(self) -> bool:
        return self._fetched is None or self._seconds() - self._fetched >= REFRESH_SECONDS

    async def _fetch(self) -> None:
        try:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
                configuration = await self._json(session, self._address)
                keys = await self._json(session, configuration["jwks_uri"])
            self._keys = {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(keys).keys if key.key_id}
            self._fetched = self._seconds()
        except (aiohttp.ClientError, TimeoutError, jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            log.error(line("The signing keys of the Entra tenant cannot be fetched", error=type(error).__name__))
            if not self._keys:
                raise Unavailable from error

    async def _json(self, session: aiohttp.ClientSession, address: str) -> Any:
        async with session.get(address) as response:
            return await response.json()
