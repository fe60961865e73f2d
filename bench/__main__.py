"""``make bench``: runs every benchmark, prints one table and writes ``bench/results.json``."""

import json
import os
import platform
from pathlib import Path

from bench import fanout, idle, load, page

COLUMNS = {"ws": "Node ws", "c": "bare C", "chatr": "Chatr", "ratio": "to ws", "ratio_c": "to C"}


def main() -> None:
    rows = fanout.run() + idle.run() + load.run() + page.run()
    width = max(len(str(row["what"])) for row in rows) + 2
    print(f"{'what':<{width}}" + "".join(f"{title:>12}" for title in COLUMNS.values()))
    for row in rows:
        # Only what others could do instead has a yardstick; without a compiler there is no C.
        print(f"{row['what']:<{width}}" + "".join(f"{row.get(column, ''):>12}" for column in COLUMNS))
    print(load.DEPENDS_ON)
    machine = {"python": platform.python_version(), "processors": os.cpu_count(), "system": platform.platform()}
    results = Path(__file__).with_name("results.json")
    content = {"machine": machine, "depends_on": load.DEPENDS_ON, "rows": rows}
    results.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
