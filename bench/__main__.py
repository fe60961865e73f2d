"""``make bench``: runs every benchmark, prints one table and writes ``bench/results.json``."""

import json
import os
import platform
from pathlib import Path

from bench import fanout


def main() -> None:
    rows = fanout.run()
    print(f"{'what':<62}{'Node ws':>12}{'stand-in':>12}{'ratio':>8}")
    for row in rows:
        print(f"{row['what']:<62}{row['ws']:>12}{row['chatr']:>12}{row['ratio']:>8}")
    machine = {"python": platform.python_version(), "processors": os.cpu_count(), "system": platform.platform()}
    results = Path(__file__).with_name("results.json")
    results.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
