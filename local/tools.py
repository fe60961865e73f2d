"""An environment for what looks after the pinned packages: made with their hashes checked, gone afterwards."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def tools(root: Path) -> Iterator[Path]:
    """The folder of the commands that ``local/tools.txt`` names. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        commands = Path(folder) / "bin"
        pip = [str(commands / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(root / "local" / "tools.txt")], check=True)
        yield commands
