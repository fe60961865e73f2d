"""Scrolls a list from end to end."""

from typing import Any

from playwright.sync_api import Locator

# Scrolls a list by this many screens at a time, waiting for the page in between; returns the maximum number of rows.
SCROLL = """async (list, { rows, by, until }) => {
  let most = 0
  const atEnd = () => by < 0 ? list.scrollTop < 2 : list.scrollTop + list.clientHeight > list.scrollHeight - 2
  while (!atEnd() || (until && !document.querySelector(until))) {
    list.scrollBy(0, by * list.clientHeight)
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))
    most = Math.max(most, document.querySelectorAll(`[data-testid="${rows}"]`).length)
  }
  return most
}"""


def scroll(scroller: Locator, rows: str, by: float, until: str = "") -> int:
    most: Any = scroller.evaluate(SCROLL, {"rows": rows, "by": by, "until": until})
    return int(most)
