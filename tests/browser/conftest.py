"""Fixtures: a real browser, a real stack, and people who use it."""

import itertools
import os
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypedDict, Unpack, cast

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.browser.chromium import NAMES, QUICKER, chromium
from tests.running import PATIENCE
from tests.stack import ROOT, Stack, started

if TYPE_CHECKING:
    from playwright._impl._api_structures import SetCookieParam

# All have the same length, so that no name is part of another.
NUMBERS = itertools.count(1001)
RESULTS = ROOT / "test-results"
# Whether a phase of a test has failed, so that a picture of what its visitors saw is kept.
FAILED = pytest.StashKey[bool]()
# The host name under which a test deploys the site. Cookies have a domain there.
DEPLOYED = "chatr.example"
# Another site, whose host name resolves to this machine.
OTHER_SITE = "site.example"
# Turns off the browser's own update checks and network requests.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {DEPLOYED} 127.0.0.1,MAP {OTHER_SITE} 127.0.0.1",
]
OFFLINE = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch dynamically imported module")
UNTIL = """
async (predicate, arg, patience) => {
  const end = performance.now() + patience
  while (performance.now() < end) {
    if (await predicate(arg)) return true
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return false
}
"""
expect.set_options(timeout=10_000 * PATIENCE)


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with started(tmp_path_factory.mktemp("chatr")) as running_stack:
        yield running_stack


@pytest.fixture
def stack(shared_stack: Stack) -> Iterator[Stack]:
    """Empty for each test. Whoever was online in the test before may still be reported to have gone offline."""
    yield shared_stack
    shared_stack.empty()


def launched(playwright: Playwright, *names: str) -> Browser:
    """A headless browser."""
    # Chromium's sandbox refuses to run as root, as in containers.
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    return playwright.chromium.launch(executable_path=chromium(names), args=[*FLAGS, *sandbox])


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    running = launched(driver, QUICKER, *NAMES)
    yield running
    running.close()


@pytest.fixture(scope="module")
def whole_browser(driver: Playwright) -> Iterator[Browser]:
    """A browser that also shows system notifications."""
    running = launched(driver, *NAMES)
    yield running
    running.close()


@dataclass
class Visitor:
    """A person with their own browser context, and what they do. All problems of the page are recorded."""

    page: Page
    url: str
    problems: list[str]
    name: str = ""
    meant: tuple[str, ...] = ()

    def part(self, name: str) -> Locator:
        return self.page.get_by_test_id(name)

    def accept(self, *parts: str) -> None:
        """Expects console errors that contain these texts, because the test causes them; they may come late."""
        self.meant += parts

    def unmeant_problems(self) -> list[str]:
        return [problem for problem in self.problems if not any(part in problem for part in self.meant)]

    def enter(self, name: str) -> None:
        """Signs in as a guest over HTTP, as ``name`` and a unique number, and opens the lobby."""
        self.name = f"{name} {next(NUMBERS)}"
        signed_in = self.page.context.request.post(f"{self.url}/api/guest", data={"userName": self.name})
        assert signed_in.ok, signed_in.text()
        self.page.goto(self.url)
        expect(self.part("user-list")).to_contain_text(self.name)

    def join_as_guest(self, name: str) -> None:
        """Signs in as a guest on the sign-in page, as ``name`` and a unique number."""
        self.name = f"{name} {next(NUMBERS)}"
        self.page.goto(self.url)
        self.part("guest-name").fill(self.name)
        self.part("guest-join").click()
        expect(self.part("user-list")).to_contain_text(self.name)

    def sign_out(self, asked: bool = True) -> None:
        """Signs out. Guests, and others who would lose something, have to confirm it."""
        # The connection of a guest ends before the answer, so that the page may have asked for another one.
        self.accept("401")
        self.part("sign-out").first.click()
        if asked:
            self.part("sign-out-confirm").click()

    def create_chat(self, name: str, moderated: bool = False) -> str:
        self.part("new-chat").first.click()
        self.part("new-chat-name").fill(name)
        self.part("new-chat-moderated").set_checked(moderated)
        self.part("new-chat-create").click()
        chat_id = str(self.chat(name).get_attribute("data-chat-id"))
        # Until then the previous chat is still visible.
        expect(self.page).to_have_url(re.compile(chat_id))
        expect(self.part("composer")).to_be_visible()
        return chat_id

    def chat(self, name: str) -> Locator:
        return self.part("chat-item").filter(has_text=name)

    def user(self, other: "Visitor") -> Locator:
        return self.part("user-item").filter(has_text=other.name)

    def open(self, name: str) -> None:
        self.chat(name).click()
        expect(self.part("composer")).to_be_visible()

    def say(self, text: str) -> Locator:
        self.part("composer").fill(text)
        self.part("send").click()
        return self.message(text)

    def eventually(self, predicate: str, arg: object) -> None:
        """Waits until an async function in the page returns true; `wait_for_function` treats any promise as true."""
        answer = self.page.evaluate(
            f"([arg, patience]) => ({UNTIL})({predicate}, arg, patience)", [arg, 10_000 * PATIENCE]
        )
        assert answer, f"never so with {arg}: {predicate}"

    def message(self, text: str) -> Locator:
        return self.part("message").filter(has=self.page.get_by_test_id("message-text").get_by_text(text, exact=True))


Scheme = Literal["dark", "light"]


class Screen(TypedDict, total=False):
    """What may be unusual about somebody's browser, as Playwright names it."""

    viewport: ViewportSize
    is_mobile: bool
    has_touch: bool
    locale: str
    color_scheme: Scheme
    forced_colors: Literal["active"]
    reduced_motion: Literal["reduce", "no-preference"]
    ignore_https_errors: bool


class Arrive(Protocol):
    """Somebody in a browser of their own, on the page; with a name they are signed in as a guest."""

    def __call__(self, name: str | None = None, at: Stack = ..., **screen: Unpack[Screen]) -> Visitor: ...


@pytest.fixture
def arrive(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Arrive]:
    """Opens a browser context for a person; at the end no page may have reported a problem."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def new(name: str | None = None, at: Stack = stack, **screen: Unpack[Screen]) -> Visitor:
        context = browser.new_context(**screen)
        contexts.append(context)
        visitor = watch(context.new_page(), at.url)
        visitors.append(visitor)
        if name:
            visitor.enter(name)
        return visitor

    yield new
    failed = request.node.stash.get(FAILED, False)
    for number, visitor in enumerate(visitors):
        if failed and not visitor.page.is_closed():
            RESULTS.mkdir(exist_ok=True)
            visitor.page.screenshot(path=RESULTS / f"{request.node.name}-{number}.png")
    for context in contexts:
        context.close()
    assert [problem for visitor in visitors for problem in visitor.unmeant_problems()] == []


def watch(page: Page, url: str) -> Visitor:
    """Collects console errors and page errors."""
    visitor = Visitor(page, url, [])
    page.on("pageerror", lambda error: visitor.problems.append(f"uncaught: {error}"))

    def report(message: ConsoleMessage) -> None:
        if is_problem(message):
            visitor.problems.append(message.text)

    page.on("console", report)
    return visitor


def copy_cookies(source: BrowserContext, target: BrowserContext, path: str = "") -> None:
    """Signs the person of ``source`` in at ``target`` too, which is another browser or device."""
    # Playwright has different types for cookies that it returns and accepts.
    target.add_cookies(
        [cast("SetCookieParam", {**cookie, "path": path or cookie["path"]}) for cookie in source.cookies()]
    )


def is_problem(message: ConsoleMessage) -> bool:
    """Whether it is an error, other than the response that tells the page that nobody is signed in."""
    return message.type == "error" and not message.location["url"].endswith("/api/me")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def pictures() -> Path:
    folder = RESULTS / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
