"""Finds Azure Functions Core Tools in a version that is safe to use.

Since 4.13, ``func start`` can be told to listen on the loopback interface only. Earlier versions, and the previews of
5, listen on all interfaces, so that anyone on the network could send the identity header that only Static Web Apps may
send (Azure/azure-functions-core-tools pull request 5484).
"""

import re
import shutil
import subprocess
from dataclasses import dataclass

OLDEST = (4, 13, 0)
TOO_NEW = (5, 0, 0)
ANSWER_SECONDS = 20


@dataclass(frozen=True)
class CoreTools:
    """A usable ``func``."""

    path: str
    version: str


class Unusable(Exception):
    """The installed ``func`` is older than OLDEST, at least TOO_NEW, or of unknown version."""

    def __init__(self, version: str) -> None:
        self.version = version

    def __str__(self) -> str:
        oldest = ".".join(map(str, OLDEST))
        return (
            f"Core Tools {self.version} may listen on all interfaces (needed: {oldest} or newer, below {TOO_NEW[0]}); "
            "using the host of this repository instead."
        )


def find() -> CoreTools | None:
    """The ``func`` on PATH; None if there is none. Raises Unusable."""
    path = shutil.which("func")
    if path is None:
        return None
    version = ask(path)
    if not OLDEST <= parse(version) < TOO_NEW:
        raise Unusable(version)
    return CoreTools(path, version)


def ask(path: str) -> str:
    """The output of ``func --version``; "of unknown version" if it can't be run, fails or prints nothing."""
    command = [path, "--version"]
    try:
        answer = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return "of unknown version"
    return answer.stdout.strip().splitlines()[-1] if answer.stdout.strip() else "of unknown version"


def parse(version: str) -> tuple[int, ...]:
    """``4.13.1`` as numbers; empty, which sorts first, if it is not a version."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)\S*", version)
    return tuple(map(int, found.groups())) if found else ()
