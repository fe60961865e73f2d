"""The backend described for machines: OpenAPI for the routes, AsyncAPI for the events, made from their declarations.

``python -m shared.descriptions`` writes both into ``docs/``.
"""

from pathlib import Path

TITLE = "Chatr"
VERSION = (Path(__file__).parents[2] / "VERSION").read_text().strip()
LICENSE = {"name": "MIT"}
