"""Reads the tables of ``docs/protocol.md``."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text()


def table(heading: str) -> dict[str, list[str]]:
    """The rows of the first table under a heading, by first cell."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|(?!\")", line.strip("|"))] for line in lines]
    return {row[0].strip("`"): row[1:] for row in rows}
