"""Every test that ``docs/security.md`` names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAULTS = (ROOT / "docs" / "security.md").read_text().split("## The original Chatr's flaws")[1]
ROWS = [row.strip("|").split("|") for row in re.findall(r"^\|.*\|$", FAULTS, re.MULTILINE)[2:]]


@pytest.mark.parametrize(("fault", "shown_by"), ROWS, ids=[fault.strip() for fault, _ in ROWS])
def test_every_fault_has_tests_that_exist(fault: str, shown_by: str) -> None:
    if fault.strip().startswith("**"):
        return
    tests = re.findall(r"`([\w/.]+)` (\w+)", shown_by)
    assert tests, fault
    missing = [name for path, name in tests if not re.search(rf"def {name}\(", (ROOT / "tests" / path).read_text())]
    assert missing == []
