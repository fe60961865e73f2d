"""``python3 -m local.requirements``: pins all Python packages that the ``*.in`` files require, with hashes.

The result is for all platforms and all Python versions from 3.11 on. Pinned versions stay unless an ``*.in`` file
requires a change; ``--upgrade`` picks the newest versions that those files allow.
"""

import subprocess
import sys
from pathlib import Path

from local.tools import tools

ROOT = Path(__file__).resolve().parent.parent
# The first file contains everything that the others share. They are constrained to it, so that no two files disagree.
WHOLE = "tests/requirements"
SOURCES = (WHOLE, "requirements", "local/requirements", "local/pip", "local/tools", "emulator/build")


def main(options: list[str]) -> int:
    """Writes a ``.txt`` next to each ``.in`` and returns the exit code."""
    with tools(ROOT) as folder:
        for source in SOURCES:
            done = subprocess.run([folder / "uv", *compile_command(source), *options], cwd=ROOT, check=False)
            if done.returncode:
                return done.returncode
    return 0


def compile_command(source: str) -> list[str]:
    """uv's arguments to pin the packages of ``source``, without a registry's URL in the file."""
    common = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-emit-index-url"]
    follows = [] if source == WHOLE else ["--constraints", f"{WHOLE}.txt"]
    header = ["--custom-compile-command", "make requirements"]
    return ["pip", "compile", "--quiet", f"{source}.in", "--output-file", f"{source}.txt", *common, *follows, *header]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
