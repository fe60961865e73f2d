"""Every finding has the form that ``findings/README.md`` requires, and is listed in its table."""

import re
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "findings"
FINDINGS = sorted(FOLDER.glob("*.sh"))


def comment_of(finding: Path) -> str:
    """The text of the comment at the start of the file."""
    lines = finding.read_text().splitlines()[1:]
    end = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    return "\n".join(line.removeprefix("#").strip() for line in lines[:end])


def test_the_table_has_every_finding_and_no_other() -> None:
    named = re.findall(r"^\| \[(.+?)\]\((.+?)\) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert named == [(path.name, path.name) for path in FINDINGS]


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda path: path.stem)
def test_the_comment_says_what_is_expected_to_whom_it_matters_and_what_was_seen(finding: Path) -> None:
    what, expected, matters, seen = comment_of(finding).split("\n\n")
    assert re.search(r"\d+\.\d+\.\d+", what)
    assert expected.startswith("One would expect the opposite") and "https://" in expected
    assert matters.startswith("Matters to")
    assert re.match(r"Seen with (Python|Node\.js) \d+[\d.]*:\n.+", seen)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda path: path.stem)
def test_a_finding_leaves_nothing_behind_and_its_exit_code_tells(finding: Path) -> None:
    text = finding.read_text()
    assert "assert" in text and "set -euo pipefail" in text and re.search(r"^trap 'rm -rf", text, re.MULTILINE)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda path: path.stem)
def test_a_finding_installs_the_versions_that_its_comment_names(finding: Path) -> None:
    installed = set(re.findall(r"(?:==|@)(\d+\.\d+\.\d+)", finding.read_text()))
    assert installed and installed <= set(re.findall(r"\d+\.\d+\.\d+", comment_of(finding)))


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda path: path.stem)
def test_a_finding_can_be_read_by_the_shell(finding: Path) -> None:
    subprocess.run(["bash", "-n", finding], check=True, timeout=30)
