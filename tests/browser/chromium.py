"""Finds the browser for the tests, and reports in one sentence if there is none.

As a command it runs before anything is installed, so that nobody waits for all other tests to learn what is missing. So
it uses only the standard library and old syntax.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# The variant without a window. It takes a fifth less CPU time, but has no system notifications.
QUICKER = "chromium-headless-shell"


class NoChromium(Exception):
    """There is no browser for the tests; the message says how to get one."""


def chromium(names: Sequence[str] = NAMES) -> str:
    """The path of the browser: ``CHROMIUM``, else the first of ``names`` on PATH. Raises NoChromium."""
    chosen = os.environ.get("CHROMIUM")
    if chosen and not shutil.which(chosen):
        raise NoChromium(f"CHROMIUM names {chosen}, which is no program.")
    found = chosen or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise NoChromium(
            "The browser tests need Chromium or Chrome, and none is on PATH."
            " Install one (Debian and Ubuntu: apt-get install chromium) or set CHROMIUM to its path."
        )
    return found


if __name__ == "__main__":
    try:
        chromium()
    except NoChromium as error:
        sys.exit(f"chatr: {error}")
