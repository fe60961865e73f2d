"""Rows of the table: medians of several rounds, and how they compare.

Knows no server. Names of columns: ``ws`` a plain Node server, ``chatr`` ours, ``c`` a bare C one.
"""

from collections.abc import Mapping, Sequence
from statistics import median


def row(what: str, figures: Mapping[str, Sequence[float]], digits: int, *, compared: bool = True) -> dict[str, object]:
    """A row of medians; each ratio is the median of the ratios of figures taken one after the other."""
    medians = {name: round(median(values), digits or None) for name, values in figures.items()}
    found: dict[str, object] = {"what": what, **medians}
    for column, other in (("ratio", "ws"), ("ratio_c", "c")):
        if compared and other in figures:
            pairs = zip(figures["chatr"], figures[other], strict=True)
            found[column] = round(median(ours / theirs for ours, theirs in pairs), 2)
    return found
