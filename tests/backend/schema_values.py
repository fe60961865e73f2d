"""Hypothesis strategies for values that our JSON schemas allow, and for values that are almost valid.

They support the few keywords that ``shared/descriptions`` uses. hypothesis-jsonschema would support all, but does not
work with current versions of Hypothesis.
"""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Schema = Mapping[str, Any]

ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


def allowed(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    """Values that ``schema`` allows; its references point into ``root``. Raises NotImplementedError."""
    if "$ref" in schema:
        return allowed(_at(root, schema["$ref"]), root)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([allowed(one, root) for one in schema["anyOf"]])
    match schema.get("type"):
        case None:
            return ANY_JSON
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "string":
            return _text(schema)
        case "array":
            return st.lists(allowed(schema.get("items", {}), root), max_size=schema.get("maxItems", 3))
        case "object":
            return _object(schema, root)
    raise NotImplementedError(json.dumps(dict(schema)))


def nearly(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    """A valid object in which one field is missing, replaced by anything, or too long."""
    if "$ref" in schema:
        return nearly(_at(root, schema["$ref"]), root)
    if not schema.get("properties"):
        return ANY_JSON
    wrong = ANY_JSON | st.text(min_size=1).map(lambda text: text * 5_000) | st.just(_MISSING)
    spoilt = st.tuples(st.sampled_from(sorted(schema["properties"])), wrong)
    return st.tuples(allowed(schema, root), spoilt).map(_spoil)


_MISSING = object()


def _spoil(drawn: tuple[dict[str, Any], tuple[str, Any]]) -> dict[str, Any]:
    right, (name, value) = drawn
    rest = {key: kept for key, kept in right.items() if key != name}
    return rest if value is _MISSING else {**rest, name: value}


def _at(root: Schema, reference: str) -> Schema:
    place: Any = root
    for step in reference.removeprefix("#/").split("/"):
        place = place[step]
    return dict(place)


def _text(schema: Schema) -> st.SearchStrategy[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if "pattern" not in schema:
        return st.text(min_size=least, max_size=most)
    # Only in Python does `$` also match before a line break at the end.
    exact = st.from_regex(schema["pattern"].replace("$", r"\Z"))
    return exact.filter(lambda text: least <= len(text) <= (most or len(text)))


def _object(schema: Schema, root: Schema) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: allowed(one, root) for name, one in schema.get("properties", {}).items()}
    required = set(schema.get("required", ()))
    known = st.fixed_dictionaries(
        {name: one for name, one in fields.items() if name in required},
        optional={name: one for name, one in fields.items() if name not in required},
    )
    if not isinstance(schema.get("additionalProperties"), dict):
        return known
    more = st.dictionaries(st.text(), allowed(schema["additionalProperties"], root), max_size=3)
    return st.tuples(more, known).map(lambda both: {**both[0], **both[1]})
