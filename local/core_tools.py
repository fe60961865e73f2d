"""Whether Azure Functions Core Tools is installed in a version that may run the app.

Before 4.13 ``func start`` listens on every address of the machine, where anyone on the network could send the identity
header that only Static Web Apps may send (Azure/azure-functions-core-tools pull request 5484).
"""

import re
import shutil
import subprocess
from dataclasses import dataclass

OLDEST = (4, 13, 0)
ANSWER_SECONDS = 20


@dataclass(frozen=True)
class CoreTools:
    """A usable ``func``."""

    path: str
    version: str


class TooOld(Exception):
    """The installed ``func`` is older than OLDEST, or does not tell its version."""

    def __init__(self, version: str) -> None:
        self.version = version

    def __str__(self) -> str:
        oldest = ".".join(map(str, OLDEST))
        return (
            f"Core Tools {self.version} is older than {oldest} and would listen on every address; "
            "using the host of this repository instead."
        )


def find() -> CoreTools | None:
    """The ``func`` on PATH; None when there is none. Raises TooOld."""
    path = shutil.which("func")
    if path is None:
        return None
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False)
    version = answer.stdout.strip().splitlines()[-1] if answer.stdout.strip() else "of unknown version"
    if parse(version) < OLDEST:
        raise TooOld(version)
    return CoreTools(path, version)


def parse(version: str) -> tuple[int, ...]:
    """``4.13.1`` as numbers; empty (older than everything) when it is not a version."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)\S*", version)
    return tuple(map(int, found.groups())) if found else ()
