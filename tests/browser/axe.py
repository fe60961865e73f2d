"""Runs axe on a page."""

from playwright.sync_api import Page

from tests.stack import ROOT

AXE = (ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text()


REST = """Promise.allSettled(
  document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished)
)"""


def faults(page: Page) -> list[str]:
    """The current problems of the page: rule and element."""
    page.evaluate(REST)
    page.evaluate(AXE)
    violations = page.evaluate("axe.run().then(({ violations }) => violations)")
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in violations
        for node in violation["nodes"]
        # A menu belongs to its button, wherever it is in the DOM.
        if not (violation["id"] == "region" and "data-reka-popper" in node["html"])
    ]
