"""The data folder of the local stack, which one stack can use at a time.

Azurite keeps its tables in memory and writes whole files, so two instances in one folder would overwrite each other's
data.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

LOCK = "lock"


class BadData(Exception):
    """The data folder can't be used; the message says which one and why."""


def made(folder: Path) -> Path:
    """The folder, which is created if missing. Raises BadData."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(folder, error) from error
    return folder


def write_private(path: Path, text: str) -> None:
    """Writes a file atomically, readable by its owner only. Raises BadData."""
    try:
        # Temporary files are readable by their owner only.
        with NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.", delete=False) as file:
            file.write(text)
        Path(file.name).replace(path)
    except OSError as error:
        raise unusable(path.parent, error) from error


def unusable(folder: Path, error: OSError) -> BadData:
    return BadData(
        f"The data folder {folder} can't be used ({error.strerror}); choose another with --data or CHATR_DATA."
    )


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Creates the folder if missing and locks it against other stacks until the block ends. Raises BadData."""
    try:
        lock = (made(folder) / LOCK).open("w")
    except OSError as error:
        raise unusable(folder, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BadData(
                f"Another stack is using the data folder {folder}; choose another with --data or CHATR_DATA."
            ) from error
        yield
