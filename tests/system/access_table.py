"""Reads the table of ``docs/security.md``: the outcome of each operation for each kind of caller."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
Row = list[str]


def cells() -> dict[tuple[str, str], str]:
    """The outcome by operation and caller. The page has several tables whose first column is `operation`."""
    found: dict[tuple[str, str], str] = {}
    for table in tables():
        header, _, *rows = table
        for row in rows:
            for caller, outcome in zip(header[1:], row[1:], strict=True):
                assert (row[0], caller) not in found, f"{row[0]} stands twice for {caller}"
                found[row[0], caller] = outcome
    return found


def tables() -> list[list[Row]]:
    """Rows of cells, of each such table."""
    blocks = re.findall(r"(?:^\|.*\|\n)+", PAGE.read_text(), re.MULTILINE)
    split = [
        [[cell.strip() for cell in line.strip("|\n").split("|")] for line in block.splitlines()] for block in blocks
    ]
    return [table for table in split if table[0][0] == "operation"]
