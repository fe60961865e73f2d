"""Scrolls a list from end to end, and waits until a list has settled."""

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
# The first message that is completely in view, and its distance from the list's upper edge.
PLACE = """list => {
  const { top } = list.getBoundingClientRect()
  const row = [...list.querySelectorAll('[data-testid="message"], [data-testid="search-result"]')]
    .find((one) => one.getBoundingClientRect().top >= top)
  return row && [row.textContent, Math.round(row.getBoundingClientRect().top - top)]
}"""
# The list renders rows around the visible ones frame by frame, which may move these by a fraction of a pixel.
FRAMES = 10


def scroll(scroller: Locator, rows: str, by: float, until: str = "") -> int:
    most: Any = scroller.evaluate(SCROLL, {"rows": rows, "by": by, "until": until})
    return int(most)


def settled(value: str) -> str:
    """A function of an element: waits until ``value`` of it has not changed for some frames and is not null."""
    return f"""async element => {{
      const value = {value}
      for (let before = null, same = 0; same < {FRAMES}; ) {{
        await new Promise(requestAnimationFrame)
        const now = JSON.stringify(value(element) ?? null)
        same = now === before && now !== 'null' ? same + 1 : 0
        before = now
      }}
      return value(element)
    }}"""
