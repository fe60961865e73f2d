"""``python -m shared.descriptions``: writes ``docs/openapi.json`` and ``docs/asyncapi.json``."""

from pathlib import Path

import msgspec

from shared.descriptions import asyncapi, openapi
from shared.http.api import ROUTES

DOCS = Path(__file__).resolve().parents[2] / "docs"


def pages() -> dict[str, bytes]:
    """The descriptions by file name."""
    documents = {"openapi.json": openapi.document(ROUTES), "asyncapi.json": asyncapi.document()}
    return {name: msgspec.json.format(msgspec.json.encode(one), indent=2) + b"\n" for name, one in documents.items()}


if __name__ == "__main__":
    for name, content in pages().items():
        (DOCS / name).write_bytes(content)
