"""Which modules of the stand-in import which, read from their sources, imports for type checking included."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "emulator"
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """A module's dotted name inside the package; the name of a folder is that of its ``__init__``."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in MODULES}


def absolute_imports(path: Path) -> Iterator[str]:
    """The full names of what a file imports from outside the package, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def own_imports(path: Path) -> set[str]:
    """The names of the package's modules that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        folder = path.parents[node.level - 1].relative_to(PACKAGE).parts
        module = ".".join([*folder, *((node.module or "").split(".") if node.module else [])])
        for alias in node.names:
            submodule = f"{module}.{alias.name}".removeprefix(".")
            found.add(submodule if submodule in NAMES else module)
    assert found <= NAMES, found - NAMES
    return found


def room_of(name: str) -> str:
    """The folder that a module lies in, or the module itself where it lies in none."""
    return name.partition(".")[0]
