"""JSON schemas of declared types, in a form that tools in all languages understand."""

from collections.abc import Iterable
from typing import Any

import msgspec

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"


def components(types: Iterable[Any]) -> dict[str, Schema]:
    """The schemas of ``types`` and of the types in their fields, by name."""
    _, found = msgspec.json.schema_components(types, ref_template=REFERENCE)
    return {name: _portable(schema) for name, schema in sorted(found.items())}


def reference(kind: type) -> Schema:
    """A reference to a struct's schema in the components."""
    return {"$ref": REFERENCE.format(name=kind.__name__)}


def properties(kind: type[msgspec.Struct]) -> list[tuple[str, Schema, bool]]:
    """The fields of a struct: name on the wire, schema, and whether the field is required."""
    schema = components([kind])[kind.__name__]
    required = schema.get("required", [])
    return [(name, field, name in required) for name, field in schema.get("properties", {}).items()]


def sentence(documentation: str | None) -> str:
    """The first paragraph of a docstring, in Markdown."""
    return " ".join((documentation or "").partition("\n\n")[0].replace("``", "`").split())


def _portable(schema: Any) -> Any:
    """A schema without Python's regex syntax, and without defaults that stand for "absent"."""
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
