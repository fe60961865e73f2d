"""A program that answers as Core Tools do, for ``PATH``."""

import os
from pathlib import Path

# Called like Core Tools; we have to make sure that it finds `python`.
FUNC = """#!/bin/sh
[ "$1" = --version ] && { echo VERSION; exit; }
echo "started with: $*"
exec python -m local functions --port "$3"
"""


def path_with_func(folder: Path, version: str) -> dict[str, str]:
    (folder / "func").write_text(FUNC.replace("VERSION", version))
    (folder / "func").chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}
