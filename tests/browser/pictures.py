"""Takes screenshots of the page, in several sizes and themes."""

import os
from pathlib import Path

from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import Scheme, Visitor

SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 800},
    "narrow": {"width": 360, "height": 740},
}
LOOKS: list[tuple[str, Scheme]] = [("narrow", "dark")]
if os.environ.get("LOOKS") == "every":
    LOOKS += [("wide", "light"), ("wide", "dark"), ("narrow", "light")]


def join(visitor: Visitor, name: str) -> Visitor:
    visitor.page.goto(visitor.url)
    visitor.part("guest-name").fill(name)
    visitor.part("guest-join").click()
    expect(visitor.part("user-list")).to_contain_text(name)
    visitor.name = name
    return visitor


# Elements that are scrolled although users can't scroll them back.
PUSHED = """() => [...document.querySelectorAll('*')]
  .filter(part => part.scrollTop > 0 && !/auto|scroll/.test(getComputedStyle(part).overflowY))
  .map(part => part.className || part.tagName)"""


def take(viewer: Visitor, path: Path) -> None:
    """Takes a picture of a page at rest: without notices, running animations or displaced elements."""
    expect(viewer.part("toast")).to_have_count(0, timeout=30_000)
    assert viewer.page.evaluate(PUSHED) == []
    viewer.page.screenshot(path=path, animations="disabled")
