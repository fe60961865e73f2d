"""Machine-readable descriptions, made from the declarations: OpenAPI for the routes, AsyncAPI for the events.

``python -m shared.descriptions`` writes both into ``docs/``.
"""

from pathlib import Path

TITLE = "Chatr"
VERSION = (Path(__file__).parents[2] / "VERSION").read_text().strip()
LICENSE = {"name": "MIT"}
