"""The programs in the stand-in's README, as somebody would copy them."""

import re
import sys
from pathlib import Path

from tests.emulator.node import FOLDER

README = Path(__file__).resolve().parents[2] / "emulator" / "README.md"
SUFFIXES = {"python": ".py", "js": ".mjs"}


def programs(language: str) -> list[str]:
    """The blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)


def command(folder: Path, language: str, number: int) -> list[str | Path]:
    """What runs the program, copied into ``folder``; the npm packages are those of the tests."""
    path = folder / f"program{SUFFIXES[language]}"
    path.write_text(programs(language)[number])
    if language == "python":
        return [sys.executable, path]
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    return ["node", path]
