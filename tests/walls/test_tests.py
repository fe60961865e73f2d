"""What test modules share lies in modules that hold no tests."""

import pytest

from tests.walls.imports import imported, modules

MODULES = modules("tests")


def holds_tests(module: str) -> bool:
    return module.rpartition(".")[2].startswith("test_")


@pytest.mark.parametrize("module", MODULES)
def test_nobody_imports_a_module_that_holds_tests(module: str) -> None:
    assert {name for name in imported(MODULES[module]) & set(MODULES) if holds_tests(name)} == set()


def test_the_benchmarks_use_no_module_that_holds_tests() -> None:
    used = {name for path in modules("bench").values() for name in imported(path) & set(MODULES)}
    assert used and [name for name in used if holds_tests(name)] == []
