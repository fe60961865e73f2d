"""Searches messages with the field above the lists."""

import re

from playwright.sync_api import Locator

from tests.browser.conftest import Visitor


def search(visitor: Visitor, words: str) -> Locator:
    visitor.part("lobby-search").fill(words)
    visitor.part("search-messages").click()
    visitor.part("lobby-search").fill("")
    return visitor.part("search-result")


def exactly(results: Locator, text: str) -> Locator:
    return results.filter(has_text=re.compile(f"{text}$"))
