"""Generates the icons of the installable app from ``frontend/public/favicon.svg``: ``make icons``."""

import base64
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import NAMES
from tests.browser.conftest import launched
from tests.stack import ROOT

PUBLIC = ROOT / "frontend/public"


@dataclass(frozen=True)
class Icon:
    """An icon of ``size`` pixels; the drawing takes ``share`` of it; ``ground`` is the background colour, if any."""

    name: str
    size: int
    share: float = 1
    ground: str = "transparent"


# The safe zone of a maskable icon is a circle of 80 %: https://www.w3.org/TR/appmanifest/#icon-masks.
ICONS = (
    Icon("icon-192.png", 192),
    Icon("icon-512.png", 512),
    Icon("icon-maskable.png", 512, 0.65, "#e9efec"),
)


def drawn(browser: Browser, icon: Icon) -> bytes:
    """The icon as a PNG."""
    drawing = base64.b64encode((PUBLIC / "favicon.svg").read_bytes()).decode()
    side = icon.size * icon.share
    place = f"position:absolute; inset:0; margin:auto; width:{side}px; height:{side}px"
    page = browser.new_page(viewport={"width": icon.size, "height": icon.size})
    page.set_content(
        f'<body style="background:{icon.ground}"><img style="{place}" src="data:image/svg+xml;base64,{drawing}">'
    )
    page.wait_for_function("document.images[0].complete")
    picture = page.screenshot(omit_background=True)
    page.close()
    return picture


def draw_all(folder: Path) -> None:
    """Writes all icons into ``folder``."""
    with sync_playwright() as playwright:
        browser = launched(playwright, *NAMES)
        for icon in ICONS:
            (folder / icon.name).write_bytes(drawn(browser, icon))
        browser.close()


if __name__ == "__main__":
    draw_all(PUBLIC / "icons")
