"""Hides a page, and records what it announces while hidden."""

from tests.browser.conftest import Visitor

# A page that a test can hide. Its sounds and notifications are recorded together with those of the person's other tabs.
WATCHED = """
Object.defineProperty(document, 'hidden', { get: () => window.away === true })
// Each under a key of its own: tabs that write the same one at the same time lose what the other wrote.
const keep = (where, what) => localStorage.setItem(`${where} ${Date.now()} ${Math.random()}`, what)
const { showNotification } = ServiceWorkerRegistration.prototype
ServiceWorkerRegistration.prototype.showNotification = function (title, options) {
  keep('told', options.body)
  return showNotification.call(this, title, options)
}
window.AudioContext = class extends AudioContext {
  constructor() {
    super()
    keep('chimes', 'chime')
  }
}
"""


def go_away(visitor: Visitor, away: bool = True) -> None:
    visitor.page.evaluate("away => { window.away = away; document.dispatchEvent(new Event('visibilitychange')) }", away)
