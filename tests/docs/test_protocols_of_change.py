"""``docs/protocols-of-change.md`` names functions and states that the code has."""

import ast
import re
from typing import get_args

import pytest

from shared.model.records import BlockState, MembershipState
from tests.walls.imports import ROOT, modules

PAGE = (ROOT / "docs" / "protocols-of-change.md").read_text()
MEMBERSHIP, PRESENCE, BLOCK = re.findall(r"```mermaid\n(.*?)```", PAGE, flags=re.DOTALL)
FUNCTIONS = sorted(set(re.findall(r"\b([a-z_]+\.(?!md\b)[a-z_]+)\b", re.sub(r"\(.*?\)", "", PAGE))))
PLACES = ("shared.rules.", "shared.ports.store.")


def defined(module: str) -> set[str]:
    """The functions and methods of the rules' or the store's module of this name."""
    return {
        node.name
        for name, path in modules("shared").items()
        if name.startswith(PLACES) and name.rpartition(".")[2] == module
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_that_the_page_names_exists(function: str) -> None:
    module, _, name = function.partition(".")
    assert name in defined(module)


def test_the_diagrams_have_the_states_of_the_rows() -> None:
    assert set(re.findall(r"own row (\w+)", MEMBERSHIP)) == set(get_args(MembershipState))
    assert set(re.findall(r"^ +(\w+) -->", BLOCK, flags=re.MULTILINE)) - {"none"} == set(get_args(BlockState))


@pytest.mark.parametrize("diagram", [MEMBERSHIP, PRESENCE, BLOCK])
def test_every_state_can_be_reached_and_left(diagram: str) -> None:
    arrows = re.findall(r"^ +(\S+) --> (\S+?)(?::|$)", diagram, flags=re.MULTILINE)
    named = set(re.findall(r"^ +(\w+): [A-Z]", diagram, flags=re.MULTILINE))
    left, reached = {one for one, _ in arrows} - {"[*]"}, {one for _, one in arrows}
    assert left == reached >= named
