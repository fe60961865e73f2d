"""The backend described for machines: OpenAPI for the routes, AsyncAPI for the events, made from their declarations.

``python -m shared.descriptions`` writes both into ``docs/``.
"""

TITLE = "Chatr"
VERSION = "1.0.0"
LICENSE = {"name": "MIT"}
