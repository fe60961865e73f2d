"""``python3 -m local.requirements``: pins every Python package that the ``*.in`` files ask for, with its hashes.

For every system and every Python from 3.11 on at once. Versions that are pinned already stay, but for what an ``*.in``
file changed; ``--upgrade`` takes the newest that those files allow.
"""

import subprocess
import sys
from pathlib import Path

from local.tools import tools

ROOT = Path(__file__).resolve().parent.parent
# The first has all that the others may share; they follow it, so that no two files disagree.
WHOLE = "tests/requirements"
SOURCES = (WHOLE, "requirements", "local/requirements", "local/pip", "local/tools", "emulator/build")


def main(options: list[str]) -> int:
    """Writes a ``.txt`` beside every ``.in``; returns the exit code."""
    with tools(ROOT) as folder:
        for source in SOURCES:
            done = subprocess.run([folder / "uv", *compile_command(source), *options], cwd=ROOT, check=False)
            if done.returncode:
                return done.returncode
    return 0


def compile_command(source: str) -> list[str]:
    """uv's arguments that pin what ``source`` asks for. No registry's address gets into the file."""
    common = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-emit-index-url"]
    follows = [] if source == WHOLE else ["--constraints", f"{WHOLE}.txt"]
    header = ["--custom-compile-command", "make requirements"]
    return ["pip", "compile", "--quiet", f"{source}.in", "--output-file", f"{source}.txt", *common, *follows, *header]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
