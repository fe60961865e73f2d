"""What is asked of a Microsoft Entra tenant: its public keys. Implemented by ``adapters/signing_keys.py``."""

from typing import Any, Protocol


class SigningKeys(Protocol):
    """The public keys of an Entra tenant."""

    async def find(self, key_id: str) -> Any | None:
        """The key with this id, fetched if need be; None when the tenant has none such."""


def issuers(tenant: str) -> list[str]:
    """The issuers of version 1 and version 2 tokens of a tenant."""
    return [f"https://sts.windows.net/{tenant}/", f"https://login.microsoftonline.com/{tenant}/v2.0"]
