"""Browser storage: shared by all tabs, and not required if it is blocked or full."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Visitor

# The behaviour of browsers whose user has blocked cookies and site data.
FORBIDDEN = """
const denied = () => { throw new DOMException('Access is denied for this document.', 'SecurityError') }
for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
  Object.defineProperty(window, name, { get: denied })
}
Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: denied })
const refused = () => Promise.reject(new DOMException('Denied.', 'SecurityError'))
Object.defineProperty(Navigator.prototype, 'locks', { value: { request: refused, query: refused } })
"""
MISSING = """
for (const name of ['localStorage', 'BroadcastChannel', 'Notification', 'caches']) {
  Object.defineProperty(window, name, { value: undefined })
}
for (const name of ['serviceWorker', 'locks']) {
  Object.defineProperty(Navigator.prototype, name, { value: undefined })
}
"""
# Each size until no more of it fits in.
FULL = """
() => {
  for (let size = 1 << 22; size >= 1; size >>= 1) {
    try {
      for (let number = 0; ; number++) localStorage.setItem(`other.${size}.${number}`, 'x'.repeat(size))
    } catch {}
  }
}
"""


@pytest.mark.parametrize(
    "name, script", [("Clean room", FORBIDDEN), ("Bare room", MISSING)], ids=["forbidden", "missing"]
)
def test_a_browser_that_keeps_nothing_shows_chatr_and_says_once_what_does_not_last(
    arrive: Arrive, name: str, script: str
) -> None:
    ada = arrive()
    ada.page.context.add_init_script(script)
    ada.join_as_guest("Ada")
    ada.create_chat(name)
    expect(ada.say("spotless")).to_have_attribute("data-status", "saved")
    expect(ada.part("toast")).to_have_count(0)
    ada.part("composer").fill("half a thought")
    expect(ada.part("toast").filter(has_text="store anything")).to_have_count(1)
    ada.part("toast").get_by_role("button").click()
    ada.part("profile-menu").click()
    ada.part("theme-dark").click()
    ada.part("notifications").click()
    expect(ada.page.locator("html")).to_have_attribute("data-theme", "dark")
    ada.page.keyboard.press("Escape")
    grace = arrive("Grace")
    grace.open(name)
    grace.say("hello, Ada")
    expect(ada.message("hello, Ada")).to_be_visible()
    expect(ada.part("toast").filter(has_text="store anything")).to_have_count(0)
    expect(ada.part("composer")).to_have_value("half a thought")


def test_a_full_browser_says_so_and_goes_on(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Attic")
    ada.page.evaluate(FULL)
    ada.part("composer").fill("no room for this " * 100)
    expect(ada.part("toast").filter(has_text="no room left")).to_be_visible()
    ada.part("send").click()
    expect(ada.part("message").last).to_have_attribute("data-status", "saved")


def test_tabs_follow_each_other_in_what_is_chosen_and_what_is_typed(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Twins")
    other = Visitor(ada.page.context.new_page(), ada.url, ada.problems)
    other.page.goto(ada.page.url)
    expect(other.part("composer")).to_be_visible()
    ada.part("profile-menu").click()
    ada.part("theme-dark").click()
    ada.part("language-de").click()
    expect(other.page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(other.part("new-chat").first).to_have_text("Neuer Chat")
    other.part("profile-menu").click()
    other.part("sound").click()
    expect(ada.part("sound")).to_have_attribute("data-state", "checked")
    expect(other.part("theme-dark")).to_have_attribute("data-state", "checked")
    ada.page.keyboard.press("Escape")
    other.page.keyboard.press("Escape")
    ada.part("composer").press_sequentially("written here")
    expect(other.part("composer")).to_have_value("written here")
    other.part("composer").press_sequentially(" and there")
    expect(ada.part("composer")).to_have_value("written here and there")
    other.part("send").click()
    expect(ada.part("composer")).to_have_value("")
    expect(ada.message("written here and there")).to_have_count(1)
    ada.part("composer").press_sequentially("thought better of")
    expect(other.part("composer")).to_have_value("thought better of")
    ada.part("composer").fill("")
    expect(other.part("composer")).to_have_value("")
