"""The file with the public keys that vouch for Microsoft Entra tokens, and when it is read. Must not know tokens."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jwt import PyJWK

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256"]
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


def keys_of(document: bytes) -> Mapping[str, "PyJWK"]:
    """The public keys of a JSON Web Key Set (RFC 7517) by ``kid``; raises ValueError in plain words."""
    import jwt

    try:
        found = jwt.PyJWKSet.from_json(document.decode()).keys
    except (jwt.PyJWTError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise ValueError(f"no JSON Web Key Set: {error}") from None
    keys = {key.key_id: key for key in found if key.key_id and key.algorithm_name in ALGORITHMS}
    if not keys:
        raise ValueError(f"no key with kid for one of {', '.join(ALGORITHMS)} in it")
    return keys
