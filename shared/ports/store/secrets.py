"""What the rules ask of the storage of secrets."""

from typing import Protocol


class SecretStore(Protocol):
    """Random keys that all processes share and nobody configures."""

    async def get_or_make(self, name: str, candidate: str) -> str:
        """The kept value; ``candidate`` becomes it when there is none."""
