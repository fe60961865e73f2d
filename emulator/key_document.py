"""The file with the public keys that vouch for Microsoft Entra tokens, and when it is read. Must not know tokens."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .entra import keys_of

if TYPE_CHECKING:
    from jwt import PyJWK

# Keys are rotated now and then; callers with made-up key ids must not have the file read all the time.
REREAD_SECONDS = 5


class KeyDocument(dict[str, "PyJWK"]):
    """Its keys by ``kid``; one that is not there has the file read anew, at most once in ``REREAD_SECONDS``."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises OSError and ValueError, as looking up a key that is not there does beside KeyError."""
        super().__init__(keys_of(path.read_bytes()))
        self._path, self._clock = path, clock
        self._reread_at = float("-inf")

    def __missing__(self, kid: str) -> "PyJWK":
        now = self._clock()
        if now - self._reread_at < REREAD_SECONDS:
            raise KeyError(kid)
        self._reread_at = now
        keys = keys_of(self._path.read_bytes())
        self.clear()
        self.update(keys)
        return keys[kid]
