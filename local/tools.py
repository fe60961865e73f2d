"""A temporary environment for the tools that pin and audit packages, installed with verified hashes."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def tools(root: Path) -> Iterator[Path]:
    """The folder with the commands of the packages in ``local/tools.txt``. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        commands = Path(folder) / "bin"
        pip = [str(commands / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(root / "local" / "tools.txt")], check=True)
        yield commands
