"""The file with the public keys of Microsoft Entra tokens, and when it is reloaded."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jwt import PyJWK

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256"]
# Keys are rotated, so an unknown id reloads the file. Invented ids must not do so all the time.
REREAD_SECONDS = 5


class KeyDocument(dict[str, "PyJWK"]):
    """The keys by ``kid``. An unknown ``kid`` reloads the file, at most once every ``REREAD_SECONDS``."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises OSError and ValueError. So does looking up an unknown key, which may also raise KeyError."""
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


def keys_of(document: bytes) -> Mapping[str, "PyJWK"]:
    """The public keys of a JSON Web Key Set (RFC 7517) by ``kid``; raises ValueError with a text for the operator."""
    import jwt

    try:
        found = jwt.PyJWKSet.from_json(document.decode()).keys
    except (jwt.PyJWTError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise ValueError(f"not a JSON Web Key Set: {error}") from None
    keys = {key.key_id: key for key in found if key.key_id and key.algorithm_name in ALGORITHMS}
    if not keys:
        raise ValueError(f"it has no key with a kid for {', '.join(ALGORITHMS)}")
    return keys
