"""docs/conformance.md: every statement is numbered and has a test that exists, every test here is of a statement."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
PAGE = (FOLDER.parents[2] / "docs" / "conformance.md").read_text()
ROWS = [re.split(r" (?<!\\)\| ", row.strip("| ")) for row in re.findall(r"^\| \d.*$", PAGE, re.MULTILINE)]
TEST = re.compile(r"^(?:async )?(?:def test_|class )(\w+)", re.MULTILINE)


def named() -> set[str]:
    """Every test that the page names."""
    return {test for _, _, tests in ROWS for test in re.findall(r"`(\w+::\w+)`", tests)}


def present(folder: Path) -> set[str]:
    """The tests of a folder's files as the page writes them."""
    files = {path.stem.removeprefix("test_"): path for path in folder.glob("test_*.py") if path != Path(__file__)}
    return {f"{stem}::{name}" for stem, path in files.items() for name in TEST.findall(path.read_text())}


def test_statements_are_numbered_one_after_another_under_their_sections() -> None:
    for section, body in re.findall(r"^### (\S+) [^\n]+\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL):
        numbers = re.findall(r"^\| (\S+) \| ", body, re.MULTILINE)[1:]
        assert numbers == [f"{section}.{number + 1}" for number in range(len(numbers))]
    assert len(ROWS) > 100


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_statement_has_a_test_that_exists(row: list[str]) -> None:
    _, statement, tests = row
    found = re.findall(r"`(\w+::\w+)`", tests)
    assert statement and found
    assert set(found) <= present(FOLDER) | present(FOLDER.parent)


def test_every_test_of_this_folder_is_of_a_statement() -> None:
    classes = {test for test in present(FOLDER) if test.rpartition("::")[2][0].isupper()}
    assert present(FOLDER) - classes - named() == set()
