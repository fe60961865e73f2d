"""What the parts of the stand-in may import: protocols no event loop and no network, and nothing the rest of Chatr."""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.emulator.imports import MODULES, NAMES, PACKAGE, absolute_imports, name_of, own_imports, room_of

PURE = [
    *sorted((PACKAGE / "protocol").glob("*.py")),
    *sorted(path for path in (PACKAGE / "rest").glob("*.py") if path.stem != "endpoint"),
    *(
        PACKAGE / name
        for name in (
            "admission.py",
            "auth.py",
            "configuration.py",
            "connection.py",
            "entra.py",
            "filter_text.py",
            "filters.py",
            "hub.py",
            "key_document.py",
            "limits.py",
            "log.py",
            "names.py",
            "observer.py",
            "quota.py",
            "redaction.py",
            "sites.py",
            "unknown_keys.py",
        )
    ),
    *(PACKAGE / "window" / name for name in ("access.py", "snapshot.py", "recorder.py", "actions.py")),
    *(PACKAGE / "upstream" / name for name in ("cloudevents.py", "identity.py")),
]
NETWORK = {"asyncio", "aiohttp", "socket", "ssl", "uvloop", "http", "selectors", "threading"}
OWN_DEPENDENCIES = {"aiohttp", "cryptography", "google", "jwt", "msgspec", "uvloop"}

# From the bottom up. What lies on a floor uses only the floors below it; a folder counts as one room.
FLOORS: tuple[set[str], ...] = (
    {
        "aiohttp_internals",
        "filter_text",
        "key_document",
        "limits",
        "log",
        "names",
        "quota",
        "redaction",
        "unknown_keys",
    },
    {"address", "client_request", "nowhere", "protocol"},
    {"auth", "connection", "sites", "websocket"},
    {"entra", "filters", "hub"},
    {"configuration", "observer"},
    {"reload", "upstream"},
    {"admission", "service"},
    {"binding", "rest"},
    {"handshake", "window"},
    {"server"},
    {"__main__"},
)

# Modules that know little on purpose, with all that they may know.
MAY_KNOW: dict[str, set[str]] = {
    "client_request": {"names"},
    "hub": {"connection", "protocol.delivery", "protocol.messages", "protocol.unacknowledged"},
    "protocol.frames": set(),
    "protocol.messages": {"names", "protocol.frames"},
    "rest.errors": set(),
    "upstream.identity": {"configuration"},
    "upstream.preflight": set(),
    "websocket": {"limits", "protocol.frames"},
}
ENCODINGS = {name for name in NAMES if name.startswith(("protocol.json_", "protocol.protobuf_", "protocol.raw_"))}
# What aiohttp does not document and Python does not mark with an underscore.
UNDOCUMENTED = {"set_parser", "force_close", "output_size"}


def module(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", PURE, ids=module)
def test_a_pure_module_imports_no_event_loop_and_no_network(path: Path) -> None:
    assert not {name.partition(".")[0] for name in absolute_imports(path)} & NETWORK


@pytest.mark.parametrize("path", MODULES, ids=module)
def test_a_module_names_the_others_without_the_name_of_the_package(path: Path) -> None:
    """The wheel installs the package under another name."""
    assert not [name for name in absolute_imports(path) if name.partition(".")[0] == PACKAGE.name]


@pytest.mark.parametrize("path", MODULES, ids=module)
def test_the_stand_in_imports_nothing_of_the_rest(path: Path) -> None:
    roots = {name.partition(".")[0] for name in absolute_imports(path)}
    assert roots - set(sys.stdlib_module_names) <= OWN_DEPENDENCIES


def test_no_module_imports_itself_by_way_of_others() -> None:
    # Raises CycleError, which names the modules of the circle.
    TopologicalSorter({name_of(path): own_imports(path) for path in MODULES}).prepare()


def test_every_room_is_on_one_floor() -> None:
    rooms = sorted(room for floor in FLOORS for room in floor)
    assert rooms == sorted({room_of(name) for name in NAMES} - {""})


@pytest.mark.parametrize("path", MODULES, ids=module)
def test_a_room_uses_only_the_floors_below_it(path: Path) -> None:
    own = room_of(name_of(path))
    below: set[str] = set()
    for floor in FLOORS:
        if own in floor:
            break
        below |= floor
    assert {room_of(name) for name in own_imports(path)} - {own} <= below


@pytest.mark.parametrize("name", MAY_KNOW)
def test_a_module_that_knows_little_imports_no_more(name: str) -> None:
    assert own_imports(PACKAGE / f"{name.replace('.', '/')}.py") <= MAY_KNOW[name]


@pytest.mark.parametrize("path", sorted((PACKAGE / "protocol").glob("*.py")), ids=module)
def test_protocols_know_only_names_limits_and_each_other(path: Path) -> None:
    assert {room_of(name) for name in own_imports(path)} <= {"names", "limits", "protocol"}


@pytest.mark.parametrize("name", ["session", "streams", "unacknowledged", "effects", "notices", "permissions"])
def test_what_messages_mean_does_not_depend_on_how_they_are_encoded(name: str) -> None:
    assert not own_imports(PACKAGE / "protocol" / f"{name}.py") & ENCODINGS


@pytest.mark.parametrize("path", MODULES, ids=module)
def test_nothing_but_the_server_knows_that_there_is_a_window(path: Path) -> None:
    known = any(room_of(name) == "window" for name in own_imports(path))
    assert not known or path.parent.name == "window" or path == PACKAGE / "server.py"


@pytest.mark.parametrize("path", [p for p in MODULES if p.stem != "aiohttp_internals"], ids=module)
def test_what_aiohttp_does_not_promise_is_used_in_one_module(path: Path) -> None:
    tree = ast.parse(path.read_text())
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    private = [node.attr for node in attributes if node.attr.startswith("_") and not is_self(node.value)]
    assert [name for name in private if not name.endswith("__")] == []
    assert not UNDOCUMENTED & {node.attr for node in attributes}
    # Its submodules are not documented, and neither is what a subclass of its classes may rely on.
    assert not [name for name in absolute_imports(path) if name.startswith("aiohttp.")]
    bases = [ast.unparse(base) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases]
    assert not [base for base in bases if base.startswith(("web.", "aiohttp."))]


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
