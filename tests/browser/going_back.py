"""Goes back in the browser's history."""

from tests.browser.conftest import Visitor


def back(visitor: Visitor) -> None:
    # Not go_back: it waits for a page to load, and none does.
    visitor.page.evaluate("history.back()")
