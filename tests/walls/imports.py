"""The import graph of a package, read from the source, including imports inside functions."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def modules(package: str) -> dict[str, Path]:
    """The files of a package by module name."""
    return {_name(path): path for path in sorted((ROOT / package).rglob("*.py"))}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """The full names of everything that a file imports; for ``from a import b`` both ``a`` and ``a.b``."""
    return {name for node in ast.walk(ast.parse(path.read_text())) for name in _named(node, path)}


def _named(node: ast.AST, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
        base = ".".join((*above, *filter(None, [node.module])))
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def graph(package: str) -> dict[str, set[str]]:
    """For each module of a package, the other modules of the package that it imports.

    Importing a module also runs its parent packages, which count only if something is imported from them.
    """
    files = modules(package)
    return {name: _nearest(imported(path) & set(files)) - {name} for name, path in files.items()}


def _nearest(names: set[str]) -> set[str]:
    """Without the packages that are named only on the way to their modules."""
    return {name for name in names if not any(other.startswith(f"{name}.") for other in names)}


def circle(edges: Mapping[str, set[str]]) -> list[str]:
    """A cycle of imports, with the first module again at the end; empty if there is none."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        found = next(filter(None, (walk(other, [*way, name]) for other in sorted(edges.get(name, ())))), [])
        done.add(name)
        return found

    return next(filter(None, (walk(name, []) for name in sorted(edges))), [])
