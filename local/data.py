"""The folder in which the local stack keeps its data, for one stack at a time.

Azurite holds its tables in memory and writes them out whole: of two in one folder, each would undo the other's work.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

LOCK = "lock"


class BadData(Exception):
    """The folder cannot be used; the message says which and why."""


def made(folder: Path) -> Path:
    """The folder, made where it is missing. Raises BadData."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(folder, error) from error
    return folder


def write_private(path: Path, text: str) -> None:
    """Puts a file that its owner alone may read in its place, whole at once. Raises BadData."""
    try:
        # A temporary file is for its owner alone.
        with NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.", delete=False) as file:
            file.write(text)
        Path(file.name).replace(path)
    except OSError as error:
        raise unusable(path.parent, error) from error


def unusable(folder: Path, error: OSError) -> BadData:
    return BadData(
        f"The data folder {folder} cannot be used ({error.strerror}): choose another with --data or CHATR_DATA."
    )


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Makes the folder where it is missing and keeps other stacks out until the block ends. Raises BadData."""
    try:
        lock = (made(folder) / LOCK).open("w")
    except OSError as error:
        raise unusable(folder, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BadData(
                f"Another stack runs with the data folder {folder}: choose another with --data or CHATR_DATA."
            ) from error
        yield
