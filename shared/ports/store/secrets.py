"""Storing secrets."""

from typing import Protocol


class SecretStore(Protocol):
    """Random keys that all processes share and nobody configures."""

    async def get_or_make(self, name: str, candidate: str) -> str:
        """The stored value. If there is none, ``candidate`` is stored."""
