"""Conveniences of a chat: messages appear at once, are grouped, and are announced discreetly."""

import re
from datetime import datetime, timedelta
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Visitor
from tests.browser.histories import fill, keep
from tests.browser.wire import Wire
from tests.stack import Stack

STARTS = re.compile("message--starts")
SAVED = ("data-status", "saved")

# Records what the list announces to screen readers when a message is added.
NOTE_ANNOUNCED = """
list => {
  window.announced = []
  new MutationObserver(changes => {
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter(node => node.dataset?.messageId)
    window.announced.push(...added.map(() => list.ariaLive))
  }).observe(list, { childList: true, subtree: true })
}
"""
# Records everything that moves for a while.
NOTE_MOTION = """
window.moved = []
addEventListener('transitionrun', ({ propertyName }) => moved.push(propertyName), true)
addEventListener('animationstart', ({ target, animationName, pseudoElement }) => {
  if (getComputedStyle(target, pseudoElement || null).animationDuration !== '0s') moved.push(animationName)
}, true)
"""
NOTE_GOING = """
(list, id) => {
  window.went = 0
  new MutationObserver(changes => {
    const removed = changes.flatMap(({ removedNodes }) => [...removedNodes])
    window.went += removed.filter(node => node.outerHTML?.includes(id)).length
  }).observe(list, { childList: true, subtree: true })
}
"""


def on_a_wire(arrive: Arrive, name: str) -> tuple[Visitor, Wire]:
    visitor = arrive()
    wire = Wire(visitor.page)
    visitor.join_as_guest(name)
    return visitor, wire


def test_a_message_is_shown_before_anybody_has_it_and_says_how_far_it_has_come(arrive: Arrive) -> None:
    (ada, wire), grace = on_a_wire(arrive, "Ada"), arrive("Grace")
    ada.create_chat("On the way")
    grace.open("On the way")
    wire.held = {"sendToGroup", "saveMessage"}
    sent = ada.say("first")
    expect(sent).to_have_attribute("data-status", "sending")
    expect(ada.part("composer")).to_have_value("")
    expect(ada.part("composer")).to_be_focused()
    wire.release()
    expect(sent).to_have_attribute(*SAVED)
    wire.held = {"saveMessage"}
    sent = ada.say("second")
    expect(sent).to_have_attribute("data-status", "delivered")
    expect(grace.message("second")).to_be_visible()
    wire.release()
    expect(sent).to_have_attribute(*SAVED)


def test_a_message_that_could_not_be_sent_is_marked_and_sent_again_once(arrive: Arrive) -> None:
    (ada, wire), grace = on_a_wire(arrive, "Ada"), arrive("Grace")
    ada.create_chat("Second try")
    grace.open("Second try")
    wire.held = {"sendToGroup", "saveMessage"}
    sent = ada.say("Do you hear me?")
    expect(sent).to_have_attribute("data-status", "sending")
    wire.refuse()
    expect(sent).to_have_attribute("data-status", "failed")
    expect(sent).to_contain_text("This message wasn't sent.")
    expect(ada.say("And now?")).to_have_attribute(*SAVED)
    sent.get_by_role("button", name="Try again").click()
    expect(sent).to_have_attribute(*SAVED)
    expect(grace.message("Do you hear me?")).to_be_visible()
    for visitor in (ada, grace):
        visitor.page.reload()
        expect(visitor.part("message-text")).to_have_text(["And now?", "Do you hear me?"])


def test_messages_of_one_author_within_five_minutes_are_a_group_and_days_have_a_line(
    arrive: Arrive, stack: Stack
) -> None:
    ada = arrive("Ada")
    chat_id = ada.create_chat("Yesterday and today")
    noon = datetime.now().astimezone().replace(hour=12, minute=0, second=0) - timedelta(days=1)
    said = [("scribe", "begins", 0), ("scribe", "goes on", 4), ("scribe", "begins again", 10), ("other", "another", 11)]
    keep(
        stack,
        chat_id,
        [(who, text, int((noon + timedelta(minutes=after)).timestamp() * 1e6)) for who, text, after in said],
    )
    ada.page.reload()
    ada.say("today")
    for text, begins in [("begins", True), ("goes on", False), ("begins again", True), ("another", True)]:
        message = ada.message(text)
        if begins:
            expect(message).to_have_class(STARTS)
        else:
            expect(message).not_to_have_class(STARTS)
    # The time is shown at the end of a group.
    expect(ada.message("begins").locator("time")).to_have_count(0)
    expect(ada.message("goes on").locator("time")).to_be_visible()
    expect(ada.part("message-list").locator(".list__day")).to_have_text(["Yesterday", "Today"])


def test_who_stops_typing_is_not_shown_typing_after_five_seconds(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Second thoughts")
    grace.open("Second thoughts")
    ada.part("composer").press_sequentially("Hm")
    expect(grace.part("typing")).to_contain_text(ada.name)
    expect(grace.part("typing")).to_have_count(0)
    expect(grace.part("message")).to_have_count(0)


def test_a_second_tab_a_hidden_tab_and_a_reload_are_no_coming_and_going(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Steady people")
    grace.open("Steady people")
    expect(ada.part("toast")).to_have_count(0)
    ada.part("user-list").evaluate(NOTE_GOING, ada.user(grace).get_attribute("data-user-id"))
    second = Visitor(grace.page.context.new_page(), grace.url, grace.problems)
    second.page.goto(grace.url)
    expect(second.part("user-list")).to_contain_text(grace.name)
    second.page.bring_to_front()
    second.page.close()
    grace.page.reload()
    expect(grace.say("back again")).to_have_attribute(*SAVED)
    expect(ada.message("back again")).to_be_visible()
    expect(ada.user(grace)).to_have_attribute("data-idle", "false")
    expect(ada.part("toast")).to_have_count(0)
    assert ada.page.evaluate("window.went") == 0


def test_screen_readers_are_told_of_a_new_message_and_of_a_notice_but_not_of_history(
    arrive: Arrive, stack: Stack
) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    fill(stack, ada.create_chat("Aloud"), "scribe")
    grace.open("Aloud")
    expect(grace.part("message")).to_have_count(50)
    messages = grace.part("message-list")
    expect(messages).to_have_role("log")
    messages.evaluate(NOTE_ANNOUNCED)
    ada.say("news")
    expect(grace.message("news")).to_be_visible()
    assert grace.page.evaluate("window.announced") == ["polite"]
    messages.evaluate("list => list.scrollTo(0, 0)")
    expect(grace.part("message")).to_have_count(101)
    assert set(grace.page.evaluate("window.announced.slice(1)")) == {"off"}
    linus = arrive("Linus")
    told = grace.page.locator("[role=alert], [role=status]").filter(has_text=f"{linus.name} is online")
    expect(told.first).to_be_attached()


def wander(ada: Visitor, grace: Visitor, room: str) -> None:
    """Covers what may move: a dialog, a menu, the typing indicator, a notice, a jump to a message."""
    ada.create_chat(room)
    grace.open(room)
    asked = ada.say("asked")
    expect(asked).to_have_attribute(*SAVED)
    ada.part("profile-menu").click()
    expect(ada.page.get_by_role("menu")).to_be_visible()
    ada.page.keyboard.press("Escape")
    grace.part("composer").press_sequentially("Hm")
    expect(ada.part("typing")).to_be_visible()
    asked.focus()
    asked.get_by_test_id("message-menu").click()
    ada.part("menu-reply").click()
    ada.say("answered").get_by_test_id("quoted").click()
    expect(asked).to_be_focused()
    ada.part("new-chat").first.hover()


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
def test_nothing_moves_for_whoever_wishes_so(arrive: Arrive, wish: Literal["reduce", "no-preference"]) -> None:
    ada, grace = arrive(reduced_motion=wish), arrive("Grace")
    ada.page.add_init_script(NOTE_MOTION)
    ada.join_as_guest("Ada")
    wander(ada, grace, f"Motion {wish}")
    moved = ada.page.evaluate("window.moved")
    assert bool(moved) == (wish == "no-preference"), moved


def test_a_long_text_that_is_pasted_is_there_as_a_whole_and_leaves_the_messages_in_sight(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.create_chat("Pasted")
    ada.say("before")
    text = "\n".join(f"{number}: {'word ' * 8}end" for number in range(70))
    ada.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    ada.part("composer").press("Control+v")
    expect(ada.part("composer")).to_have_value(text)
    assert ada.part("composer").evaluate("area => area.clientHeight < innerHeight / 2")
    expect(ada.message("before")).to_be_in_viewport()
    ada.part("composer").press("Enter")
    expect(ada.part("message-text").last).to_have_text(text, use_inner_text=True)
    expect(ada.part("message").last).to_have_attribute(*SAVED)
    assert ada.part("composer").evaluate("area => area.clientHeight < 60")
