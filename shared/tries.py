"""How often a change is tried that lost against somebody else's. Must not know what is changed."""

from collections.abc import Iterator

# Each try loses only to somebody else's success, so a handful settles any real crowd.
TRIES = 20


def tries() -> Iterator[int]:
    """Bounds a loop that looks again after each lost race; whoever gets to its end raises Unavailable."""
    return iter(range(TRIES))
