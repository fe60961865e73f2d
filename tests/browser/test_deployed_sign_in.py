"""Guests and others sign in and out over https, behind a front end that treats cookies like Static Web Apps."""

import re
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DEPLOYED, Arrive, Visitor, copy_cookies
from tests.running import running
from tests.stack import ROOT, Stack, started

Come = Callable[[], Visitor]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    # Host names of the site and its backend, as with Static Web Apps: neither is this machine's.
    names = {"CHATR_ALLOWED_HOSTS": f"{DEPLOYED},backend.example"}
    with started(tmp_path_factory.mktemp("chatr"), names) as running_stack:
        yield running_stack


@pytest.fixture(scope="module")
def site(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("front")
    command = [sys.executable, "-m", "tests.azure_front", stack.url, str(stack.ports.functions), DEPLOYED, str(folder)]
    with running(command, cwd=ROOT) as front:
        yield front.wait_until(lambda output: re.search(r"^https://\S+$", output, re.MULTILINE))[0]


@pytest.fixture
def come(arrive: Arrive, site: str) -> Come:
    def new() -> Visitor:
        visitor = arrive(ignore_https_errors=True)
        visitor.url = site
        # Chromium does not load a service worker over a self-signed certificate.
        visitor.accept("ServiceWorker", "SSL certificate error")
        return visitor

    return new


def test_a_guest_signs_in_reloads_and_is_who_they_were_in_every_tab(come: Come) -> None:
    ada = come()
    ada.join_as_guest("Ada")
    ada.create_chat("Deployed")
    expect(ada.say("over https")).to_have_attribute("data-status", "saved")
    ada.page.reload()
    expect(ada.part("user-list")).to_contain_text(ada.name)
    tab = ada.page.context.new_page()
    tab.goto(ada.url)
    expect(tab.get_by_test_id("user-list")).to_contain_text(ada.name)
    [cookie] = ada.page.context.cookies()
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")


def test_who_signs_out_stays_so_and_may_come_back_as_somebody_else(come: Come) -> None:
    ada = come()
    ada.join_as_guest("Ada")
    ada.sign_out()
    expect(ada.part("guest-name")).to_be_visible()
    ada.page.reload()
    expect(ada.part("guest-name")).to_be_visible()
    first = ada.name
    ada.join_as_guest("Grace")
    expect(ada.part("user-list")).to_contain_text(ada.name)
    assert first != ada.name
    ada.page.reload()
    expect(ada.part("user-list")).to_contain_text(ada.name)


def test_signing_out_in_one_tab_signs_out_the_other(come: Come) -> None:
    ada = come()
    ada.join_as_guest("Ada")
    tab = Visitor(ada.page.context.new_page(), ada.url, [])
    tab.page.goto(ada.url)
    expect(tab.part("user-list")).to_contain_text(ada.name)
    ada.sign_out()
    expect(tab.part("guest-name")).to_be_visible()


def test_a_provider_may_take_the_place_of_a_guest(come: Come) -> None:
    visitor = come()
    visitor.join_as_guest("Ada")
    visitor.page.goto(f"{visitor.url}/.auth/login/github")
    expect(visitor.page.locator("#userId")).not_to_have_value("")
    visitor.page.locator("#userDetails").fill("Hedy")
    visitor.page.locator("#submit").click()
    expect(visitor.part("user-list")).to_contain_text("Hedy")


def test_a_browser_that_keeps_no_cookie_is_told_so_and_may_try_again(come: Come) -> None:
    ada = come()
    ada.page.route("**/api/guest", lambda route: route.fulfill(json={"userId": "guest_1", "userName": "Ada"}))
    ada.page.goto(ada.url)
    ada.part("guest-name").fill("Ada")
    ada.part("guest-join").click()
    expect(ada.page.get_by_role("alert")).to_contain_text("Allow cookies for this site")
    ada.page.unroute("**/api/guest")
    ada.part("guest-join").click()
    expect(ada.part("user-list")).to_contain_text("Ada")


def test_a_guest_whom_a_neighbour_adds_is_told_and_never_spoken_for(come: Come, site: str) -> None:
    ada, mallory = come(), come()
    mallory.join_as_guest("Mallory")
    ada.join_as_guest("Ada")
    copy_cookies(mallory.page.context, ada.page.context, path="/api")
    ada.page.reload()
    expect(ada.part("guest-name")).to_be_visible()
    ada.part("guest-name").fill("Ada")
    ada.part("guest-join").click()
    expect(ada.page.get_by_role("alert")).to_contain_text("clear its old ones")
