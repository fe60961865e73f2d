"""JSON schemas of declared types, in the dialect that tools of all languages read. Must not know routes or events."""

from collections.abc import Iterable
from typing import Any

import msgspec

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"


def components(types: Iterable[Any]) -> dict[str, Schema]:
    """The schemas of ``types`` and of what they are made of, by name."""
    _, found = msgspec.json.schema_components(types, ref_template=REFERENCE)
    return {name: _portable(schema) for name, schema in sorted(found.items())}


def reference(kind: type) -> Schema:
    """Points to the schema of a struct among the components."""
    return {"$ref": REFERENCE.format(name=kind.__name__)}


def properties(kind: type[msgspec.Struct]) -> list[tuple[str, Schema, bool]]:
    """Each field of a struct as it is called outside, its schema, and whether it must be there."""
    schema = components([kind])[kind.__name__]
    required = schema.get("required", [])
    return [(name, field, name in required) for name, field in schema.get("properties", {}).items()]


def sentence(documentation: str | None) -> str:
    """The first paragraph of a docstring, in Markdown."""
    return " ".join((documentation or "").partition("\n\n")[0].replace("``", "`").split())


def _portable(schema: Any) -> Any:
    """Without what only Python understands, and without defaults that stand for "absent"."""
    if isinstance(schema, list):
        return [_portable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _portable(value) for name, value in schema.items()}
    if isinstance(pattern := kept.get("pattern"), str):
        kept["pattern"] = pattern.replace(r"\Z", "$")
    if isinstance(description := kept.get("description"), str):
        kept["description"] = sentence(description)
    if "default" in kept and kept["default"] in ("", None):
        del kept["default"]
    return kept
