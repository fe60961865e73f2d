"""Workflows, hooks and dependency updates cover the whole repository, and run its own commands."""

import os
import re
from collections import defaultdict
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
TESTS = (GITHUB / "workflows" / "tests.yml").read_text()
PYTHONS, NODES = ("3.11", "3.12", "3.13"), ("20", "22", "24")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_and_say_their_version(workflow: Path) -> None:
    lines = workflow.read_text().splitlines()
    actions = [number for number, line in enumerate(lines) if "uses:" in line]
    assert actions
    for number in actions:
        assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40}$", lines[number]), lines[number]
        assert re.match(r"\s*# v\d+\.\d+\.\d+", lines[number - 1]), lines[number - 1]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_and_ends_in_time(workflow: Path) -> None:
    text = workflow.read_text()
    assert "\npermissions:\n  contents: read\njobs:" in text or "\npermissions:\n  contents: read\nconcurrency:" in text
    assert re.search(r"^    timeout-minutes: \d+$", text, re.MULTILINE)


def test_the_matrix_has_every_version_of_python_and_node_and_both_extremes_together() -> None:
    matrix = set(re.findall(r'\{ python: "([\d.]+)", node: "(\d+)" \}', TESTS))
    assert {python for python, _ in matrix} == set(PYTHONS)
    assert {node for _, node in matrix} == set(NODES)
    assert set(product((PYTHONS[0], PYTHONS[-1]), (NODES[0], NODES[-1]))) <= matrix
    assert matrix <= set(product(PYTHONS, NODES))


def test_the_tests_run_by_the_command_that_anybody_has() -> None:
    assert "- run: .ci/run\n" in TESTS
    commands = (ROOT / ".ci" / "run").read_text().splitlines()[-2:]
    assert commands == ["make check", "make test"]


def test_the_hooks_run_what_make_check_runs() -> None:
    hooks = re.findall(r"^        entry: (.+)$", (ROOT / ".pre-commit-config.yaml").read_text(), re.MULTILINE)
    rules = re.findall(r"^check-(?:python|frontend):\n((?:\t.+\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = [line.lstrip("\t@") for rule in rules for line in rule.splitlines()]
    assert len(rules) == 2 and hooks == [command.replace("$(VENV)", ".venv/bin") for command in commands]


def test_updates_are_looked_for_wherever_packages_are_named() -> None:
    """In every folder with an ``.in`` file or a ``package.json``, and for the workflows' actions."""
    text = (GITHUB / "dependabot.yml").read_text()
    watched: dict[str, set[str]] = defaultdict(set)
    for update in text.split("- package-ecosystem: ")[1:]:
        ecosystem, _, rest = update.partition("\n")
        (folders,) = re.findall(r"^    director(?:y|ies): (.+)$", rest, re.MULTILINE)
        watched[ecosystem] |= {folder.strip('[]" ') for folder in folders.split(",")}
    assert watched == {
        "pip": folders_with(lambda name: name.endswith(".in")),
        "npm": folders_with(lambda name: name == "package.json"),
        "github-actions": {"/"},
    }


def folders_with(wanted: Callable[[str], bool]) -> set[str]:
    """The folders that contain such a file, relative to the repository's root."""
    found = set()
    for folder, inner, files in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in ("node_modules", ".venv", ".git")]
        if any(map(wanted, files)):
            found.add("/" + Path(folder).relative_to(ROOT).as_posix().removeprefix("."))
    return found
