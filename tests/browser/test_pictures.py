"""Takes screenshots of all states of the page into ``test-results/screenshots``, in one look (size and theme).

``make screenshots`` takes all four looks, and copies the best ones for the README. The tests assert the content of the
pictures; how they look is for people to judge.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Scheme, Visitor, copy_cookies
from tests.browser.groups import create_group, invite_link
from tests.browser.pictures import LOOKS, SIZES, join, take
from tests.stack import Stack, started

TALK = [
    ("Grace", "Good morning! Did the new build go out?"),
    ("Ada", "It did, at six. Forty seconds from commit to production."),
    ("Ada", "And the history survives a restart now, so you can read what you missed."),
    ("Linus", "Nice. I left it running over night and closed the lid twice: nothing lost."),
    ("Grace", "Then let us show it at noon.\nI will bring the slides, somebody else the coffee?"),
    ("Ada", "Coffee is on me ☕"),
]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own, so that nobody else is in the pictures."""
    with started(tmp_path_factory.mktemp("pictures")) as stack:
        yield stack


def viewers_of(person: Visitor, arrive: Arrive, stack: Stack) -> Iterator[tuple[str, Visitor]]:
    """The same person in a browser for each look, with the suffix of the look's pictures."""
    for size, scheme in LOOKS:
        viewer = arrive(at=stack, viewport=SIZES[size], color_scheme=scheme)
        copy_cookies(person.page.context, viewer.page.context)
        viewer.page.goto(viewer.url)
        expect(viewer.part("chat-item").first).to_be_visible()
        yield f"{size}-{scheme}", viewer


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_signing_in_and_an_empty_lobby(
    arrive: Arrive, tmp_path: Path, pictures: Path, size: str, scheme: Scheme
) -> None:
    with started(tmp_path) as empty:
        visitor = arrive(at=empty, viewport=SIZES[size], color_scheme=scheme)
        visitor.page.goto(visitor.url)
        expect(visitor.part("guest-name")).to_be_visible()
        take(visitor, pictures / f"sign-in-{size}-{scheme}.png")
        join(visitor, "Ada")
        expect(visitor.part("chat-list")).to_contain_text("No chats yet.")
        take(visitor, pictures / f"lobby-empty-{size}-{scheme}.png")
        visitor.page.close()


def test_a_busy_team(arrive: Arrive, quiet: Stack, pictures: Path) -> None:
    people = {name: join(arrive(at=quiet), name) for name in ("Grace", "Linus", "Katherine", "Ada")}
    people["Grace"].create_chat("Release")
    people["Grace"].create_chat("Coffee corner")
    people["Linus"].create_chat("Kernel talk")
    people["Katherine"].create_chat("Orbits and other curves with a rather long name")
    for name in ("Grace", "Linus", "Ada"):
        people[name].open("Release")
    for number, (name, text) in enumerate(TALK, 1):
        people[name].say(text)
        for reader in ("Grace", "Linus", "Ada"):
            expect(people[reader].part("message-text")).to_have_count(number)
    people["Grace"].part("composer").press_sequentially("On my w")
    for name, viewer in viewers_of(people["Ada"], arrive, quiet):
        take(viewer, pictures / f"lobby-{name}.png")
        viewer.part("new-chat").first.click()
        expect(viewer.part("new-chat-name")).to_be_visible()
        take(viewer, pictures / f"new-chat-{name}.png")
        viewer.page.keyboard.press("Escape")
        # What she has read on the other device is told a moment later.
        expect(viewer.chat("Release").get_by_test_id("unread")).to_have_count(0)
        viewer.open("Release")
        expect(viewer.part("message-text")).to_have_count(len(TALK))
        take(viewer, pictures / f"chat-{name}.png")
        viewer.page.get_by_role("button", name=re.compile(r"^\d+ members?$")).click()
        expect(viewer.part("member").filter(has_text="Linus")).to_be_visible()
        take(viewer, pictures / f"members-{name}.png")


def test_a_private_chat_and_a_question(arrive: Arrive, quiet: Stack, pictures: Path) -> None:
    hedy, george = join(arrive(at=quiet), "Hedy"), join(arrive(at=quiet), "George")
    george.create_chat("Antheil and friends")
    george.user(hedy).click()
    george.page.wait_for_url("**/chat/private_*")
    george.say("Which frequency shall we hop to next?")
    hedy.open("George")
    hedy.say("Any of the 88. That is the point.")
    expect(george.part("message-text")).to_have_count(2)
    for name, viewer in viewers_of(george, arrive, quiet):
        viewer.chat("Antheil").get_by_test_id("chat-delete").or_(viewer.part("chat-delete")).first.click()
        expect(viewer.page.get_by_role("alertdialog")).to_be_visible()
        take(viewer, pictures / f"delete-{name}.png")
        viewer.page.keyboard.press("Escape")
        viewer.open("Hedy")
        expect(viewer.part("message-text")).to_have_count(2)
        take(viewer, pictures / f"private-{name}.png")


def test_what_opens_around_a_chat(arrive: Arrive, quiet: Stack, pictures: Path) -> None:
    ada, grace = join(arrive(at=quiet), "Ada B."), join(arrive(at=quiet), "Grace H.")
    create_group(ada, "Planning")
    grace.page.goto(invite_link(ada))
    expect(grace.part("composer")).to_be_visible()
    expect(grace.say("The plan for the launch is on the wall.")).to_have_attribute("data-status", "saved")
    grace.page.goto(grace.url)
    for name, viewer in viewers_of(ada, arrive, quiet):
        take_what_opens(viewer, pictures, name)
    ada.page.close()


def take_what_opens(viewer: Visitor, pictures: Path, name: str) -> None:
    """Takes pictures of all menus and dialogs of a chat."""
    viewer.part("profile-menu").click()
    expect(viewer.part("shortcuts-open")).to_be_visible()
    take(viewer, pictures / f"profile-{name}.png")
    viewer.part("shortcuts-open").click()
    expect(viewer.part("shortcuts")).to_be_visible()
    take(viewer, pictures / f"shortcuts-{name}.png")
    viewer.page.keyboard.press("Escape")
    viewer.page.keyboard.press("Control+k")
    expect(viewer.part("switcher")).to_be_visible()
    take(viewer, pictures / f"switcher-{name}.png")
    viewer.page.keyboard.press("Escape")
    viewer.open("Planning")
    viewer.part("chat-menu").click()
    expect(viewer.part("chat-invite")).to_be_visible()
    take(viewer, pictures / f"chat-menu-{name}.png")
    viewer.part("chat-invite").click()
    expect(viewer.part("invite-link")).to_have_value(re.compile("/join/"))
    take(viewer, pictures / f"invite-{name}.png")
    viewer.page.keyboard.press("Escape")
    viewer.page.get_by_role("button", name=re.compile(r"^\d+ members?$")).click()
    expect(viewer.part("member")).to_have_count(2)
    take(viewer, pictures / f"members-group-{name}.png")
    viewer.page.goto(f"{viewer.url}/search?q=launch")
    expect(viewer.part("search-result")).to_be_visible()
    if viewer.part("chat-list").is_visible():
        expect(viewer.part("user-item").first).to_be_visible()
    take(viewer, pictures / f"search-{name}.png")
    viewer.page.goto(f"{viewer.url}/join/nowhere")
    expect(viewer.part("invite-nowhere")).to_be_visible()
    take(viewer, pictures / f"invite-nowhere-{name}.png")
    viewer.page.close()
