"""``make bench``: runs the benchmarks, prints one table and writes ``bench/results.json``.

``python -m bench fanout idle`` runs only those named.
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
    "All servers and all clients share this machine's processors. Figures side by side were taken in turns and can be"
    " compared; what Chatr has alone grows with whatever else runs and compares runs on one machine only. In the load,"
    " Azurite, not Table Storage, sets the time to save."
)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("parts", nargs="*", metavar="PART", help=f"which of {', '.join(PARTS)} (default: all)")
    parts = options.parse_args().parts or PARTS
    # Imported only when named: the page needs a browser, the others do not.
    rows = [row for part in parts for row in import_module(f"bench.{part}").run()]
    show(rows, parts)
    machine = {"python": platform.python_version(), "processors": os.cpu_count(), "system": platform.platform()}
    results = Path(__file__).with_name("results.json")
    results.write_text(json.dumps({"machine": machine, "depends_on": DEPENDS_ON, "rows": rows}, indent=2) + "\n")


def show(rows: Sequence[dict[str, object]], parts: Sequence[str]) -> None:
    """Prints the table. Only what somebody would write instead has something to be compared with."""
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
