"""``make bench``: runs the benchmarks, prints a table and writes ``bench/results.json``.

``python -m bench fanout idle`` runs only the named ones.
"""

import argparse
import json
import os
import platform
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

PARTS = ("fanout", "idle", "load", "abuse", "page")
COLUMNS = {
    "ws": "Node ws",
    "chatr": "Chatr",
    "c": "bare C",
    "ratio": "to ws",
    "ratio_c": "to C",
    "quiet": "at rest",
    "to_quiet": "to rest",
    "before": "before",
    "before_to_quiet": "to rest",
}
NO_COMPILER = "No bare C server: there is no C compiler (cc) on this machine."
DEPENDS_ON = (
    "All servers and clients share this machine's processors. Figures in one row were measured alternately and can be"
    " compared. Figures of Chatr alone depend on whatever else runs, so compare them only between runs on one machine."
    " In the load benchmark, the time to save is that of Azurite, not of Table Storage."
)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("parts", nargs="*", metavar="PART", help=f"which of {', '.join(PARTS)} (default: all)")
    parts = options.parse_args().parts or PARTS
    # Imported only if named, because only the page benchmark needs a browser.
    rows = [row for part in parts for row in import_module(f"bench.{part}").run()]
    show(rows, parts)
    machine = {"python": platform.python_version(), "processors": os.cpu_count(), "system": platform.platform()}
    results = Path(__file__).with_name("results.json")
    results.write_text(json.dumps({"machine": machine, "depends_on": DEPENDS_ON, "rows": rows}, indent=2) + "\n")


def show(rows: Sequence[dict[str, object]], parts: Sequence[str]) -> None:
    """Prints the table. Only rows with an alternative to compare with have more than one figure."""
    width = max(len(str(row["what"])) for row in rows) + 2
    columns = [column for column in COLUMNS if any(column in row for row in rows)]
    print(f"{'what':<{width}}" + "".join(f"{COLUMNS[column]:>12}" for column in columns))
    for row in rows:
        print(f"{row['what']:<{width}}" + "".join(f"{row.get(column, ''):>12}" for column in columns))
    if "fanout" in parts and not any("c" in row for row in rows):
        print(NO_COMPILER)
    print(DEPENDS_ON)


if __name__ == "__main__":
    main()
