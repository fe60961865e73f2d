"""The first load of an open chat stays small: the number of requests, and their size as a server compresses them."""

import gzip
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.conftest import Arrive, copy_cookies
from tests.stack import ROOT

DIST = ROOT / "frontend/dist"
MOST_REQUESTS = 25
MOST_BYTES = 120 * 1024


def test_the_first_load_of_a_chat_is_small(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Light place")
    chat = ada.page.url
    first = arrive()
    copy_cookies(ada.page.context, first.page.context)
    paths: list[str] = []
    first.page.on("request", lambda request: paths.append(urlsplit(request.url).path))
    first.page.goto(chat)
    expect(first.part("composer")).to_be_visible()
    first.page.wait_for_load_state("networkidle")
    files = [DIST / path.lstrip("/") for path in set(paths) if path.startswith("/assets/")]
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in files if file.suffix in (".js", ".css")}
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    assert len(paths) <= MOST_REQUESTS, paths
