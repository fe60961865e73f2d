"""Takes pictures of a chat with everything in it, of what opens on a message, and of a page with problems."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OFFLINE, Arrive, Scheme, Visitor, copy_cookies
from tests.browser.held_answers import FORGET_CHATS, HELD_ANSWERS
from tests.browser.histories import keep
from tests.browser.pictures import LOOKS, SIZES, join, take
from tests.browser.talk import open_menu, saved
from tests.browser.wire import Wire
from tests.stack import Stack, started

CODE = """Then it is one command:

```sh
make run ARGS="--app-port 5000"
```"""
NEWS = ["Slides are in the folder.", "Who has the adapter?", "Found it, under the coffee.", "See you at noon 🎉"]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own, so that nobody else is in the pictures."""
    with started(tmp_path_factory.mktemp("talk")) as stack:
        yield stack


def id_of(person: Visitor) -> str:
    return str(person.user(person).get_attribute("data-user-id"))


def yesterday(minutes: int) -> int:
    evening = datetime.now().astimezone().replace(hour=17, minute=20, second=0) - timedelta(days=1)
    return int((evening + timedelta(minutes=minutes)).timestamp() * 1e6)


def talk(ada: Visitor, grace: Visitor, linus: Visitor, stack: Stack) -> str:
    """All kinds of messages, from yesterday on; returns the chat's id."""
    chat_id = ada.create_chat("Launch")
    for other in (grace, linus):
        other.open("Launch")
    told = [
        (id_of(grace), "The build is green. **Shall we show it tomorrow?**", yesterday(0)),
        (id_of(grace), "Notes: https://example.org/launch/notes", yesterday(1)),
        (id_of(linus), "Yes. Three things are left:\n\n- the slides\n- coffee\n- a *working* projector", yesterday(4)),
    ]
    keep(stack, chat_id, told)
    for person in (ada, grace, linus):
        person.page.reload()
        expect(person.part("message")).to_have_count(len(told))
    saved(ada, "I will look after the coffee.")
    grace.message("I will look after the coffee.").hover()
    open_menu(grace.message("I will look after the coffee."))
    grace.part("quick-reaction").first.click()
    expect(grace.part("reaction")).to_be_visible()
    open_menu(linus.message("I will look after the coffee."))
    linus.part("menu-reply").click()
    saved(linus, "For me without milk.")
    saved(grace, f"@{ada.name} how does one start it again?")
    ada.part("composer").fill(CODE)
    ada.part("send").click()
    expect(grace.part("message").filter(has_text="make run")).to_be_visible()
    saved(linus, "Shorter than I remembred.")
    open_menu(linus.message("Shorter than I remembred."))
    linus.part("menu-edit").click()
    linus.part("composer").fill("Shorter than I remembered.")
    linus.part("send").click()
    expect(ada.part("message-edited")).to_be_visible()
    expect(ada.part("message").last).to_have_attribute("data-status", "saved")
    return chat_id


def viewer_of(person: Visitor, arrive: Arrive, stack: Stack, size: str, scheme: Scheme) -> tuple[Visitor, Wire]:
    """The same person in another browser, which has not loaded a page yet."""
    viewer = arrive(at=stack, viewport=SIZES[size], color_scheme=scheme)
    wire = Wire(viewer.page)
    copy_cookies(person.page.context, viewer.page.context)
    return viewer, wire


def test_a_chat_with_everything_in_it(arrive: Arrive, quiet: Stack, pictures: Path) -> None:
    ada, grace, linus = (join(arrive(at=quiet), name) for name in ("Ada", "Grace", "Linus"))
    chat_id = talk(ada, grace, linus, quiet)
    # Whoever sees a chat has read it.
    ada.page.goto("about:blank")
    for (size, scheme), news in zip(LOOKS, NEWS, strict=False):
        name = f"{size}-{scheme}"
        saved(grace, news)
        viewer, wire = viewer_of(ada, arrive, quiet, size, scheme)
        viewer.page.goto(f"{quiet.url}/chat/{chat_id}")
        expect(viewer.part("new-divider")).to_be_visible()
        # Who answers has read it: the line goes with the first word.
        take(viewer, pictures / f"new-{name}.png")
        wire.held = {"sendToGroup", "saveMessage"}
        said = viewer.say("I have one in my bag.")
        expect(said).to_have_attribute("data-status", "sending")
        wire.refuse()
        expect(said).to_have_attribute("data-status", "failed")
        expect(viewer.part("toast")).to_have_count(0, timeout=30_000)
        grace.part("composer").press_sequentially("On")
        expect(viewer.part("typing")).to_be_visible()
        viewer.page.screenshot(path=pictures / f"talk-{name}.png", animations="disabled")
        take_upon_a_message(viewer, pictures, name)
        viewer.page.close()


def take_upon_a_message(viewer: Visitor, pictures: Path, name: str) -> None:
    message = viewer.part("message").filter(has_text="Shorter than")
    open_menu(message)
    expect(viewer.part("menu-reply")).to_be_visible()
    take(viewer, pictures / f"message-menu-{name}.png")
    viewer.part("menu-react").click()
    expect(viewer.part("emoji").first).to_be_visible()
    take(viewer, pictures / f"emoji-{name}.png")
    viewer.page.keyboard.press("Escape")
    viewer.part("message-list").evaluate("list => list.scrollTo(0, 0)")
    take(viewer, pictures / f"talk-above-{name}.png")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_when_something_is_wrong(arrive: Arrive, quiet: Stack, pictures: Path, size: str, scheme: Scheme) -> None:
    name = f"{size}-{scheme}"
    owner = join(arrive(at=quiet), f"Lin {name}")
    chat = owner.url + "/chat/" + owner.create_chat(f"Station {name}")
    saved(owner, "Sensor 4 has not said a word since Tuesday.")
    viewer, _ = viewer_of(owner, arrive, quiet, size, scheme)
    viewer.page.goto(f"{quiet.url}/chat/{uuid.uuid4()}")
    expect(viewer.page.get_by_role("heading", level=1)).to_be_visible()
    take(viewer, pictures / f"chat-gone-{name}.png")
    viewer.page.goto(chat)
    expect(viewer.part("message")).to_be_visible()
    viewer.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    viewer.page.reload()
    expect(viewer.part("message")).to_be_visible()
    viewer.accept(*OFFLINE, "404 (Not Found)", "503 (Service Unavailable)")
    viewer.page.context.set_offline(True)
    expect(viewer.part("connection-banner")).to_be_visible(timeout=30_000)
    take(viewer, pictures / f"banner-{name}.png")
    viewer.page.goto(chat)
    expect(viewer.page.get_by_role("heading")).to_have_text("You are offline")
    take(viewer, pictures / f"offline-{name}.png")
    viewer.page.context.set_offline(False)
    viewer.page.route("**/api/me", lambda route: route.fulfill(status=503, json={}))
    viewer.page.goto(chat)
    expect(viewer.page.get_by_role("alert")).to_be_visible()
    take(viewer, pictures / f"backend-away-{name}.png")
    viewer.page.unroute("**/api/me")
    viewer.page.add_init_script(HELD_ANSWERS)
    viewer.page.add_init_script(FORGET_CHATS)
    viewer.page.goto(viewer.url if size == "narrow" else chat)
    expect(viewer.page.get_by_role("status", name="Loading chats and people")).to_be_visible()
    take(viewer, pictures / f"loading-{name}.png")
    viewer.page.close()
