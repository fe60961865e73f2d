"""What the parts of the stand-in may import: protocols no event loop and no network, and nothing the rest of Chatr."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "emulator"
MODULES = sorted(PACKAGE.rglob("*.py"))
PURE = [
    *sorted((PACKAGE / "protocol").glob("*.py")),
    *(
        PACKAGE / name
        for name in (
            "names.py",
            "limits.py",
            "quota.py",
            "connection.py",
            "hub.py",
            "auth.py",
            "admission.py",
            "configuration.py",
            "observer.py",
        )
    ),
    *(PACKAGE / "window" / name for name in ("access.py", "snapshot.py", "recorder.py", "actions.py")),
    PACKAGE / "upstream" / "cloudevents.py",
]
NETWORK = {"asyncio", "aiohttp", "socket", "ssl", "uvloop", "http", "selectors", "threading"}
OWN_DEPENDENCIES = {"aiohttp", "cryptography", "google", "jwt", "msgspec", "uvloop", "emulator"}


def imported(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""
        elif isinstance(node, ast.ImportFrom):
            folder = ".".join(path.parents[node.level - 1].relative_to(PACKAGE.parent).parts)
            yield from ([f"{folder}.{node.module}"] if node.module else [f"{folder}.{x.name}" for x in node.names])


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.stem)
def test_a_pure_module_imports_no_event_loop_and_no_network(path: Path) -> None:
    assert not {name.partition(".")[0] for name in imported(path)} & NETWORK


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_names_the_others_without_the_name_of_the_package(path: Path) -> None:
    """The wheel installs the package under another name."""
    absolute = [
        name
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    ]
    assert not [name for name in absolute if name.partition(".")[0] == PACKAGE.name]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_stand_in_imports_nothing_of_the_rest(path: Path) -> None:
    roots = {name.partition(".")[0] for name in imported(path)}
    assert roots - set(sys.stdlib_module_names) <= OWN_DEPENDENCIES


@pytest.mark.parametrize("path", sorted((PACKAGE / "protocol").glob("*.py")), ids=lambda path: path.stem)
def test_protocols_know_only_names_limits_and_each_other(path: Path) -> None:
    own = {name for name in imported(path) if name.startswith("emulator")}
    assert all(name in ("emulator.names", "emulator.limits") or name.startswith("emulator.protocol") for name in own)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_but_the_server_knows_that_there_is_a_window(path: Path) -> None:
    known = any(name.startswith("emulator.window") for name in imported(path))
    assert not known or path.parent.name == "window" or path == PACKAGE / "server.py"
