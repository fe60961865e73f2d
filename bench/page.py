"""The page in a browser: the cost of scrolling and typing with much data, and how soon a returning user can type."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser.chromium import chromium
from tests.browser.conftest import FLAGS, Visitor, copy_cookies, watch
from tests.browser.plenty import put_plenty
from tests.stack import Stack, started

MESSAGES, CHATS = 5_000, 500
# The number of chats of a typical user.
FEW = 12
ROUNDS = 5
# Chromium's preset "Fast 4G", and a mid-range phone.
FAST_4G = {
    "offline": False,
    "latency": 60,
    "downloadThroughput": 9_000_000 * 0.9 / 8,
    "uploadThroughput": 1_500_000 * 0.9 / 8,
}
PHONE_SLOWDOWN = 4
PHONE: ViewportSize = {"width": 412, "height": 823}
SCROLL = """async ([id, by, until]) => {
  const list = document.querySelector(`[data-testid="${id}"]`)
  const atEnd = () => by < 0 ? list.scrollTop < 2 : list.scrollTop + list.clientHeight > list.scrollHeight - 2
  while (!atEnd() || (until && !document.querySelector(until))) {
    list.scrollBy(0, by * list.clientHeight)
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))
  }
}"""
# Sends a message five times a second.
TALK = """() => {
  window.talking = setInterval(() => {
    document.querySelector('[data-testid="composer"]').focus()
    document.execCommand('insertText', false, '**Again** and again.')
    document.querySelector('[data-testid="send"]').click()
  }, 200)
}"""
# Measures the time from a key to the frame that shows it.
TYPE = """async (keys) => {
  const field = document.querySelector('[data-testid="composer"]')
  const times = []
  for (let key = 0; key < keys; key++) {
    const before = performance.now()
    document.execCommand('insertText', false, 'x')
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))
    times.push(performance.now() - before)
    await new Promise((later) => setTimeout(later, 20))
  }
  field.value = ''
  return times
}"""


def run() -> list[dict[str, object]]:
    """Rows of the table; milliseconds."""
    with TemporaryDirectory(prefix="chatr-bench-") as folder, started(Path(folder)) as stack, browser() as chrome:
        ada = arrive(chrome, stack)
        user_id = str(ada.user(ada).get_attribute("data-user-id"))
        put_plenty(stack, user_id, MESSAGES, FEW)
        ada.page.reload()
        few = returning(chrome, ada, FEW)
        put_plenty(stack, user_id, 1, CHATS - FEW, "Small talk")
        return [*smooth(ada, chrome, stack), *typing(ada), few, returning(chrome, ada, CHATS)]


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, "--no-sandbox"])
        yield launched
        launched.close()


def arrive(chrome: Browser, stack: Stack, name: str = "Ada") -> Visitor:
    visitor = watch(chrome.new_page(), stack.url)
    visitor.join_as_guest(name)
    return visitor


def smooth(ada: Visitor, chrome: Browser, stack: Stack) -> Iterator[dict[str, object]]:
    """The longest task while scrolling, searching and opening with much data."""
    ada.page.reload()
    expect(ada.part("chat-item").first).to_have_attribute("aria-setsize", str(CHATS))
    rooms = ("chat-list", 0.5, ""), ("chat-list", -0.5, "")
    yield row(
        f"{CHATS} chats, scrolled down and up: longest task, processor time", longest(ada, lambda: scroll(ada, *rooms))
    )
    yield row(
        f"{CHATS} chats, narrowed by five letters: longest task, processor time", longest(ada, lambda: narrow(ada))
    )
    yield row(
        f"{MESSAGES} messages, opened: longest task, processor time", longest(ada, lambda: ada.open("Endless talk"))
    )
    expect(ada.part("message").last).to_contain_text(f"{MESSAGES - 1}:")
    history = ("message-list", -0.5, ".top__beginning"), ("message-list", 0.5, "")
    yield row(
        f"{MESSAGES} messages, scrolled up and down: longest task, processor time",
        longest(ada, lambda: scroll(ada, *history)),
    )
    grace = arrive(chrome, stack, "Grace")
    grace.open("Endless talk")
    busy = f"{MESSAGES} messages and five more a second, typing: longest task, processor time"
    yield row(busy, longest(ada, lambda: interrupted(ada, grace)))
    grace.page.close()
    yield row(
        f"{CHATS} chats, from one to the other and back: longest task, processor time",
        longest(ada, lambda: switch(ada)),
    )


def interrupted(ada: Visitor, grace: Visitor) -> None:
    """Ada types while Grace keeps sending messages."""
    grace.page.evaluate(TALK)
    ada.part("composer").press_sequentially("The quick brown fox jumps over the lazy dog.", delay=50)
    ada.part("composer").fill("")
    grace.page.evaluate("clearInterval(window.talking)")


def switch(ada: Visitor) -> None:
    for number in (1, 2, 3, 2, 1):
        ada.part("chat-item").nth(number).get_by_role("link").click()
        expect(ada.part("chat-item").nth(number).get_by_role("link")).to_have_attribute("aria-current", "page")
    ada.open("Endless talk")
    expect(ada.part("message").last).to_be_visible()


def scroll(ada: Visitor, *ways: tuple[str, float, str]) -> None:
    for way in ways:
        ada.page.evaluate(SCROLL, list(way))


def narrow(ada: Visitor) -> None:
    field = ada.part("lobby-search")
    field.press_sequentially("endle", delay=50)
    expect(ada.part("chat-item")).to_have_count(1)
    field.fill("")
    expect(ada.part("chat-item").first).to_have_attribute("aria-setsize", str(CHATS))


def longest(ada: Visitor, deed: Callable[[], object]) -> float:
    """Milliseconds of CPU time, because a task of 5 ms may take 200 ms of wall time on a busy machine."""
    chrome = ada.page.context.browser
    assert chrome is not None
    chrome.start_tracing(page=ada.page, categories=["toplevel"])
    deed()
    ada.page.evaluate("new Promise((idle) => setTimeout(idle, 300))")
    events = json.loads(chrome.stop_tracing())["traceEvents"]
    # The visitor's page is the one with the most tasks; others may be open.
    spent: dict[tuple[int, int], list[float]] = {thread: [] for thread in main_threads(events)}
    for event in events:
        if event["ph"] == "X" and (thread := (event["pid"], event["tid"])) in spent:
            spent[thread].append(event.get("tdur", 0) / 1000)
    busiest: list[float] = max(spent.values(), key=len)
    return max(busiest)


def main_threads(events: Iterable[dict[str, Any]]) -> list[tuple[int, int]]:
    """The process and thread ids of all pages in a trace."""
    named = [event for event in events if event["name"] == "thread_name"]
    return [(one["pid"], one["tid"]) for one in named if one["args"]["name"] == "CrRendererMain"]


def typing(ada: Visitor) -> Iterator[dict[str, object]]:
    """The time from a key to the next frame with all messages loaded, compared with an empty chat."""
    full = keys(ada)
    ada.create_chat("Nothing said yet")
    empty = keys(ada)
    yield row("a key in an empty chat, to the next frame", empty)
    yield row(f"a key beside {MESSAGES} messages, to the next frame", full, ratio=round(full / empty, 2))


def keys(ada: Visitor) -> float:
    ada.part("composer").click()
    times: list[float] = ada.page.evaluate(TYPE, 60)
    return median(times)


def returning(chrome: Browser, ada: Visitor, chats: int) -> dict[str, object]:
    """The time from opening a chat's URL until the composer accepts a letter, on a phone that has visited before."""
    ada.open("Endless talk")
    context = chrome.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    copy_cookies(ada.page.context, context)
    page = context.new_page()
    page.goto(ada.page.url)
    expect(page.get_by_test_id("composer")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    times = [typed(page, ada.page.url) for _ in range(ROUNDS)]
    context.close()
    return row(f"with {chats} chats, back on a phone ({PHONE_SLOWDOWN}x slower, fast 4G), can type", median(times))


def typed(page: Page, url: str) -> float:
    page.goto("about:blank")
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", FAST_4G)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": PHONE_SLOWDOWN})
    before = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.get_by_test_id("composer").press_sequentially("x")
    milliseconds = (time.perf_counter() - before) * 1000
    page.get_by_test_id("composer").fill("")
    tools.detach()
    return milliseconds


def row(what: str, milliseconds: float, **more: object) -> dict[str, object]:
    return {"what": f"{what} (ms)", "chatr": round(milliseconds, 1), **more}


if __name__ == "__main__":
    print(*run(), sep="\n")
