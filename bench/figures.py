"""Rows of the table: medians of several rounds, and their ratios.

The columns are ``ws``, a plain Node.js server; ``chatr``, ours; and ``c``, a bare C server.
"""

from collections.abc import Mapping, Sequence
from statistics import median


def row(what: str, figures: Mapping[str, Sequence[float]], digits: int, *, compared: bool = True) -> dict[str, object]:
    """A row of medians. Each ratio is the median of the ratios of figures that were measured one after the other."""
    medians = {name: round(median(values), digits or None) for name, values in figures.items()}
    found: dict[str, object] = {"what": what, **medians}
    for column, other in (("ratio", "ws"), ("ratio_c", "c")):
        if compared and other in figures:
            pairs = zip(figures["chatr"], figures[other], strict=True)
            found[column] = round(median(ours / theirs for ours, theirs in pairs), 2)
    return found
