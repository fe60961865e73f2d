"""``python -m tests.chaos --seconds 600 [--seed N]``: prints the figures; exits with 1 if anything is unexplained."""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.run import MISHAPS, Outcome, Run


def main() -> int:
    """Runs the command and returns the exit code."""
    command = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    command.add_argument("--seconds", type=int, default=600, help="how long things go wrong (default 600)")
    command.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="chooses what goes wrong")
    options = command.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chatr-chaos-") as folder:
        run = Run(Path(folder), options.seed, os.environ)

        def mishap(_: int) -> str:
            return run.chance.choice(MISHAPS) if time.monotonic() - began < options.seconds else ""

        outcome = asyncio.run(run.all_of_it(mishap))
    print("\n".join(table(outcome, time.monotonic() - began, options.seed)))
    return 1 if outcome.unexplained else 0


def table(outcome: Outcome, seconds: float, seed: int) -> list[str]:
    """The figures as a Markdown table, and what is unexplained."""
    facts = outcome.facts
    rows = {
        "seconds": round(seconds),
        **outcome.mishaps,
        "processes killed": outcome.kills,
        **{name: facts.counted[name] for name in sorted(facts.counted)},
        "messages": len(facts.said),
        "longest time without an answer, s": round(facts.longest, 1),
        "never answered, or not known for the reason above": sum(fact.value is None for fact in facts.every()),
        "unexplained": len(outcome.unexplained),
    }
    lines = [f"| seed {seed} | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())]
    return [*lines, *outcome.unexplained[:50]]


if __name__ == "__main__":
    sys.exit(main())
