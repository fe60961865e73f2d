"""The icons of the installable app show the page's icon, in the sizes of the manifest."""

import base64
import json

import pytest
from playwright.sync_api import Browser

from tests.browser.icons import ICONS, PUBLIC, Icon, drawn

# The allowed average difference of two pictures (0 to 255), since browsers smooth edges differently.
DIFFERENCE = """
async ([one, other]) => {
  const pixels = async encoded => {
    const bytes = Uint8Array.from(atob(encoded), character => character.charCodeAt(0))
    const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d')
    context.drawImage(picture, 0, 0)
    return [picture.width, picture.height, context.getImageData(0, 0, picture.width, picture.height).data]
  }
  const [[width, height, mine], [otherWidth, otherHeight, yours]] = [await pixels(one), await pixels(other)]
  if (width !== otherWidth || height !== otherHeight) return 255
  return mine.reduce((sum, value, index) => sum + Math.abs(value - yours[index]), 0) / mine.length
}
"""


@pytest.mark.parametrize("icon", ICONS, ids=lambda icon: icon.name)
def test_an_icon_looks_like_the_drawing(browser: Browser, icon: Icon) -> None:
    pictures = [drawn(browser, icon), (PUBLIC / "icons" / icon.name).read_bytes()]
    page = browser.new_page()
    difference = page.evaluate(DIFFERENCE, [base64.b64encode(picture).decode() for picture in pictures])
    page.close()
    assert difference < 1, "run `make icons`"


def test_the_manifest_names_every_icon_in_its_size() -> None:
    listed = json.loads((PUBLIC / "manifest.webmanifest").read_text())["icons"]
    sizes = {entry["src"].removeprefix("/icons/"): entry["sizes"] for entry in listed if entry["type"] == "image/png"}
    assert sizes == {icon.name: f"{icon.size}x{icon.size}" for icon in ICONS}
    assert {path.name for path in (PUBLIC / "icons").iterdir()} == sizes.keys()
